/**
 * The user's minimum and maximum have the last word.
 *
 * Invariant: what leaves here lies in [minReplicas, maxReplicas].
 */
import type { Circumstances, Rail, Verdict } from "../../rail.ts";

function apply(replicas: number, { question }: Circumstances): Verdict | undefined {
  const { minReplicas, maxReplicas } = question.spec;
  if (replicas < minReplicas)
    return {
      replicas: minReplicas,
      why: `minReplicas is ${minReplicas} (wants ${replicas})`,
      states: [{ type: "ScalingLimited", reason: "TooFewReplicas" }],
    };
  if (replicas > maxReplicas)
    return {
      replicas: maxReplicas,
      why: `maxReplicas is ${maxReplicas} (wants ${replicas})`,
      states: [{ type: "ScalingLimited", reason: "TooManyReplicas" }],
    };
  return undefined;
}

export const bounds: Rail = {
  name: "bounds",
  rule: "minReplicas and maxReplicas have the last word; a count outside them is brought inside at once; 0 replicas set by someone else pauses the policy until it is not 0.",
  answers: "The HPA's own rule.",
  apply,
};
