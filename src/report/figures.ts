/**
 * What a decision saw, as text: `status.horizontal.currentMetrics` in autoscaling/v2's shapes, and the
 * strings that the columns of `kubectl get sp` print.
 *
 * Invariant: what is not known is shown as such (an entry without a type, a `?`), never as 0.
 */
import { assert } from "../base/assert.ts";
import { amountText } from "../base/quantity.ts";
import { type MilliUnits, milliUnits, type ResourceName } from "../base/units.ts";
import { requestOf } from "../horizontal/amounts.ts";
import type { MetricProposal } from "../horizontal/proposal.ts";
import type { MetricSpec } from "../policy/policy.ts";
import type { MetricStatus, MetricValueStatus } from "../policy/status.ts";
import type { PodEvidence } from "../usage/evidence.ts";

/** An invalid metric keeps its place with an empty type, as in the HPA's status. */
export function metricStatusOf(proposal: MetricProposal): MetricStatus {
  if (proposal.kind === "invalid") return { type: "" };
  const { metric, utilization, averageValue } = proposal;
  const { resource: name, container } = metric;
  const current: MetricValueStatus = {
    ...(utilization === undefined ? {} : { averageUtilization: utilization }),
    averageValue: amountText(name, averageValue),
  };
  return container === undefined
    ? { type: "Resource", resource: { name, current } }
    : { type: "ContainerResource", containerResource: { name, container, current } };
}

/** `cpu 90%/60%, memory 310Mi/512Mi`, `cpu ?/60%` while unknown, `app/cpu 90%/60%` for one container. */
export const metricsText = (proposals: readonly MetricProposal[]): string =>
  proposals.map(metricText).join(", ");

function metricText(proposal: MetricProposal): string {
  const { resource, container, target } = proposal.metric;
  const name = container === undefined ? resource : `${container}/${resource}`;
  return `${name} ${levelText(proposal)}/${markText(target, resource)}`;
}

function levelText(proposal: MetricProposal): string {
  if (proposal.kind === "invalid") return "?";
  const { metric, utilization, averageValue } = proposal;
  if (metric.target.kind === "average-value") return shortAmount(metric.resource, averageValue);
  return utilization === undefined ? "?" : `${utilization}%`;
}

const markText = (target: MetricSpec["target"], resource: ResourceName): string =>
  target.kind === "utilization" ? `${target.percent}%` : shortAmount(resource, target.amount);

/**
 * What most of the pods ask for, each: `cpu 240m mem 310Mi`, of which a utilization is a part; `-` where a
 * container asks for nothing. Empty without pods.
 */
export function requestsText(pods: readonly PodEvidence[]): string {
  const texts = new Map<string, number>();
  for (const [shape, count] of shapesOf(pods)) {
    const text = `cpu ${requestText(shape, "cpu")} mem ${requestText(shape, "memory")}`;
    texts.set(text, (texts.get(text) ?? 0) + count);
  }
  const [first] = [...texts].toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? "";
}

/** Pods of one revision share one shape, of which the text need be made once. */
function shapesOf(pods: readonly PodEvidence[]): ReadonlyMap<PodEvidence["shape"], number> {
  const counts = new Map<PodEvidence["shape"], number>();
  for (const { shape } of pods) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  return counts;
}

function requestText(shape: PodEvidence["shape"], resource: ResourceName): string {
  const request = requestOf(shape, { resource, container: undefined });
  return request.kind === "request" ? shortAmount(resource, milliUnits(request.amount)) : "-";
}

const KI = 1024;

/**
 * An amount that fits into a column. CPU is exact; memory is rounded to whole Ki below 1 Mi, to whole Mi
 * below 1 Gi, and to tenths of a Gi above:
 *
 *   cpu 450m → 450m      cpu 2000m → 2      325058561 bytes → 310Mi      1.44 Gi → 1.4Gi      700 Ki → 700Ki
 */
export function shortAmount(resource: ResourceName, amount: MilliUnits): string {
  assert(amount >= 0, "an amount is not negative");
  if (resource === "cpu") return amountText("cpu", amount);
  const kibi = amount / 1000 / KI;
  if (Math.round(kibi) < KI) return `${Math.round(kibi)}Ki`;
  if (Math.round(kibi / KI) < KI) return `${Math.round(kibi / KI)}Mi`;
  return `${Math.round((kibi / KI / KI) * 10) / 10}Gi`;
}
