/**
 * During a rollout pods are doubled, starting or leaving, and their usage says little about load: no
 * decrease; and what surge pods add to the count of pods does not add to the answer.
 *
 * Invariant: at flat load a rollout never raises the count, however large its surge.
 *
 *   10 replicas, 13 pods at 85 % of the target     upstream: ⌈0.85 × 13⌉ = 12    → 10
 *   10 replicas, 8 pods at 136 % of the target     upstream: ⌈1.36 × 8⌉ = 11     → 10, for 10.9 pods' worth
 *                                                  of usage is within the tolerance of 10
 */
import { elapsed, minutes } from "../../../base/units.ts";
import type { PlanQuestion } from "../../question.ts";
import { holdDecrease, type Circumstances, type Rail, type Verdict } from "../../rail.ts";
import { clockText } from "../../wording.ts";
import { leastUnpinned } from "../measure/censored-demand.ts";

/** A stuck rollout holds this long after its deadline, then the ready pods decide. */
const STUCK_HOLD_MAX = minutes(30);

function apply(replicas: number, circumstances: Circumstances): Verdict | undefined {
  const { question } = circumstances;
  const { rollout, target, now } = question;
  if (rollout.kind !== "in-progress" && rollout.kind !== "stuck") return undefined;
  if (replicas > target.replicas) return withoutSurge(circumstances);
  if (rollout.kind === "in-progress")
    return holdDecrease(replicas, circumstances, {
      reason: "RolloutInProgress",
      why: `a rollout is in progress (${rollout.updated} of ${rollout.replicas} updated)`,
    });
  if (elapsed(rollout.since, now) > STUCK_HOLD_MAX) return undefined;
  return holdDecrease(replicas, circumstances, {
    reason: "RolloutStuck",
    why: `the rollout has been stuck since ${clockText(rollout.since)}`,
  });
}

/** An increase counts only if the usage is more than the replicas without surge could take. */
function withoutSurge(circumstances: Circumstances): Verdict | undefined {
  const { question, proposal } = circumstances;
  const { combined, metrics } = proposal;
  const current = question.target.replicas;
  const winner = combined.kind === "replicas" ? metrics[combined.winner] : undefined;
  if (winner?.kind !== "valid" || (leastUnpinned(circumstances) ?? 0) > current) return undefined;
  const worth = winner.ratio * winner.consideredCount;
  const takes = (current - question.evidence.lostCount) * (1 + upToleranceOf(question));
  if (winner.because !== "usage-under-target" && worth > takes) return undefined;
  return {
    replicas: current,
    why: `a rollout is in progress, and ${current} replicas can take the usage of ${winner.consideredCount} pods: ${current} stay`,
    states: [{ type: "ScalingLimited", reason: "RolloutInProgress" }],
  };
}

const upToleranceOf = ({ spec, settings }: PlanQuestion): number =>
  spec.behavior?.scaleUp.tolerance ?? settings.tolerance;

export const noDecreaseWhileRolling: Rail = {
  name: "no-decrease-while-rolling",
  rule: "No decrease while a rollout is in progress, or for 30 min after it got stuck; surge pods never raise the answer, and never-ready pods of the newest revision have no weight.",
  answers:
    "A rolling update with surge inflates the replicas of an HPA (kubernetes#72775: 383 → 479 → 589 → 664; #84142, #90461, #98914); a crashing revision drives them to the maximum (kubernetes#87199).",
  apply,
};
