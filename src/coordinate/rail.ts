/**
 * What a rail is: a named rule that may move the answer, and says why in words with the numbers in them.
 *
 * Invariant: a rail looks only at the circumstances; the same circumstances move the same answer the same way.
 */
import type { HorizontalProposal } from "../horizontal/proposal.ts";
import type { DecisionMemory } from "./memory.ts";
import type { PlanCondition, RailName } from "./plan.ts";
import type { PlanQuestion } from "./question.ts";

/** Everything that rails look at: the question, what follows from it, and the memory brought up to date. */
export type Circumstances = Readonly<{
  question: PlanQuestion;
  proposal: HorizontalProposal;
  memory: DecisionMemory;
  /** Why evidence is not complete; undefined when it is. */
  evidenceGap: string | undefined;
}>;

export type Statement = Readonly<Pick<PlanCondition, "type"> & { reason: PlanReason }>;

/** Reasons that rails give, beside the HPA's. Each is in the table of reasons. */
export type PlanReason =
  | "ScaleDownStabilized"
  | "ScaleUpStabilized"
  | "DesiredWithinRange"
  | "TooFewReplicas"
  | "TooManyReplicas"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "MissingEvidence"
  | "BlindCluster"
  | "RolloutInProgress"
  | "RolloutStuck"
  | "FirstMoveAnnounced"
  | "WindowsIncomplete"
  | "AfterSilence"
  | "ClusterBrake"
  | "QuotaLimited";

export type Verdict = Readonly<{
  replicas: number;
  why: string;
  /** Conditions that the rail states; those of later rails win. */
  states: readonly Statement[];
}>;

export type Rail = Readonly<{
  name: RailName;
  /** One sentence for the list of deliberate improvements. */
  rule: string;
  /** What users of the HPA met: the problem, with the upstream issue where there is one. */
  answers: string;
  /** What becomes of `replicas`; undefined when the rail has nothing to say. */
  apply(replicas: number, circumstances: Circumstances): Verdict | undefined;
}>;

/** A decrease is held at the current count; anything else is left alone. */
export function holdDecrease(
  replicas: number,
  { question }: Circumstances,
  hold: Readonly<{ reason: PlanReason; why: string }>,
): Verdict | undefined {
  const { replicas: current } = question.target;
  if (replicas >= current) return undefined;
  return {
    replicas: current,
    why: `${hold.why}: ${current} stay, now wants ${replicas}`,
    states: [{ type: "ScalingLimited", reason: hold.reason }],
  };
}
