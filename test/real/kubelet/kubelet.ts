/**
 * A kubelet on the loopback interface for tests, and a source that reads it as the flags say.
 */
import { onTestFinished } from "vitest";
import { millis } from "../../../src/base/units.ts";
import type { Node } from "../../../src/cluster/node.ts";
import type { CredentialSources } from "../../../src/real/apiserver/connection/credentials.ts";
import { fixedText } from "../../../src/real/apiserver/connection/text-source.ts";
import { createKubeletCredentials } from "../../../src/real/kubelet/credentials.ts";
import { createKubeletSource } from "../../../src/real/kubelet/kubelet-source.ts";
import type { KubeletSource } from "../../../src/real/kubelet/kubelet-source.ts";
import { DEFAULT_KUBELET_FLAGS } from "../../../src/scrape/kubelet-flags.ts";
import type { KubeletFlags } from "../../../src/scrape/kubelet-flags.ts";
import { aNode } from "../../scrape/nodes.ts";
import { AUTHORITY, createHandClock } from "../apiserver/loopback.ts";

export const TOKEN = "canary-of-a-token";
export const never = new AbortController().signal;

export type Asking = Readonly<{
  flags?: Partial<KubeletFlags>;
  /** What the API server's connection is made from. */
  api?: Partial<CredentialSources>;
}>;

export const API: CredentialSources = {
  tls: {
    ca: fixedText(AUTHORITY.sealed.certificate),
    certificate: undefined,
    servername: undefined,
    insecure: false,
  },
  grants: {
    grant: async () => ({ kind: "obtained", value: { headers: { authorization: `Bearer ${TOKEN}` } } }),
  },
  headers: { "impersonate-user": "jane" },
};

export function openSource({ flags: given, api }: Asking = {}): KubeletSource {
  const flags = {
    ...DEFAULT_KUBELET_FLAGS,
    useNodeStatusPort: true,
    requestTimeout: millis(3_000),
    ...given,
  };
  const ports = { clock: createHandClock(), log: () => undefined };
  const credentials = createKubeletCredentials(flags, { ...API, ...api }, ports);
  const source = createKubeletSource({ flags, credentials, userAgent: "plimsoll/1.2.3" });
  onTestFinished(() => source.close());
  return source;
}

export function nodeAt(port: number, over: Partial<Node> = {}): Node {
  return aNode({ addresses: [{ type: "InternalIP", address: "127.0.0.1" }], kubeletPort: port, ...over });
}
