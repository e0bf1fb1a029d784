/**
 * Where float64 rounds a count up that whole numbers would not, the whole number counts.
 *
 * Invariant: with `arithmetic: "upstream"` this rail never moves an answer.
 */
import type { Circumstances, Rail } from "../../rail.ts";
import { directionOf } from "./count-own-pods.ts";

function apply(replicas: number, { question, proposal }: Circumstances) {
  const { combined } = proposal;
  if (combined.kind === "failure") return undefined;
  const surplus = combined.upstreamReplicas - combined.replicas;
  const content = question.evidence.lostCount > 0 && directionOf(proposal) === "none";
  if (surplus === 0 || content) return undefined;
  return {
    replicas: replicas - surplus,
    why: `exact arithmetic gives ${combined.replicas}, float64 rounding ${combined.upstreamReplicas}`,
    states: [],
  };
}

export const exactArithmetic: Rail = {
  name: "exact-arithmetic",
  rule: "Counts and percent steps are computed with whole numbers; an HPA's float64 sometimes gives one pod too many, or takes one too many away.",
  answers:
    "15 pods at 25/3 of the target become 126 instead of 125; 10 % more of 50 pods is 56 instead of 55.",
  apply,
};
