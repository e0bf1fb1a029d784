/**
 * A node, trimmed to what tells whether and where to ask its kubelet, and what its pods can use.
 */
import type { Node, NodeAddress } from "../../../../cluster/node.ts";
import { trimAmounts } from "./amounts.ts";
import { annotation, type Shared, trimLabels, trimMeta, trimReady } from "./meta.ts";
import { count, type Raw, record, records, text } from "./raw.ts";

/** What metrics-server reads, too: a path other than `/metrics/resource` on this node's kubelet. */
const METRICS_PATH = "metrics.k8s.io/resource-metrics-path";

export function trimNode(raw: Raw, shared: Shared): Node | undefined {
  const meta = trimMeta(raw, shared);
  if (meta === undefined) return undefined;
  const status = record(raw["status"]);
  const port = count(record(record(status["daemonEndpoints"])["kubeletEndpoint"])["Port"]);
  return {
    meta,
    labels: trimLabels(raw, shared),
    ready: trimReady(raw, meta),
    addresses: records(status["addresses"]).flatMap(trimAddress),
    kubeletPort: port === 0 ? undefined : port,
    metricsPath: annotation(raw, METRICS_PATH),
    capacity: trimAmounts(status["capacity"]),
  };
}

function trimAddress(raw: Raw): readonly NodeAddress[] {
  const [type, address] = [text(raw["type"]), text(raw["address"])];
  return type === undefined || address === undefined ? [] : [{ type, address }];
}
