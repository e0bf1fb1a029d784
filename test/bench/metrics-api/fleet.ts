/**
 * The pods of the bed by their number, so that the process that makes them and the one that speaks for their kubelets agree.
 */
export const NAMESPACE = "metrics-bench";
export const NODE_PREFIX = "bench";
export const PODS_PER_NODE = 100;
export const CONTAINERS = ["server", "proxy"] as const;

export const nodesFor = (pods: number): number => Math.ceil(pods / PODS_PER_NODE);
export const nodeName = (index: number): string => `${NODE_PREFIX}-${index}`;
export const podName = (index: number): string =>
  `service-${Math.floor(index / 30)}-5d8f9c7b6d-${String(index).padStart(5, "0")}`;
export const nodeOf = (index: number, pods: number): number => index % nodesFor(pods);

/** As a Deployment's pods have them. */
export const labelsOf = (index: number): Readonly<Record<string, string>> => ({
  app: `service-${Math.floor(index / 30)}`,
  "app.kubernetes.io/managed-by": "Helm",
  "pod-template-hash": "5d8f9c7b6d",
});
