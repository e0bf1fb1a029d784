import { describe, expect, test } from "vitest";
import { kubeletAddress } from "../../src/scrape/address.ts";
import { DEFAULT_KUBELET_FLAGS } from "../../src/scrape/kubelet-flags.ts";
import type { KubeletFlags } from "../../src/scrape/kubelet-flags.ts";
import { aNode } from "./nodes.ts";

const address = (type: string, value: string) => ({ type, address: value });
const ADDRESSES = [
  address("InternalIP", "10.0.0.7"),
  address("Hostname", "node-1"),
  address("InternalIP", "10.0.0.8"),
];
const byIp: Partial<KubeletFlags> = { preferredAddressTypes: ["InternalIP"] };

describe("a kubelet's URL", () => {
  test.each<{ when: string; node?: Parameters<typeof aNode>[0]; flags?: Partial<KubeletFlags>; url: string }>([
    { when: "the flags are the defaults", url: "https://node-1:10250/metrics/resource" },
    { when: "IP addresses are preferred: the first of the type", flags: byIp, url: "https://10.0.0.7:10250/metrics/resource" },
    { when: "the first type is absent", flags: { preferredAddressTypes: ["ExternalIP", "InternalIP"] }, url: "https://10.0.0.7:10250/metrics/resource" },
    { when: "the address is IPv6", flags: byIp, node: { addresses: [address("InternalIP", "fd00::7")] }, url: "https://[fd00::7]:10250/metrics/resource" },
    { when: "another port is given", flags: { ...byIp, port: 4194 }, url: "https://10.0.0.7:4194/metrics/resource" },
    { when: "the node tells a port that is not asked for", flags: byIp, node: { kubeletPort: 10_251 }, url: "https://10.0.0.7:10250/metrics/resource" },
    { when: "the node tells a port that is asked for", flags: { ...byIp, useNodeStatusPort: true }, node: { kubeletPort: 10_251 }, url: "https://10.0.0.7:10251/metrics/resource" },
    { when: "the node tells none although asked", flags: { ...byIp, useNodeStatusPort: true }, url: "https://10.0.0.7:10250/metrics/resource" },
    { when: "the node names a path", flags: byIp, node: { metricsPath: "/metrics/nodes/a/metrics/resource" }, url: "https://10.0.0.7:10250/metrics/nodes/a/metrics/resource" },
    { when: "the path lacks its slash", flags: byIp, node: { metricsPath: "metrics" }, url: "https://10.0.0.7:10250/metrics" },
    { when: "the path would begin a query", flags: byIp, node: { metricsPath: "/a?b=c#d e" }, url: "https://10.0.0.7:10250/a%3Fb=c%23d%20e" },
    { when: "it is completely insecure", flags: { ...byIp, completelyInsecure: true }, url: "http://10.0.0.7:10250/metrics/resource" },
  ])("when $when", ({ node, flags, url }) => {
    const found = kubeletAddress(aNode({ addresses: ADDRESSES, ...node }), { ...DEFAULT_KUBELET_FLAGS, ...flags });
    expect(found.kind === "address" ? found.origin + found.path : found.message).toBe(url);
  }); // prettier-ignore

  test.each([
    { when: "the node has no address", addresses: [] },
    { when: "types are written otherwise", addresses: [address("internalip", "10.0.0.7")] },
    { when: "the address smuggles in a host", addresses: [address("InternalIP", "10.0.0.7@evil.example")] },
    { when: "the address smuggles in a path", addresses: [address("InternalIP", "10.0.0.7/x")] },
    { when: "the address is empty", addresses: [address("InternalIP", "")] },
  ])("is none when $when, and says what to do", ({ addresses }) => {
    const found = kubeletAddress(aNode({ addresses }), { ...DEFAULT_KUBELET_FLAGS, ...byIp });
    expect(found).toEqual({
      kind: "no-address",
      message: expect.stringMatching(/^node node-1 has no usable address of type InternalIP .*--kubelet-preferred-address-types$/),
    });
  }); // prettier-ignore
});
