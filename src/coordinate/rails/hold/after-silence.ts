/**
 * After a silence the first samples are of whoever answers first: decreases wait for three complete rounds.
 *
 * Invariant: increases are never held here.
 */
import { type EpochMillis, elapsed, minutes } from "../../../base/units.ts";
import type { DecisionMemory } from "../../memory.ts";
import type { PlanQuestion } from "../../question.ts";
import { type Circumstances, holdDecrease, type Rail } from "../../rail.ts";
import { countText } from "../../wording.ts";

/** Missing evidence for longer than this is a silence. */
const SILENCE = minutes(5);
const ROUNDS_AFTER_SILENCE = 3;

/** How long evidence has been missing, and the complete rounds that are still owed, with this one counted. */
export function countSilence(
  memory: DecisionMemory,
  { question, evidenceGap }: Pick<Circumstances, "question" | "evidenceGap">,
): DecisionMemory {
  const { now, evidence } = question;
  if (evidenceGap !== undefined) return { ...memory, missingSince: memory.missingSince ?? now };
  const wasSilent = memory.missingSince !== undefined && elapsed(memory.missingSince, now) > SILENCE;
  const owed = wasSilent ? ROUNDS_AFTER_SILENCE : memory.roundsOwed;
  const calm = { ...memory, missingSince: undefined };
  if (owed === 0) return { ...calm, roundsOwed: 0, roundOf: undefined };
  const oldest = oldestSample(evidence.pods);
  const renewed = wasSilent || (oldest !== undefined && oldest > (memory.roundOf ?? -Infinity));
  return renewed ? { ...calm, roundsOwed: owed - 1, roundOf: oldest } : { ...calm, roundsOwed: owed };
}

function oldestSample(pods: PlanQuestion["evidence"]["pods"]): EpochMillis | undefined {
  let oldest: EpochMillis | undefined;
  for (const { usage } of pods)
    if (usage !== undefined && (oldest === undefined || usage.at < oldest)) oldest = usage.at;
  return oldest;
}

function apply(replicas: number, circumstances: Circumstances) {
  const { roundsOwed } = circumstances.memory;
  if (roundsOwed === 0) return undefined;
  return holdDecrease(replicas, circumstances, {
    reason: "AfterSilence",
    why: `samples came back after more than 5 min: ${countText(roundsOwed, "complete round")} more before a decrease`,
  });
}

export const afterSilence: Rail = {
  name: "after-silence",
  rule: "After evidence was missing for more than 5 min, decreases need three complete rounds of samples.",
  answers: "When metrics return after an outage, an HPA acts on the first answer, however partial.",
  apply,
};
