/**
 * How our answers may differ from the VPA's, and why. Invariant: whatever differs without one of these names is a
 * fault.
 */
import type { Verdict } from "../verdict.ts";
import { equal } from "../verdict.ts";

export const NAMES = {
  nothingMeasured: "nothing measured: upstream answers its minimum, ours nothing",
  tie: "two buckets tie: the order of summation decides",
  roundedTie: "a weight of a checkpoint lies half-way between two whole numbers",
  panic: "upstream panics: a container without a recommendation under a LimitRange of type Pod",
  writes: "upstream gives an amount to a resource without a recommendation",
  minusOne: "upstream makes −1 of 0 bytes under a LimitRange of type Pod",
  saturated: "a limit beyond 10^14 saturates; upstream's at int64",
  vanished: "old weights vanish on the side whose histogram has the younger reference",
} as const;

export const RESOURCES = ["cpu", "memory"] as const;

export const named = (name: keyof typeof NAMES): Verdict => ({ kind: "named", name: NAMES[name] });

export const different = (what: string, ours: unknown, upstream: unknown): Verdict => ({
  kind: "different",
  ours: `${what}: ours ${JSON.stringify(ours)}, upstream ${JSON.stringify(upstream)}`,
});

/** A difference before a name, a name before equality. */
export const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.find(({ kind }) => kind === "different") ??
  verdicts.find(({ kind }) => kind === "named") ??
  equal(false);
