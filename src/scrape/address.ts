/**
 * Where a node's kubelet answers, by metrics-server's rules.
 *
 * Invariant: what a node says of itself decides host, port and path, and nothing else: no address or
 * annotation can add credentials, a query, or another host.
 */
import type { Node } from "../cluster/node.ts";
import type { KubeletFlags } from "./kubelet-flags.ts";

export type KubeletAddress =
  | Readonly<{ kind: "address"; origin: string; path: string }>
  | Readonly<{ kind: "no-address"; message: string }>;

const RESOURCE_METRICS_PATH = "/metrics/resource";
/** Host names, IPv4, and IPv6 with a zone. */
const HOST = /^[A-Za-z0-9._:%-]+$/;

/**
 *   InternalIP 10.0.0.7, port 10250            https://10.0.0.7:10250/metrics/resource
 *   InternalIP fd00::7                         https://[fd00::7]:10250/metrics/resource
 *   annotation /metrics/nodes/a/…              https://10.0.0.7:10250/metrics/nodes/a/…   (kwok)
 *   none of the preferred types                no address
 */
export function kubeletAddress(node: Node, flags: KubeletFlags): KubeletAddress {
  const host = hostOf(node, flags.preferredAddressTypes);
  if (host === undefined) return { kind: "no-address", message: whyNoAddress(node, flags) };
  const port = (flags.useNodeStatusPort ? node.kubeletPort : undefined) ?? flags.port;
  const scheme = flags.completelyInsecure ? "http" : "https";
  const origin = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { kind: "address", origin, path: pathOf(node.metricsPath ?? RESOURCE_METRICS_PATH) };
}

function hostOf({ addresses }: Node, types: readonly string[]): string | undefined {
  for (const wanted of types) {
    const found = addresses.find(({ type }) => type === wanted);
    if (found !== undefined) return HOST.test(found.address) ? found.address : undefined;
  }
  return undefined;
}

function whyNoAddress({ meta, addresses }: Node, { preferredAddressTypes }: KubeletFlags): string {
  const has = addresses.map(({ type, address }) => `${type} ${JSON.stringify(address)}`).join(", ") || "none";
  return (
    `node ${meta.name} has no usable address of type ${preferredAddressTypes.join(", ")} (it has: ${has}); ` +
    "name its type in --kubelet-preferred-address-types"
  );
}

/** As Go writes a URL's path: what would begin a query or a fragment is part of the path. */
function pathOf(path: string): string {
  const absolute = path.startsWith("/") ? path : `/${path}`;
  return encodeURI(absolute).replaceAll("?", "%3F").replaceAll("#", "%23");
}
