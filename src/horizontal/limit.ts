/**
 * Rates and bounds: how far a stabilized count may be followed now, as the HPA
 * of Kubernetes 1.37 limits it.
 *
 * Invariant: the result lies between the current count and the asked one, except that a count outside
 * [min, max] is brought inside.
 */
import { type EpochMillis, later, type Millis, seconds } from "../base/units.ts";
import type { Behavior } from "../policy/policy.ts";
import type { Arithmetic } from "./arithmetic.ts";

/**
 * A change of the replica count. `at` is the latest moment it may have happened and `notBefore` the earliest:
 * the same moment, unless it was read back from a summary. Each limit takes the one that allows less.
 */
export type ScaleEvent = Readonly<{
  at: EpochMillis;
  notBefore: EpochMillis;
  added: number;
  removed: number;
}>;

/** Condition reasons of ScalingLimited, as the HPA names them. */
export type LimitReason =
  "DesiredWithinRange" | "TooFewReplicas" | "TooManyReplicas" | "ScaleUpLimit" | "ScaleDownLimit";

export type Limited = Readonly<{
  /** Within the rate and within [min, max]. */
  replicas: number;
  /** Within the rate alone. */
  atRate: number;
  reason: LimitReason;
}>;

export type LimitQuestion = Readonly<{
  current: number;
  desired: number;
  minReplicas: number;
  maxReplicas: number;
  now: EpochMillis;
  events: readonly ScaleEvent[];
}>;

export function limitReplicas(q: LimitQuestion, behavior: Behavior, arithmetic: Arithmetic): Limited {
  if (q.desired > q.current) return capped(q, Math.max(q.current, upLimit(q, behavior.scaleUp, arithmetic)));
  if (q.desired < q.current)
    return floored(q, Math.min(q.current, downLimit(q, behavior.scaleDown, arithmetic)));
  return { replicas: q.desired, atRate: q.desired, reason: "DesiredWithinRange" };
}

/** Upstream's sync period: where it limits per sync, we look back this long, however often we decide. */
const SYNC_PERIOD = seconds(15);
/** Without `behavior`, growth is limited to twice the count, and at least this. */
const GROWTH_MIN = 4;

/** Without `behavior`: up to twice the count of 15 s ago, and never limited on the way down. */
export function limitWithoutBehavior(q: LimitQuestion): Limited {
  const start = Math.min(q.current, startOf(q, SYNC_PERIOD, "increase"));
  const limit = Math.max(q.current, 2 * start, GROWTH_MIN);
  if (q.desired < q.minReplicas)
    return { replicas: q.minReplicas, atRate: q.desired, reason: "TooFewReplicas" };
  return capped(q, limit);
}

function capped({ desired, maxReplicas }: LimitQuestion, limit: number): Limited {
  const cap = Math.min(limit, maxReplicas);
  if (desired <= cap) return { replicas: desired, atRate: desired, reason: "DesiredWithinRange" };
  const reason = maxReplicas > limit ? "ScaleUpLimit" : "TooManyReplicas";
  return { replicas: cap, atRate: Math.min(desired, limit), reason };
}

function floored({ desired, minReplicas }: LimitQuestion, limit: number): Limited {
  const floor = Math.max(limit, minReplicas);
  if (desired >= floor) return { replicas: desired, atRate: desired, reason: "DesiredWithinRange" };
  const reason = minReplicas < limit ? "ScaleDownLimit" : "TooFewReplicas";
  return { replicas: floor, atRate: Math.max(desired, limit), reason };
}

/** The count up to which `scaleUp` allows to go; below the current one when its budget is overdrawn. */
function upLimit(q: LimitQuestion, rules: Behavior["scaleUp"], arithmetic: Arithmetic): number {
  if (rules.selectPolicy === "Disabled") return q.current;
  const limits = rules.policies.map((policy) => {
    const start = startOf(q, policy.period, "increase");
    return policy.type === "Pods" ? start + policy.value : arithmetic.raised(start, policy.value);
  });
  return rules.selectPolicy === "Min" ? Math.min(...limits) : Math.max(...limits);
}

/** The count down to which `scaleDown` allows to go; `Max` is the largest change. */
function downLimit(q: LimitQuestion, rules: Behavior["scaleDown"], arithmetic: Arithmetic): number {
  if (rules.selectPolicy === "Disabled") return q.current;
  const limits = rules.policies.map((policy) => {
    const start = startOf(q, policy.period, "decrease");
    return policy.type === "Pods" ? start - policy.value : arithmetic.lowered(start, policy.value);
  });
  return rules.selectPolicy === "Min" ? Math.max(...limits) : Math.min(...limits);
}

/**
 * The count that a period began with. An event of an uncertain moment counts where that allows less: additions
 * late and removals early before an increase (a low start), the other way round before a decrease.
 */
function startOf(
  { current, events, now }: LimitQuestion,
  period: Millis,
  before: "increase" | "decrease",
): number {
  let start = current;
  for (const { at, notBefore, added, removed } of events) {
    const [addedAt, removedAt] = before === "increase" ? [at, notBefore] : [notBefore, at];
    if (later(addedAt, period) > now) start -= added;
    if (later(removedAt, period) > now) start += removed;
  }
  return start;
}
