/**
 * Nodes that kwok runs: they take any pod, and tell where their metrics are in the annotation metrics-server knows.
 */
import { type Requester, succeed } from "./api-request.ts";

export type KwokNodeOptions = Readonly<{
  /** `right` (default): as a kubelet. `stock`: kwok's own, whose container start time grows at every scrape. */
  metric?: "right" | "stock";
  prefix?: string;
  capacity?: Readonly<Record<"cpu" | "memory" | "pods", string>>;
}>;

const ROOMY = { cpu: "64", memory: "256Gi", pods: "500" };
const METRIC_PATH = {
  right: (name: string) => `/metrics/kubelets/${name}/metrics/resource`,
  stock: (name: string) => `/metrics/nodes/${name}/metrics/resource`,
};
let batches = 0;

/** Resolves to their names; kwok makes them Ready a moment later. */
export async function createKwokNodes(
  request: Requester,
  count: number,
  options: KwokNodeOptions,
): Promise<string[]> {
  const prefix = options.prefix ?? `kwok-${process.pid}-${++batches}`;
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const create = (name: string) => succeed(request, "POST", "/api/v1/nodes", { body: nodeOf(name, options) });
  await Promise.all(names.map(create));
  return names;
}

function nodeOf(name: string, { metric = "right", capacity = ROOMY }: KwokNodeOptions): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", type: "kwok" },
      annotations: { "metrics.k8s.io/resource-metrics-path": METRIC_PATH[metric](name) },
    },
    status: { allocatable: capacity, capacity },
  };
}
