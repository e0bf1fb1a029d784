/**
 * What the metrics ask for, before any rail: one result per metric, and their maximum.
 */
import type { MilliUnits } from "../base/units.ts";
import type { MetricSpec } from "../policy/policy.ts";

/** Condition reasons as the HPA names them. */
export type InvalidMetricReason = "FailedGetResourceMetric" | "FailedGetContainerResourceMetric";

export type MetricProposal =
  | Readonly<{
      kind: "valid";
      metric: MetricSpec;
      replicas: number;
      /** Whole percent of the request over the pods that had samples; undefined for an average-value target. */
      utilization: number | undefined;
      /** Usage per pod over the pods that had samples. */
      averageValue: MilliUnits;
      /** Usage over target on which the count was decided, after assumptions for missing and unready pods. */
      ratio: number;
      readyCount: number;
      unreadyCount: number;
      missingCount: number;
      because:
        "within-tolerance" | "usage-over-target" | "usage-under-target" | "assumptions-changed-direction";
    }>
  | Readonly<{ kind: "invalid"; metric: MetricSpec; reason: InvalidMetricReason; message: string }>;

export type HorizontalProposal = Readonly<{
  /** In the order of the spec. */
  metrics: readonly MetricProposal[];
  combined:
    /** The largest valid proposal; `winner` indexes `metrics`. `invalidCount` metrics had no answer. */
    | Readonly<{ kind: "replicas"; replicas: number; winner: number; invalidCount: number }>
    /** Nothing valid, or something invalid while the valid ones want fewer: no change. */
    | Readonly<{ kind: "failure"; reason: InvalidMetricReason; message: string }>;
}>;
