/**
 * A node as scraping and deciding need it: whether it is ready, where its kubelet answers, and what it has.
 */
import type { Amounts, EpochMillis } from "../base/units.ts";
import type { Labels, Meta } from "./object.ts";

/** status.addresses[]; `type` is one of Hostname, InternalIP, InternalDNS, ExternalIP, ExternalDNS. */
export type NodeAddress = Readonly<{ type: string; address: string }>;

export type Node = Readonly<{
  meta: Meta;
  labels: Labels;
  /** The Ready condition; undefined when the node has never reported. */
  ready: Readonly<{ status: "True" | "False" | "Unknown"; since: EpochMillis }> | undefined;
  addresses: readonly NodeAddress[];
  /** status.daemonEndpoints.kubeletEndpoint.Port; undefined when absent or 0. */
  kubeletPort: number | undefined;
  /** Annotation `metrics.k8s.io/resource-metrics-path`; undefined when absent or empty. */
  metricsPath: string | undefined;
  /** status.capacity: what pods on it can use at most; a resource that is not told is absent. */
  capacity: Amounts;
}>;
