/**
 * How far a count may move by the rates of a policy, worked out from what the count really was. Doubtful
 * moments count for the operator: a change that is a second this side of a period may be seen on that.
 *
 *   6 replicas a minute ago and now, scaleDown 2 pods in 60 s       floor 4
 *   6 replicas 15 s ago and now, no behavior                        ceiling 12
 *   3 replicas 15 s ago, 6 now, no behavior                         ceiling 6
 *   1 replica  15 s ago and now, no behavior                        ceiling 4
 *   6 replicas a minute ago, 7 now, scaleUp 2 pods in 60 s          ceiling 8
 */
import { type Millis, millis, seconds } from "../../base/units.ts";
import type { HorizontalSpec, ScalingRules } from "../../policy/policy.ts";
import type { ObservedWrite, ReplicaHistory } from "./observed.ts";

export type RateLimits = Readonly<{ floor: number; ceiling: number }>;

/**
 * The persisted history has buckets of this width at least, and what falls into one may be dated at its
 * end.
 */
const DOUBT = seconds(20);
const UPSTREAM_PERIOD = seconds(15);
/** Without behavior a count may always be raised to this. */
const GROWTH_MIN = 4;

/** The lowest and the highest count that a period may have begun with. */
type Start = (period: Millis) => Readonly<{ low: number; high: number }>;

/** undefined: nothing can be said, for the count was brought into the bounds. */
export function rateLimitsOf(spec: HorizontalSpec, { at, truth }: ObservedWrite): RateLimits | undefined {
  const { replicas, history, pastFound, ledSince } = truth;
  if (replicas < spec.minReplicas || replicas > spec.maxReplicas) return undefined;
  const start: Start = (period) => {
    const [from, to] = [millis(at - period - DOUBT), millis(at - period + seconds(1))];
    // Whoever began without a past knows of no change before.
    if (pastFound !== "whole" && from < ledSince) return { low: 0, high: Infinity };
    const counts = countsBetween(history, from, to);
    return { low: Math.min(replicas, ...counts), high: counts.length === 0 ? Infinity : Math.max(...counts) };
  };
  const { behavior } = spec;
  if (behavior === undefined) {
    const grown = 2 * Math.min(replicas, start(UPSTREAM_PERIOD).high);
    return { floor: 0, ceiling: Math.max(replicas, GROWTH_MIN, grown) };
  }
  return {
    floor: Math.min(replicas, floorOf(behavior.scaleDown, { start, replicas })),
    ceiling: Math.max(replicas, ceilingOf(behavior.scaleUp, { start, replicas })),
  };
}

type Ground = Readonly<{ start: Start; replicas: number }>;

function floorOf({ selectPolicy, policies }: ScalingRules, { start, replicas }: Ground): number {
  if (selectPolicy === "Disabled") return replicas;
  const floors = policies.map(({ type, value, period }) => {
    const { low } = start(period);
    return type === "Pods" ? low - value : Math.floor(low * (1 - value / 100));
  });
  return selectPolicy === "Min" ? Math.max(...floors) : Math.min(...floors);
}

function ceilingOf({ selectPolicy, policies }: ScalingRules, { start, replicas }: Ground): number {
  if (selectPolicy === "Disabled") return replicas;
  const ceilings = policies.map(({ type, value, period }) => {
    const { high } = start(period);
    return type === "Pods" ? high + value : Math.ceil(high * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...ceilings) : Math.max(...ceilings);
}

/** Every count that stood at some moment of a span. */
function countsBetween(history: ReplicaHistory, from: Millis, to: Millis): readonly number[] {
  const before = history.findLast(({ at }) => at <= from);
  const within = history.filter(({ at }) => at > from && at <= to);
  return [...(before === undefined ? [] : [before]), ...within].map(({ replicas }) => replicas);
}
