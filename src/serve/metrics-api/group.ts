/**
 * The API that metrics-server made the standard: `metrics.k8s.io` with nodes and pods, in both versions,
 * which have one schema (KEP-5207). `v1` is preferred; clients that do not know it take `v1beta1`.
 */
import type { ApiGroup } from "../aggregated/resource.ts";

const time = { type: "string", format: "date-time" };
const usage = {
  type: "object",
  description: "What is used: `cpu` in cores, `memory` as the working set in bytes.",
  additionalProperties: { type: "string", description: "A quantity, such as 250m or 64Mi." },
};
const measured = {
  timestamp: {
    ...time,
    description: "When the last sample of the window was taken, by the kubelet's clock.",
  },
  window: {
    type: "string",
    description: "The length of the window that ends at the timestamp, such as 15s: CPU is the mean over it.",
  },
};

export const METRICS_GROUP: ApiGroup = {
  name: "metrics.k8s.io",
  versions: ["v1", "v1beta1"],
  schemaPrefix: "io.k8s.metrics.pkg.apis.metrics",
  resources: [
    {
      plural: "nodes",
      kind: "NodeMetrics",
      namespaced: false,
      verbs: ["get", "list"],
      description: "NodeMetrics is what one node used lately.",
      properties: { ...measured, usage },
    },
    {
      plural: "pods",
      kind: "PodMetrics",
      namespaced: true,
      verbs: ["get", "list"],
      description: "PodMetrics is what one pod used lately, container by container.",
      properties: {
        ...measured,
        containers: {
          type: "array",
          description: "One entry for each running container, by name.",
          items: {
            type: "object",
            properties: { name: { type: "string", description: "The container's name." }, usage },
          },
        },
      },
    },
  ],
};
