/**
 * `spec.vertical` after parsing: every default filled in, percentages as fractions of 1, amounts in the
 * units in which requests are recommended.
 */
import type { Millis, RequestAmounts, ResourceName } from "../../base/units.ts";

/** `Off` recommends only; `InPlace` resizes running pods; `Template` writes the workload's template. */
export type ApplyMode = "Off" | "InPlace" | "Template";

export type VerticalSpec = Readonly<{
  apply: ApplySpec;
  recommender: RecommenderSpec;
  /** As written; `policyOf` finds the one that holds for a container. */
  containers: readonly ContainerPolicy[];
}>;

export type ApplySpec = Readonly<{
  mode: ApplyMode;
  /** What restarts pods needs at least this many ready. */
  minReplicas: number;
  /** Times at which requests may be written; none: any time. */
  windows: readonly ChangeWindow[];
}>;

/** Opens by a cron schedule of five fields in a time zone, and stays open for a while. */
export type ChangeWindow = Readonly<{ schedule: string; duration: Millis; timeZone: string }>;

/** The VPA's parameters, per policy: 0.9, 0.9, 0.15, 24 h, 24 h. */
export type RecommenderSpec = Readonly<{
  cpuPercentile: number;
  memoryPercentile: number;
  margin: number;
  cpuHalfLife: Millis;
  memoryHalfLife: Millis;
}>;

export type ContainerPolicy = Readonly<{
  /** `*` stands for every container without a policy of its own name. */
  container: string;
  mode: "Auto" | "Off";
  controlledResources: readonly ResourceName[];
  controlledValues: "RequestsAndLimits" | "RequestsOnly";
  minAllowed: RequestAmounts;
  maxAllowed: RequestAmounts;
  allowMemoryLimitDecrease: boolean;
}>;
