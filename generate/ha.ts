/**
 * What high availability adds to the manifest, which already has two replicas, a preference for different nodes, a
 * PodDisruptionBudget and cluster-critical priority: the chart's values-ha.yaml and the overlay `ha` are both written
 * from it.
 */
import { LABELS } from "./rbac.ts";

/** Nodes whose taints keep the pods away do not count: a control plane's would stay empty and forbid all others. */
const spread = (topologyKey: string, whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway"): object => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable,
  nodeTaintsPolicy: "Honor",
  labelSelector: { matchLabels: LABELS },
  matchLabelKeys: ["pod-template-hash"],
});

/** One for each of three zones. Versions are counted apart, so that an update needs no further node. */
export const HIGHLY_AVAILABLE = {
  replicas: 3,
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  topologySpreadConstraints: [
    spread("kubernetes.io/hostname", "DoNotSchedule"),
    spread("topology.kubernetes.io/zone", "ScheduleAnyway"),
  ],
} as const;
