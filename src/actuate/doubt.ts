/**
 * A last look before writing: a plan carries what it was based on, and anything that no longer holds cancels
 * it. What the API server can check itself (resourceVersion, uid) rides on the request; this is the rest.
 *
 * Invariant: no write without a live lease, from a plan older than `PLAN_AGE_MAX`, or for a policy that has
 * been edited or deleted since.
 */
import type { Uid } from "../base/ids.ts";
import { elapsed, type MonoMillis, seconds } from "../base/units.ts";

/** From deciding to writing: two requests and a queue; more than this means that something stalled. */
export const PLAN_AGE_MAX = seconds(30);

/** What a plan was based on. */
export type Basis = Readonly<{ decidedAt: MonoMillis; policy: Uid; generation: number }>;

/** What is true now; `policy` is undefined when the policy is gone or being deleted. */
export type Present = Readonly<{
  now: MonoMillis;
  leading: boolean;
  policy: Readonly<{ uid: Uid; generation: number }> | undefined;
}>;

export type Doubt =
  | "not-leading"
  | "plan-too-old"
  | "policy-gone"
  | "policy-edited"
  /** The API server does not find the policy that the watch shows. */
  | "policy-not-found"
  /** This process has stood still since the plan, or just now. */
  | "just-stalled"
  /** write-budget.ts: somebody keeps undoing our writes, or decreases came too fast. */
  | "write-budget-spent"
  /** write-pace.ts: too many workloads are being written at this moment. */
  | "too-many-writes-at-once"
  /** reaction.ts: the last request brought nothing, and the next waits. */
  | "waiting-after-failure"
  /** The fleet has moved since the question, and what it allows is another count. */
  | "fleet-has-moved";

export function doubtOf(basis: Basis, present: Present): Doubt | undefined {
  if (!present.leading) return "not-leading";
  if (elapsed(basis.decidedAt, present.now) > PLAN_AGE_MAX) return "plan-too-old";
  if (present.policy?.uid !== basis.policy) return "policy-gone";
  if (present.policy.generation !== basis.generation) return "policy-edited";
  return undefined;
}
