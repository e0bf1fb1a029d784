/**
 * A number of things that may happen at once, and how soon one more may: a token bucket as a value.
 *
 * Invariant: within any length of time `t`, at most `max + t / period` are spent.
 */
import { assert } from "../base/assert.ts";
import { elapsed, type Millis, type MonoMillis } from "../base/units.ts";

export type Limit = Readonly<{ max: number; period: Millis }>;
/** What is left as of `at`; undefined stands for a full one. */
export type Allowance = Readonly<{ left: number; at: MonoMillis }>;

/** `max` 5, `period` 200 ms: none left at 0 ms → 1 at 200 ms, 2.5 at 500 ms, 5 at 1 s and ever after. */
export function leftAt(allowance: Allowance | undefined, now: MonoMillis, { max, period }: Limit): number {
  if (allowance === undefined) return max;
  const since = elapsed(allowance.at, now);
  assert(since >= 0, "monotonic time does not run backwards");
  return Math.min(max, allowance.left + since / period);
}
