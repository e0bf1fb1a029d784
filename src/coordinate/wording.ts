/**
 * Numbers in sentences, the same everywhere: a clock time, a length of time, an amount, a metric's level.
 *
 * Invariant: a sentence names its figures with their units, and a time with its zone.
 */
import { formatDuration } from "../base/duration.ts";
import { amountText } from "../base/quantity.ts";
import { timeText } from "../base/rfc3339.ts";
import { type EpochMillis, type Millis, type MilliUnits, millis, type ResourceName } from "../base/units.ts";
import type { ValidProposal } from "../horizontal/proposal.ts";
import type { MetricSpec } from "../policy/policy.ts";

/** `14:12:05 UTC`. */
export const clockText = (moment: EpochMillis): string => `${timeText(moment).slice(11, 19)} UTC`;

/** `95s` is `1m35s`; parts of a second are not shown. */
export const lengthText = (length: Millis): string =>
  formatDuration(millis(Math.round(length / 1000) * 1000));

/** `1 pod`, `3 pods`. */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `cpu`, or `cpu of container app`. */
export const metricName = ({ resource, container }: MetricSpec): string =>
  container === undefined ? resource : `${resource} of container ${container}`;

/**
 * `cpu 90 % of request, mark 60 %`, or `memory 310Mi per pod, mark 512Mi`; ` over 2 of 4 pods` where the
 * others have no sample that counts.
 */
export function levelText(proposal: ValidProposal): string {
  const { metric, utilization, averageValue, readyCount, unreadyCount, missingCount } = proposal;
  const { target, resource } = metric;
  const podCount = readyCount + unreadyCount + missingCount;
  const over = readyCount < podCount ? ` over ${readyCount} of ${countText(podCount, "pod")}` : "";
  if (target.kind === "utilization")
    return `${metricName(metric)} ${utilization ?? "?"} % of request${over}, mark ${target.percent} %`;
  const [level, mark] = [amountIn(resource, averageValue), amountIn(resource, target.amount)];
  return `${metricName(metric)} ${level} per pod${over}, mark ${mark}`;
}

const MEBI = 1024 * 1024;
/** CPU exactly; memory of 1 Mi and more in whole Mi. */
function amountIn(resource: ResourceName, amount: MilliUnits): string {
  const mebi = Math.round(amount / 1000 / MEBI);
  return resource === "memory" && mebi > 0 ? `${mebi}Mi` : amountText(resource, amount);
}
