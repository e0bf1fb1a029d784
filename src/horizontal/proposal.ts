/**
 * What the metrics ask for, before any rail: one result per metric, and their maximum.
 */
import type { MilliUnits } from "../base/units.ts";
import type { MetricSpec } from "../policy/policy.ts";

/** Condition reasons as the HPA names them. */
export type InvalidMetricReason = "FailedGetResourceMetric" | "FailedGetContainerResourceMetric";

export type ValidProposal = Readonly<{
  kind: "valid";
  metric: MetricSpec;
  replicas: number;
  /** What upstream's float64 makes of the same question; another number only where it rounds wrongly. */
  upstreamReplicas: number;
  /** Whole percent of the request over the pods that had samples; undefined for an average-value target. */
  utilization: number | undefined;
  /** Usage per pod over the pods that had samples. */
  averageValue: MilliUnits;
  /** Usage over target on which the count was decided, after assumptions for missing and unready pods. */
  ratio: number;
  /** Pods whose usage counted. */
  readyCount: number;
  unreadyCount: number;
  missingCount: number;
  /** The pods that `ratio` is a ratio of: those that counted, and those it was assumed of. */
  consideredCount: number;
  /** Usage and limits of the pods that counted, in milli-units; undefined when a container has no limit. */
  limits: Readonly<{ usage: MilliUnits; limit: MilliUnits }> | undefined;
  because: "within-tolerance" | "usage-over-target" | "usage-under-target" | "assumptions-changed-direction";
}>;

export type InvalidProposal = Readonly<{
  kind: "invalid";
  metric: MetricSpec;
  reason: InvalidMetricReason;
  message: string;
}>;

export type MetricProposal = ValidProposal | InvalidProposal;

export type HorizontalProposal = Readonly<{
  /** In the order of the spec. */
  metrics: readonly MetricProposal[];
  combined:
    /** The largest valid proposal; `winner` indexes `metrics`. `invalidCount` metrics had no answer. */
    | Readonly<{
        kind: "replicas";
        replicas: number;
        upstreamReplicas: number;
        winner: number;
        invalidCount: number;
      }>
    /** Nothing valid, or something invalid while the valid ones want fewer: no change. */
    | Readonly<{ kind: "failure"; reason: InvalidMetricReason; message: string }>;
}>;
