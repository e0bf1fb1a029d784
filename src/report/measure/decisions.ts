/**
 * Counting decisions: by what came of them, by the rails that moved them, and under the HPA controller's own
 * names.
 *
 * Invariant: each record counts once in every series, under exactly one verdict.
 */
import type { Meter } from "../../base/meter.ts";
import type { WriteOutcome } from "../../base/outcome.ts";
import type { Millis } from "../../base/units.ts";
import type { Plan } from "../../coordinate/plan.ts";
import type { MetricProposal } from "../../horizontal/proposal.ts";
import { asksMetrics, type DecisionRecord, type Effect } from "../record.ts";

export type DecisionVerdict =
  | "scaled-up"
  | "scaled-down"
  /** The metrics ask for what is there, or are not asked because the target is at 0. */
  | "unchanged"
  /** They ask for another count, and a rail or a window keeps the present one. */
  | "held"
  /** No count could be computed, so the present one is kept. */
  | "no-metrics"
  /** A change was planned and, on purpose, not written. */
  | "withheld"
  /** A change was planned, and the write was refused, overtaken or doubted. */
  | "not-written"
  | "not-decided";

export function verdictOf({ verdict }: DecisionRecord): DecisionVerdict {
  if (verdict.kind === "not-decided") return "not-decided";
  const { plan, effect } = verdict;
  return plan.from === plan.to ? verdictOnHolding(plan) : verdictOnActing(plan, effect);
}

function verdictOnHolding(plan: Plan): DecisionVerdict {
  const { combined } = plan.proposal;
  if (!asksMetrics(plan)) return "unchanged";
  if (combined.kind === "failure") return "no-metrics";
  return combined.replicas === plan.from ? "unchanged" : "held";
}

function verdictOnActing({ from, to }: Plan, effect: Effect): DecisionVerdict {
  if (effect.kind === "withheld") return "withheld";
  if (effect.kind !== "scaled" || effect.outcome.kind !== "written") return "not-written";
  return to > from ? "scaled-up" : "scaled-down";
}

/** `waited`: from when the policy was due; `took`: the whole round, requests included. */
export type RoundTimes = Readonly<{ waited: Millis; took: Millis }>;

export function measureDecision(meter: Meter, record: DecisionRecord, { waited, took }: RoundTimes): void {
  const verdict = verdictOf(record);
  const scaled = verdict === "scaled-up" || verdict === "scaled-down";
  if (scaled && record.trigger === "fresh-samples")
    meter.observe("plimsoll_samples_to_scale_seconds", (waited + took) / 1000, {});
  const labels = { action: actionOf(verdict), error: errorOf(record, verdict) };
  meter.count("plimsoll_decisions_total", { verdict });
  meter.count("horizontal_pod_autoscaler_controller_reconciliations_total", labels);
  meter.observe("horizontal_pod_autoscaler_controller_reconciliation_duration_seconds", took / 1000, labels);
  if (record.verdict.kind !== "planned") return;
  const { plan, question } = record.verdict;
  const { clippedCount } = question.evidence;
  if (clippedCount > 0) meter.count("plimsoll_usage_clipped_total", {}, clippedCount);
  for (const { rail } of plan.moves) meter.count("plimsoll_rails_moved_total", { rail });
  if (!asksMetrics(plan)) return;
  for (const metric of plan.proposal.metrics) measureMetric(meter, metric, plan.from);
}

/** `outcome` of a write of any kind. */
export function measureWrite(
  meter: Meter,
  what: "scale" | "status" | "event" | "lease",
  { kind }: WriteOutcome,
): void {
  meter.count("plimsoll_writes_total", { what, outcome: kind });
}

/** Upstream compares each metric's proposal with the present count. */
function measureMetric(meter: Meter, metric: MetricProposal, from: number): void {
  const change = metric.kind === "valid" ? metric.replicas - from : 0;
  meter.count("horizontal_pod_autoscaler_controller_metric_computation_total", {
    action: change > 0 ? "scale_up" : change < 0 ? "scale_down" : "none",
    error: metric.kind === "valid" ? "none" : "internal",
    metric_type: metric.metric.container === undefined ? "Resource" : "ContainerResource",
  });
}

function actionOf(verdict: DecisionVerdict): string {
  if (verdict === "scaled-up") return "scale_up";
  return verdict === "scaled-down" ? "scale_down" : "none";
}

/** As upstream, a metric without an answer is an error also where the others decide. */
function errorOf({ verdict: made }: DecisionRecord, verdict: DecisionVerdict): string {
  if (made.kind === "not-decided") return errorOfReason(made.why.reason);
  const { combined } = made.plan.proposal;
  if (!asksMetrics(made.plan)) return "none";
  const incomplete = combined.kind === "failure" || combined.invalidCount > 0;
  return incomplete || verdict === "not-written" ? "internal" : "none";
}

function errorOfReason(reason: string): string {
  if (reason === "HorizontalOmitted") return "none";
  return reason === "InvalidSpec" || reason === "UnknownField" ? "spec" : "internal";
}
