/**
 * Everything that a horizontal decision may know. The same question gets the same proposal.
 */
import type { EpochMillis, Millis } from "../base/units.ts";
import type { HorizontalSpec } from "../policy/policy.ts";
import type { PodEvidence } from "../usage/evidence.ts";

/** The operator's defaults, named as kube-controller-manager's flags. */
export type HorizontalSettings = Readonly<{
  /** `--horizontal-pod-autoscaler-tolerance`, a fraction. */
  tolerance: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`. */
  downscaleStabilization: Millis;
  /** `--horizontal-pod-autoscaler-cpu-initialization-period`. */
  cpuInitializationPeriod: Millis;
  /** `--horizontal-pod-autoscaler-initial-readiness-delay`. */
  initialReadinessDelay: Millis;
  /** `exact` rounds by integer arithmetic; `upstream` through float64 as the HPA does (arithmetic.ts). */
  arithmetic: "exact" | "upstream";
}>;

export type HorizontalQuestion = Readonly<{
  now: EpochMillis;
  spec: HorizontalSpec;
  settings: HorizontalSettings;
  /** spec.replicas of the scale. */
  currentReplicas: number;
  pods: readonly PodEvidence[];
}>;
