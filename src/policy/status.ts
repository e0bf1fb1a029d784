/**
 * `status` of a ScalePolicy, as the API shows it: times are RFC 3339 text, amounts are quantities.
 * `report/` fills it in; the operator alone writes it.
 */
import type { VerticalStatus } from "./vertical/status.ts";

export type ConditionStatus = "True" | "False" | "Unknown";

/** The last five are there while the spec has `vertical`; all but Applying are the VPA's. */
export type ConditionType =
  | "Ready"
  | "ScalingActive"
  | "AbleToScale"
  | "ScalingLimited"
  | "RecommendationProvided"
  | "LowConfidence"
  | "NoPodsMatched"
  | "ConfigUnsupported"
  | "Applying";

export type Condition = Readonly<{
  type: ConditionType;
  status: ConditionStatus;
  reason: string;
  message: string;
  observedGeneration: number;
  lastTransitionTime: string;
}>;

/**
 * autoscaling/v2 MetricStatus for Resource and ContainerResource; an invalid metric keeps its place with
 * type "".
 */
export type MetricStatus =
  | Readonly<{ type: "" }>
  | Readonly<{ type: "Resource"; resource: Readonly<{ name: string; current: MetricValueStatus }> }>
  | Readonly<{
      type: "ContainerResource";
      containerResource: Readonly<{ name: string; container: string; current: MetricValueStatus }>;
    }>;
export type MetricValueStatus = Readonly<{ averageUtilization?: number; averageValue: string }>;

/**
 * The windows' memory, enough to restart without amnesia: for each span of `bucketSeconds` the lowest and
 * highest recommendation and the replicas added and removed, rounded to the safe side.
 */
export type HistoryStatus = Readonly<{
  version: 1;
  /** The target's uid: memory of a namesake is none. */
  targetUID: string;
  bucketSeconds: number;
  /** From when on there is no gap. */
  completeSince: string;
  /** The last moment that the memory covers. */
  recordedAt: string;
  /** spec.replicas of the target after the last decision: a change since then was not ours to remember. */
  replicas?: number;
  /** Newest last; `start` in seconds since the epoch. */
  buckets: readonly Readonly<{
    start: number;
    low: number;
    high: number;
    added?: number;
    removed?: number;
  }>[];
}>;

export type Act = Readonly<{ time: string; what: string; why: string }>;

export type ScalePolicyStatus = Readonly<{
  observedGeneration: number;
  conditions: readonly Condition[];
  horizontal?: Readonly<{
    currentReplicas: number;
    desiredReplicas: number;
    lastScaleTime?: string;
    currentMetrics: readonly MetricStatus[];
    history?: HistoryStatus;
  }>;
  /** Absent while the spec has no `vertical`, and before the first look. */
  vertical?: VerticalStatus;
  /** Newest first, at most 10. */
  recentActs: readonly Act[];
  /** What the columns of `kubectl get sp` print. */
  display: Readonly<{ metrics: string; requests: string }>;
  lastDecision?: Readonly<{ time: string; summary: string }>;
  /** Whose status this is: namespace/name of the Lease that the replicas of one installation share. */
  installation?: string;
}>;
