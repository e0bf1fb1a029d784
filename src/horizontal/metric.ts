/**
 * One metric's answer, exactly as the HPA of Kubernetes 1.37 computes it: usage over target on the
 * pods that have samples; and where pods are missing or unready, once more with usage assumed for them,
 * always against the change that is proposed.
 *
 *                  proposing fewer                     proposing more
 *   missing        use max(100 %, target) of request   use 0
 *                  (average value: the target)
 *   unready        left out                            use 0
 *
 * Invariant: assumptions can hold a change back or make it smaller, never turn it round.
 */
import { milliUnits } from "../base/units.ts";
import type { MetricSpec } from "../policy/policy.ts";
import type { PodEvidence } from "../usage/evidence.ts";
import { limitOf, requestOf } from "./amounts.ts";
import {
  type Arithmetic,
  arithmeticOf,
  asAmount,
  asFloat,
  type Ratio,
  REPLICAS_MAX,
  sumOf,
  type Tolerance,
  UPSTREAM,
  wholeAmount,
} from "./arithmetic.ts";
import { groupPods, type PodGroups } from "./groups.ts";
import type { InvalidProposal, MetricProposal, ValidProposal } from "./proposal.ts";
import type { HorizontalQuestion } from "./question.ts";

/** One pod's part of a level: what it uses, and what it asks for (0 where requests play no part). */
type Part = Readonly<{ usage: number; request: number }>;

/** How a target measures pods: their level against it, and what is assumed of a missing pod on a decrease. */
type Yardstick = Readonly<{
  partOf(pod: PodEvidence, usage: number): Part;
  levelOf(parts: readonly Part[]): Level;
  assumedOnDecrease(pod: PodEvidence): number;
}>;
type Level = Readonly<{ ratio: Ratio; utilization: number | undefined }>;

export function proposeForMetric(question: HorizontalQuestion, metric: MetricSpec): MetricProposal {
  const { pods } = question;
  if (pods.length === 0) return invalid(metric, "no pods to measure");
  const groups = groupPods(pods, metric, question);
  const yardstick = yardstickOf(pods, metric);
  if (typeof yardstick === "string") return invalid(metric, yardstick);
  if (groups.measured.length === 0) return invalid(metric, nothingMeasured(groups));
  const parts = groups.measured.map(({ pod, usage }) => yardstick.partOf(pod, usage));
  if (metric.target.kind === "utilization" && sumOf(parts, requestIn) === 0n)
    return invalid(metric, `the ${metric.resource} requests of the measured pods are 0`);
  return valid(question, metric, { groups, yardstick, parts });
}

/** What a metric's decision rests on. */
type Basis = Readonly<{ groups: PodGroups; yardstick: Yardstick; parts: readonly Part[] }>;

function valid(question: HorizontalQuestion, metric: MetricSpec, basis: Basis): ValidProposal {
  const { groups, yardstick, parts } = basis;
  const tolerance = toleranceOf(question);
  const decide = (arithmetic: Arithmetic): Answer =>
    answer(basis, { current: question.currentReplicas, tolerance, arithmetic });
  const answered = decide(arithmeticOf(question.settings.arithmetic));
  const upstream = question.settings.arithmetic === "upstream" ? answered : decide(UPSTREAM);
  const count = BigInt(parts.length);
  return {
    kind: "valid",
    metric,
    replicas: answered.replicas,
    upstreamReplicas: upstream.replicas,
    utilization: yardstick.levelOf(parts).utilization,
    averageValue: milliUnits(asAmount(sumOf(parts, usageIn) / count)),
    ratio: asFloat(answered.ratio),
    readyCount: parts.length,
    unreadyCount: groups.unready.length,
    missingCount: groups.missing.length,
    consideredCount: answered.consideredCount,
    limits: limitsOf(groups, metric),
    because: answered.because,
  };
}

type Answer = Pick<ValidProposal, "replicas" | "because" | "consideredCount"> & Readonly<{ ratio: Ratio }>;
type Terms = Readonly<{ current: number; tolerance: Tolerance; arithmetic: Arithmetic }>;

function answer({ groups, yardstick, parts }: Basis, { current, tolerance, arithmetic }: Terms): Answer {
  const { ratio } = yardstick.levelOf(parts);
  const direction = arithmetic.direction(ratio);
  const unready = direction > 0 ? groups.unready : [];
  if (unready.length === 0 && groups.missing.length === 0) {
    const consideredCount = parts.length;
    if (arithmetic.withinTolerance(ratio, tolerance))
      return { replicas: current, because: "within-tolerance", ratio, consideredCount };
    const because = direction > 0 ? "usage-over-target" : "usage-under-target";
    return { replicas: arithmetic.replicasFor(ratio, consideredCount), because, ratio, consideredCount };
  }
  const assumed = [...parts, ...assumedParts(groups.missing, direction, yardstick)];
  for (const pod of unready) assumed.push(yardstick.partOf(pod, 0));
  return answerOnAssumptions(yardstick.levelOf(assumed).ratio, {
    current,
    tolerance,
    arithmetic,
    before: direction,
    consideredCount: assumed.length,
  });
}

