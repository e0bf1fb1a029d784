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
  statement: "when all has run out, nothing is written for 20 periods, but between two right counts once",
  judge(seen) {
    if (seen.kind !== "rest") return "idle";
    const { policy, writes, right } = seen;
    const [first, ...others] = writes;
    if (first === undefined) return "holds";
    const isEdge = others.length === 0 && right.includes(first.truth.replicas) && right.includes(first.to);
    return isEdge ? "holds" : broken(`${first.truth.replicas} → ${first.to}`, policy);
  },
};

export const rightRest: Invariant = {
  name: "L-rest",
  statement: "at the end replicas are what the load says, within the bounds",
  judge(seen) {
    if (seen.kind !== "rest") return "idle";
    const { policy, needed, wanted, right, minReplicas, maxReplicas } = seen;
    const bounded = Math.min(Math.max(needed, minReplicas), maxReplicas);
    const isNear = Math.abs(bounded / wanted - 1) <= TOLERANCE || Math.abs(wanted - bounded) < 1;
    const isAtRest = isNear || right.includes(wanted);
    return isAtRest
      ? "holds"
      : broken(
          `it rests at ${wanted} of [${minReplicas}, ${maxReplicas}], ${needed.toFixed(1)} are needed`,
          policy,
        );
  },
};

export const LIVENESS: readonly Invariant[] = [rightAnswer, stillness, rightRest];
