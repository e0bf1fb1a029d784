/**
 * A scale-down window that is not remembered in full might have seen a peak: no decrease until it is full
 * again. Persisted history fills it; a gap in it holds until it has left the window, or is bridged
 * when it was short and what is wanted after it is what was wanted before.
 *
 * Invariant: a decrease is made only on a whole window, and never as the first decision after a take-over.
 */
import { later } from "../../../base/units.ts";
import type { DecisionMemory } from "../../memory.ts";
import { type Circumstances, holdDecrease, type Rail } from "../../rail.ts";
import { downWindowOf } from "../../windows.ts";
import { clockText, lengthText } from "../../wording.ts";

function apply(replicas: number, circumstances: Circumstances) {
  const { question, memory } = circumstances;
  const window = downWindowOf(question);
  const whole = later(memory.completeSince, window);
  if (whole > question.now)
    return holdDecrease(replicas, circumstances, {
      reason: "WindowsIncomplete",
      why: `the ${lengthText(window)} window is known in full at ${clockText(whole)}`,
    });
  if (!memory.tookOver) return undefined;
  return holdDecrease(replicas, circumstances, {
    reason: "WindowsIncomplete",
    why: "the first decision after a take-over does not go down",
  });
}

/**
 * A short gap is none once a decision on complete evidence agrees with what was recommended before it. What was
 * wanted within it counts as all that was wanted before, up to its end.
 *
 *   wanted 4 … 9, a gap of a minute, wanted 4    →  9 is held until the gap has left the window
 *   wanted 4, a gap of a minute, wanted 4        →  as if there had been none
 */
export function bridged(
  { completeSince, bridge, recommendations }: DecisionMemory,
  replicas: number,
  { evidenceGap }: Pick<Circumstances, "evidenceGap">,
): Pick<DecisionMemory, "completeSince" | "bridge" | "recommendations"> {
  const asBefore = { completeSince, bridge, recommendations };
  if (bridge === undefined || evidenceGap !== undefined) return asBefore;
  const { since, low, high } = bridge;
  if (replicas < low || replicas > high) return asBefore;
  const gap = { at: completeSince, notBefore: since, low, high };
  return { completeSince: since, bridge: undefined, recommendations: [...recommendations, gap] };
}

export const memoryOfWindows: Rail = {
  name: "memory-of-windows",
  rule: "After a restart or a new leader without valid persisted history there is no decrease for one full window; with it, decisions go on as if nothing had happened.",
  answers:
    "An HPA keeps its recommendations and scale events in memory only: a restart or a new leader of the controller manager forgets them.",
  apply,
};
