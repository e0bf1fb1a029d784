/**
 * Each policy's own gauges, which can stand in for kube-state-metrics' of a HorizontalPodAutoscaler.
 *
 * Invariant: what is shown of a policy is what its last decision said, and nothing of an earlier one; a
 * policy that is gone shows nothing.
 */
import type { ObjectKey } from "../../base/ids.ts";
import type { Labels, Meter } from "../../base/meter.ts";
import type { EpochMillis } from "../../base/units.ts";
import type { MetricProposal } from "../../horizontal/proposal.ts";
import type { MetricSpec, ScalePolicySpec } from "../../policy/policy.ts";
import type { ScalePolicyStatus } from "../../policy/status.ts";
import type { DecisionRecord } from "../record.ts";
import { verdictOf } from "./decisions.ts";
import { recommendationSamples } from "./recommendations.ts";

export type Sample = Readonly<{ series: string; value: number; labels: Labels }>;
/** `basis`: all that the samples are made from, but for the values of those that move. */
type Shown = Readonly<{
  samples: readonly Sample[];
  basis: readonly unknown[];
  heldSince: EpochMillis | undefined;
}>;

export type PolicyShow = Readonly<{
  record: DecisionRecord;
  status: ScalePolicyStatus;
  /** undefined while the spec does not parse. */
  spec: ScalePolicySpec | undefined;
}>;

export class PolicyGauges {
  readonly #meter: Meter;
  readonly #shown = new Map<ObjectKey, Shown>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  show(key: ObjectKey, show: PolicyShow): void {
    const before = this.#shown.get(key);
    const heldSince = heldSinceOf(show.record, before?.heldSince);
    const moving = movingOf(show);
    this.#set(moving);
    const basis = basisOf(show, heldSince, moving);
    // At rest a decision changes nothing else, and setting a gauge is a good part of what a decision costs.
    if (before?.basis.length === basis.length && basis.every((part, index) => part === before.basis[index]))
      return;
    const lasting = lastingOf(show, heldSince);
    this.#set(lasting);
    const samples = [...lasting, ...moving];
    for (const old of before?.samples ?? [])
      if (!samples.some((sample) => isSame(sample, old))) this.#meter.forget(old.series, old.labels);
    this.#shown.set(key, { samples, basis, heldSince });
    this.#count();
  }

  forget(key: ObjectKey): void {
    for (const { series, labels } of this.#shown.get(key)?.samples ?? []) this.#meter.forget(series, labels);
    this.#shown.delete(key);
    this.#count();
  }

  /** After losing the lease: another process decides, and shows. */
  clear(): void {
    for (const key of this.#shown.keys()) this.forget(key);
  }

  #set(samples: readonly Sample[]): void {
    for (const { series, value, labels } of samples) this.#meter.set(series, value, labels);
  }

  #count(): void {
    this.#meter.set("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers", this.#shown.size);
  }
}

function heldSinceOf(record: DecisionRecord, before: EpochMillis | undefined): EpochMillis | undefined {
  const held = ["held", "no-metrics"].includes(verdictOf(record));
  return held ? (before ?? record.at) : undefined;
}

/** A spec is parsed once for each generation, so the same object is the same spec. */
function basisOf(
  { record: { policy, vertical }, status: { conditions, horizontal }, spec }: PolicyShow,
  heldSince: EpochMillis | undefined,
  moving: readonly Sample[],
): readonly unknown[] {
  return [
    spec,
    policy.generation,
    horizontal?.currentReplicas,
    horizontal?.desiredReplicas,
    heldSince,
    // Made anew once a minute, whether or not it says something else.
    vertical?.proposal,
    ...conditions.flatMap(({ type, status }) => [type, status]),
    ...moving.map(({ labels }) => labels["metric_name"]),
    ...moving.map(({ labels }) => labels["container"]),
  ];
}

function lastingOf({ record, status, spec }: PolicyShow, heldSince: EpochMillis | undefined): Sample[] {
  const { namespace, name, generation } = record.policy;
  const policy = { namespace, policy: name };
  const { currentReplicas, desiredReplicas } = status.horizontal ?? {};
  const { minReplicas, maxReplicas } = spec?.horizontal ?? {};
  return [
    ...sample("plimsoll_policy_generation", generation, policy),
    ...sample("plimsoll_policy_min_replicas", minReplicas, policy),
    ...sample("plimsoll_policy_max_replicas", maxReplicas, policy),
    ...sample("plimsoll_policy_current_replicas", currentReplicas, policy),
    ...sample("plimsoll_policy_desired_replicas", desiredReplicas, policy),
    ...sample("horizontal_pod_autoscaler_controller_desired_replicas", desiredReplicas, {
      namespace,
      hpa_name: name,
    }),
    ...sample("plimsoll_policy_held_since_seconds", heldSince && Math.floor(heldSince / 1000), policy),
    ...infoOf(spec, policy),
    ...status.conditions.flatMap(({ type, status: state }) =>
      sample("plimsoll_policy_condition", 1, { ...policy, condition: type, status: state.toLowerCase() }),
    ),
    ...(spec?.horizontal?.metrics ?? []).flatMap((metric) =>
      sample("plimsoll_policy_target_metric", targetOf(metric), { ...policy, ...metricLabels(metric) }),
    ),
    ...(record.vertical === undefined ? [] : recommendationSamples(record.vertical, policy)),
  ];
}

/** What the metrics stand at: new with every decision. */
function movingOf({ record }: PolicyShow): Sample[] {
  const { namespace, name } = record.policy;
  return levels(record).flatMap(({ metric, level }) =>
    sample("plimsoll_policy_current_metric", level, { namespace, policy: name, ...metricLabels(metric) }),
  );
}

const sample = (series: string, value: number | undefined, labels: Labels): Sample[] =>
  value === undefined ? [] : [{ series, value, labels }];

function infoOf(spec: ScalePolicySpec | undefined, policy: Labels): Sample[] {
  if (spec === undefined) return [];
  const { target, mode } = spec;
  const about = { target_api_version: target.apiVersion, target_kind: target.kind, target_name: target.name };
  return sample("plimsoll_policy_info", 1, { ...policy, ...about, mode });
}

const metricLabels = ({ resource, container = "", target }: MetricSpec): Labels => ({
  metric_name: resource,
  container,
  metric_target_type: target.kind === "utilization" ? "utilization" : "average",
});

const targetOf = ({ target }: MetricSpec): number =>
  target.kind === "utilization" ? target.percent : target.amount / 1000;

function levels({ verdict }: DecisionRecord): { metric: MetricSpec; level: number | undefined }[] {
  if (verdict.kind !== "planned") return [];
  return verdict.plan.proposal.metrics.map((proposal) => ({
    metric: proposal.metric,
    level: levelOf(proposal),
  }));
}

function levelOf(proposal: MetricProposal): number | undefined {
  if (proposal.kind === "invalid") return undefined;
  const { metric, utilization, averageValue } = proposal;
  return metric.target.kind === "utilization" ? utilization : averageValue / 1000;
}

function isSame(a: Sample, b: Sample): boolean {
  if (a.series !== b.series) return false;
  return Object.entries(a.labels).every(([name, value]) => b.labels[name] === value);
}