/** Exactly at the target nothing needs to be assumed of a missing pod. */
function assumedParts(
  missing: readonly PodEvidence[],
  direction: -1 | 0 | 1,
  yardstick: Yardstick,
): readonly Part[] {
  if (direction === 0) return [];
  return missing.map((pod) => yardstick.partOf(pod, direction > 0 ? 0 : yardstick.assumedOnDecrease(pod)));
}

function answerOnAssumptions(
  ratio: Ratio,
  {
    current,
    tolerance,
    arithmetic,
    before,
    consideredCount,
  }: Terms & Readonly<{ before: number; consideredCount: number }>,
): Answer {
  const stay = (because: Answer["because"]): Answer => ({
    replicas: current,
    because,
    ratio,
    consideredCount,
  });
  if (arithmetic.withinTolerance(ratio, tolerance)) return stay("within-tolerance");
  const direction = arithmetic.direction(ratio);
  if (before * direction < 0) return stay("assumptions-changed-direction");
  const replicas = arithmetic.replicasFor(ratio, consideredCount);
  if (direction * (replicas - current) < 0) return stay("assumptions-changed-direction");
  const because = direction > 0 ? "usage-over-target" : "usage-under-target";
  return { replicas, because, ratio, consideredCount };
}

/** The yardstick, or why there is none: one container without a request spoils a utilization. */
function yardstickOf(pods: readonly PodEvidence[], metric: MetricSpec): Yardstick | string {
  if (metric.target.kind === "average-value") return averageValueYardstick(metric.target.amount);
  const requests = new Map<PodEvidence["shape"], number>();
  for (const { name, shape } of pods) {
    if (requests.has(shape)) continue;
    const request = requestOf(shape, metric);
    if (request.kind === "lacking") return `pod ${name}: ${request.message}`;
    requests.set(shape, request.amount);
  }
  return utilizationYardstick(requests, metric.target.percent);
}

/** A ratio of sums, cut off to a whole percent before it is compared with the target. */
function utilizationYardstick(
  requests: ReadonlyMap<PodEvidence["shape"], number>,
  percent: number,
): Yardstick {
  const requestOfPod = ({ shape }: PodEvidence): number => requests.get(shape) ?? 0;
  return {
    partOf: (pod, usage) => ({ usage, request: requestOfPod(pod) }),
    levelOf(parts) {
      const utilization = (sumOf(parts, usageIn) * 100n) / sumOf(parts, requestIn);
      const whole = Math.min(Number(utilization), REPLICAS_MAX);
      return { utilization: whole, ratio: { numerator: BigInt(whole), denominator: BigInt(percent) } };
    },
    assumedOnDecrease: (pod) => asAmount((BigInt(requestOfPod(pod)) * BigInt(Math.max(100, percent))) / 100n),
  };
}

function averageValueYardstick(target: number): Yardstick {
  const amount = wholeAmount(target);
  return {
    partOf: (_, usage) => ({ usage, request: 0 }),
    levelOf: (parts) => ({
      utilization: undefined,
      ratio: { numerator: sumOf(parts, usageIn) / BigInt(parts.length), denominator: BigInt(amount) },
    }),
    assumedOnDecrease: () => amount,
  };
}

const usageIn = ({ usage }: Part): number => usage;
const requestIn = ({ request }: Part): number => request;

function limitsOf({ measured }: PodGroups, metric: MetricSpec): ValidProposal["limits"] {
  const limits = measured.map(({ pod }) => limitOf(pod.shape, metric));
  if (limits.includes(undefined)) return undefined;
  const usage = asAmount(sumOf(measured, (one) => one.usage));
  return { usage: milliUnits(usage), limit: milliUnits(asAmount(sumOf(limits, (limit) => limit ?? 0))) };
}

function toleranceOf({ spec: { behavior }, settings }: HorizontalQuestion): Tolerance {
  return {
    down: behavior?.scaleDown.tolerance ?? settings.tolerance,
    up: behavior?.scaleUp.tolerance ?? settings.tolerance,
  };
}

function nothingMeasured({ unready, missing, ignored }: PodGroups): string {
  const counts: readonly (readonly [number, string])[] = [
    [missing.length, "without a sample"],
    [unready.length, "not ready"],
    [ignored.length, "failed or being deleted"],
  ];
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `no pod has a usable sample (${parts.join(", ")})`;
}

function invalid(metric: MetricSpec, message: string): InvalidProposal {
  const reason =
    metric.container === undefined ? "FailedGetResourceMetric" : "FailedGetContainerResourceMetric";
  return { kind: "invalid", metric, reason, message };
}
