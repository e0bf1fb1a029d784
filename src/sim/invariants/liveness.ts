/**
 * What must come to pass once nothing befalls a run any more: the right answer soon, then rest at it.
 */
import { broken, type Invariant } from "./observed.ts";

/** The tolerance of 10 %, and what measuring adds. */
const TOLERANCE = 0.1 + 0.02;

/** The latest decision's answer is the reference's, give or take one; within the tolerance also no change. */
export const rightAnswer: Invariant = {
  name: "L-answer",
  statement: "3 periods after the last fault the metrics' answer is what the load says",
  judge(seen) {
    if (seen.kind !== "answer") return "idle";
    const { policy, needed, wanted, answer } = seen;
    if (typeof answer === "string") return broken(answer, policy);
    const isNear = Math.abs(needed / wanted - 1) <= TOLERANCE;
    const references = [Math.ceil(needed), ...(isNear ? [wanted] : [])];
    return references.some((count) => Math.abs(answer - count) <= 1)
      ? "holds"
      : broken(`${needed.toFixed(1)} are needed of ${wanted}, and the answer is ${answer}`, policy);
  },
};

export const stillness: Invariant = {
  name: "L-still",
  statement: "when windows, budgets and pauses have run out, nothing is written for 20 periods",
  judge(seen) {
    if (seen.kind !== "rest") return "idle";
    const [first] = seen.writes;
    return first === undefined ? "holds" : broken(`${first.truth.replicas} → ${first.to}`, seen.policy);
  },
};

export const rightRest: Invariant = {
  name: "L-rest",
  statement: "at the end replicas are what the load says, within the bounds",
  judge(seen) {
    if (seen.kind !== "rest") return "idle";
    const { policy, needed, wanted, minReplicas, maxReplicas } = seen;
    const bounded = Math.min(Math.max(needed, minReplicas), maxReplicas);
    const isAtRest = Math.abs(bounded / wanted - 1) <= TOLERANCE || Math.abs(wanted - bounded) < 1;
    return isAtRest
      ? "holds"
      : broken(
          `it rests at ${wanted} of [${minReplicas}, ${maxReplicas}], ${needed.toFixed(1)} are needed`,
          policy,
        );
  },
};

export const LIVENESS: readonly Invariant[] = [rightAnswer, stillness, rightRest];
