/**
 * What a plan states as conditions, in the HPA's types and reasons and ours beside them.
 *
 * Invariant: all three are stated in every plan; of several limits the last that bit is named.
 */
import type { HorizontalProposal } from "../horizontal/proposal.ts";
import type { PlanCondition } from "./plan.ts";
import type { PlanQuestion } from "./question.ts";
import type { Statement } from "./rail.ts";
import type { Passage } from "./rails.ts";
import { clockText, levelText } from "./wording.ts";

export function conditionsOf(
  proposal: HorizontalProposal,
  { moves, states }: Pick<Passage, "moves" | "states">,
  { rollout }: PlanQuestion,
): readonly PlanCondition[] {
  const whys = moves.map(({ why }) => why).join("; ");
  const stabilized = states.findLast(({ type }) => type === "AbleToScale");
  return [
    scalingActive(proposal),
    stabilized === undefined
      ? able("ReadyForNewScale", "the recommendation is used as it is")
      : able(stabilized.reason, whys),
    scalingLimited(
      states.findLast(({ type }) => type === "ScalingLimited"),
      whys,
      rollout,
    ),
  ];
}

/** Someone set 0 replicas: the switch that pauses an HPA, and us. */
export const DISABLED: readonly PlanCondition[] = [
  {
    type: "ScalingActive",
    status: "False",
    reason: "ScalingDisabled",
    message: "the target was set to 0 replicas by someone else; scaling goes on when it is not 0",
  },
  able("SucceededGetScale", "the target's scale could be read"),
  { type: "ScalingLimited", status: "False", reason: "DesiredWithinRange", message: "nothing is asked for" },
];

function scalingActive({ metrics, combined }: HorizontalProposal): PlanCondition {
  if (combined.kind === "failure")
    return { type: "ScalingActive", status: "False", reason: combined.reason, message: combined.message };
  const winner = metrics[combined.winner];
  const level = winner?.kind === "valid" ? levelText(winner) : "";
  const failed =
    combined.invalidCount === 0
      ? ""
      : `; ${combined.invalidCount} of ${metrics.length} metrics have no answer`;
  return {
    type: "ScalingActive",
    status: "True",
    reason: "ValidMetricFound",
    message: `decided on ${level}${failed}`,
  };
}

function able(reason: string, message: string): PlanCondition {
  return { type: "AbleToScale", status: "True", reason, message };
}

function scalingLimited(
  limit: Statement | undefined,
  whys: string,
  rollout: PlanQuestion["rollout"],
): PlanCondition {
  const limited = (reason: string, message: string): PlanCondition => ({
    type: "ScalingLimited",
    status: "True",
    reason,
    message,
  });
  if (limit !== undefined) return limited(limit.reason, whys);
  if (rollout.kind === "stuck")
    return limited("RolloutStuck", `the rollout has been stuck since ${clockText(rollout.since)}`);
  return {
    type: "ScalingLimited",
    status: "False",
    reason: "DesiredWithinRange",
    message: "nothing limits what the metrics ask for",
  };
}
