/**
 * Pods that were lost with their node neither use nor serve: they are left out of the question, which is
 * asked of the live ones, and their number is added to what the live ones need.
 *
 * Invariant: lost pods only ever raise an answer, and only one that wants more live pods.
 *
 *   9 replicas, 3 lost, 6 live at 135 % of the mark    9 live are needed     → 12
 *   9 replicas, 3 lost, 6 live at the mark             6 live are enough     →  9, no change
 *   9 replicas, 3 lost, 6 live at 50 % of the mark     3 live are needed     →  3
 */
import type { HorizontalProposal } from "../../../horizontal/proposal.ts";
import type { PlanQuestion } from "../../question.ts";
import type { Circumstances, Rail } from "../../rail.ts";
import { countText } from "../../wording.ts";

/** The replicas that can serve: what the metrics are asked about. */
export const liveReplicas = ({ target, evidence }: PlanQuestion): number =>
  Math.max(0, target.replicas - evidence.lostCount);

/** Where rails begin: what upstream's arithmetic makes of the question, and no change where there is no answer. */
export function firstAnswer(proposal: HorizontalProposal, question: PlanQuestion): number {
  const { combined } = proposal;
  const { target, evidence } = question;
  if (combined.kind === "failure") return target.replicas;
  if (evidence.lostCount === 0) return combined.upstreamReplicas;
  switch (directionOf(proposal)) {
    case "up":
      return combined.upstreamReplicas;
    case "down":
      return Math.min(combined.upstreamReplicas, target.replicas);
    case "none":
      return target.replicas;
  }
}

/** Whether the winning metric wants more live pods, fewer, or is content. */
export function directionOf({ metrics, combined }: HorizontalProposal): "up" | "down" | "none" {
  const winner = combined.kind === "replicas" ? metrics[combined.winner] : undefined;
  if (winner?.kind !== "valid") return "none";
  if (winner.because === "usage-over-target") return "up";
  return winner.because === "usage-under-target" ? "down" : "none";
}

function apply(replicas: number, { question, proposal }: Circumstances) {
  const { lostCount } = question.evidence;
  if (lostCount === 0 || directionOf(proposal) !== "up") return undefined;
  const lost = countText(lostCount, "pod");
  return {
    replicas: replicas + lostCount,
    why: `${lost} on nodes NotReady for more than 40 s: ${replicas} live ones are needed, so ${replicas + lostCount}`,
    states: [],
  };
}

export const countOwnPods: Rail = {
  name: "count-own-pods",
  rule: "Pods are chosen by owner, not by label overlap; those that ended or are being deleted do not count; those lost with their node count neither as usage nor as capacity, and their number is added to an increase.",
  answers:
    "Jobs and sibling workloads that share labels skew an HPA (kubernetes#79365, #124307); Succeeded pods pin it (kubernetes#141298); pods of lost nodes slow a scale-up (kubernetes#62845).",
  apply,
};
