/**
 * A run with a mishap beside the run without: the same end, in time, and no decrease before its time.
 */
import { type Millis, millis, seconds } from "../../../src/base/units.ts";
import { SILENCE_PERIOD } from "../../../src/reconcile/due/freshness.ts";
import { isDecrease, isOrder } from "../../../src/sim/invariants/observed.ts";
import type { Count, Played } from "./play.ts";
import { type Story, WINDOW } from "./story.ts";

/** Three periods of 15 s. */
const LATE_MAX = seconds(45);
/** A rate takes two samples, and the first may be as old as a period when a process begins. */
const WARM_UP = seconds(30);
/** The longest between two decisions. */
const PERIOD = SILENCE_PERIOD;

export type Beside = Readonly<{
  story: Story;
  reference: Played;
  played: Played;
  /** Until then the process was not told of what somebody did: from then on it answers what it sees. */
  blindUntil?: Millis | undefined;
}>;

/** What is wrong with a run whose mishap was over at a moment. */
export function faultsOf(beside: Beside, over: Millis): readonly string[] {
  const { story, reference, played } = beside;
  const { problems, counts, end } = played;
  const due = dueAt(story, reference.counts, over);
  const settled = settledAt(counts);
  return [
    ...problems,
    ...(settled <= due ? [] : [`settled at ${settled}, due at ${due}: ${JSON.stringify(counts)}`]),
    ...earlyDecreases(beside),
    ...(JSON.stringify(end) === JSON.stringify(reference.end)
      ? []
      : [`ends at ${JSON.stringify(end)} instead of ${JSON.stringify(reference.end)}`]),
  ];
}

/**
 * When the end is to be reached: after the mishap there is as much time as the reference took, three periods, and what
 * a new process needs to measure. Where the last step goes down, one more window: it may be a step that the reference
 * did not need.
 */
function dueAt(story: Story, counts: readonly Count[], over: Millis): Millis {
  const settled = settledAt(counts);
  const took = settled - answeredAct(story, settled);
  const isDown = (counts.at(-1)?.replicas ?? 0) < (counts.at(-2)?.replicas ?? 0);
  return millis(Math.max(settled, over + took) + LATE_MAX + WARM_UP + (isDown ? WINDOW : 0));
}

/** No run goes down more than a period before the reference went down after the same act. */
function earlyDecreases({ story, reference, played, blindUntil }: Beside): readonly string[] {
  const decreases = ({ writes }: Played): Played["writes"] =>
    writes.filter((write) => write.accepted && isDecrease(write) && !isOrder(write));
  return decreases(played).flatMap(({ at, to, truth }) => {
    const act = answeredAct(story, at);
    const rightful = decreases(reference).find((write) => write.at >= act)?.at ?? Infinity;
    return at >= Math.min(rightful - PERIOD, blindUntil ?? Infinity)
      ? []
      : [`at ${at} early: ${truth.replicas} → ${to}, the reference went down at ${rightful}`];
  });
}

/** From when on the count was the last one. */
export const settledAt = (counts: readonly Count[]): Millis => counts.at(-1)?.at ?? millis(0);

/** The last act of the story that something at a moment can have been the answer to. */
const answeredAct = ({ acts }: Story, moment: Millis): Millis =>
  acts.findLast(({ at }) => at <= moment)?.at ?? millis(0);
