import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../src/base/units.ts";
import {
  DEFAULT_KUBELET_FLAGS, DEFAULT_RESOLUTION, problemsOfKubeletFlags, warningsOnKubeletFlags,
} from "../../src/scrape/kubelet-flags.ts"; // prettier-ignore
import type { KubeletFlags } from "../../src/scrape/kubelet-flags.ts";

type Case = Readonly<{
  when: string;
  flags?: Partial<KubeletFlags>;
  resolution?: number;
  names: readonly string[];
}>;

const CERTIFICATE = { clientCertificate: "a.crt" };
const KEY = { clientKey: "a.key" };
const CA = { certificateAuthority: "ca.crt" };
const INSECURE = { insecureTls: true };
const HTTP = { completelyInsecure: true };

describe("flags", () => {
  test.each<Case>([
    { when: "they are the defaults", names: [] },
    { when: "a certificate has its key", flags: { ...CERTIFICATE, ...KEY, ...CA }, names: [] },
    { when: "TLS is not checked", flags: INSECURE, names: [] },
    { when: "TLS is not spoken", flags: HTTP, names: [] },
    { when: "the resolution is 1 s and the time-out fits", resolution: 1, flags: { requestTimeout: seconds(0.9) }, names: [] },
    { when: "the resolution is below 1 s", resolution: 0.9, flags: { requestTimeout: seconds(0.5) }, names: ["--metric-resolution"] },
    { when: "the time-out is exactly 9/10 of it", resolution: 10, flags: { requestTimeout: seconds(9) }, names: [] },
    { when: "the time-out is longer than that", resolution: 10, flags: { requestTimeout: millis(9001) }, names: ["--kubelet-request-timeout"] },
    { when: "the time-out is 0", flags: { requestTimeout: millis(0) }, names: ["--kubelet-request-timeout"] },
    { when: "the time-out is negative", flags: { requestTimeout: millis(-1) }, names: ["--kubelet-request-timeout"] },
    { when: "a CA is given and not to be used", flags: { ...CA, ...INSECURE }, names: ["--kubelet-certificate-authority"] },
    { when: "a certificate has no key", flags: CERTIFICATE, names: ["--kubelet-client-certificate"] },
    { when: "a key has no certificate", flags: KEY, names: ["--kubelet-client-key"] },
    { when: "plain HTTP and no check of TLS", flags: { ...HTTP, ...INSECURE }, names: ["--kubelet-insecure-tls"] },
    { when: "plain HTTP and a CA", flags: { ...HTTP, ...CA }, names: ["--kubelet-certificate-authority"] },
    { when: "plain HTTP and a certificate without a key: two", flags: { ...HTTP, ...CERTIFICATE }, names: ["--kubelet-client-certificate", "--kubelet-client-certificate"] },
    { when: "plain HTTP, a certificate and its key", flags: { ...HTTP, ...CERTIFICATE, ...KEY }, names: ["--kubelet-client-certificate", "--kubelet-client-key"] },
    { when: "no address type", flags: { preferredAddressTypes: [] }, names: ["--kubelet-preferred-address-types"] },
    { when: "an unknown address type", flags: { preferredAddressTypes: ["internalip"] }, names: ["--kubelet-preferred-address-types"] },
    { when: "the port is none", flags: { port: 0 }, names: ["--kubelet-port"] },
    { when: "everything at once", resolution: 0.5, flags: { requestTimeout: seconds(2), ...CA, ...INSECURE, ...KEY, ...HTTP }, names: [
      "--metric-resolution", "--kubelet-request-timeout", "--kubelet-certificate-authority", "--kubelet-client-key",
      "--kubelet-insecure-tls", "--kubelet-certificate-authority", "--kubelet-client-key",
    ] },
  ])("are refused for $names when $when", ({ flags, resolution, names }) => {
    const problems = problemsOfKubeletFlags(
      { ...DEFAULT_KUBELET_FLAGS, ...flags },
      resolution === undefined ? DEFAULT_RESOLUTION : seconds(resolution),
    );
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(names);
  }); // prettier-ignore

  test.each([
    ["nothing", {}, []],
    ["an unchecked certificate", INSECURE, [/take our token.*drop --kubelet-insecure-tls/]],
    ["plain HTTP", HTTP, [/plain HTTP/]],
  ])("that leave a door open are warned of: %s", (_, flags, warnings) => {
    const said = warningsOnKubeletFlags({ ...DEFAULT_KUBELET_FLAGS, ...flags });
    expect(said).toEqual(warnings.map((warning) => expect.stringMatching(warning)));
  });
});
