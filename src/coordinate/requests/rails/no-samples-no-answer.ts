/**
 * Nothing was measured, or not for long: then nothing is written.
 *
 * Invariant: a container without a recommendation keeps what it has.
 */
import type { ContainerRecommendation, NoRecommendation } from "../../../vertical/proposal.ts";
import { perContainer, presentOf, type RequestRail } from "../rail.ts";

/** A day of one sample a minute. */
const CONFIDENCE_MIN = 1;

export const noSamplesNoAnswer: RequestRail = {
  name: "no-samples-no-answer",
  rule: "A container without samples gets no recommendation; until there is a day of history, it gets one that is shown and not written.",
  answers:
    "A VPA answers 25m and 250Mi where it has measured nothing, with no sign of it, and may evict pods for that.",
  apply(draft, question) {
    const answers = new Map(question.proposal.containers.map((one) => [one.container, one]));
    return perContainer(draft, question, ({ container }) => {
      const answer = answers.get(container);
      const why = answer === undefined ? undefined : lackOf(answer);
      return why === undefined ? undefined : { wish: presentOf(question, container), ...why };
    });
  },
};

function lackOf(answer: ContainerRecommendation | NoRecommendation) {
  if (answer.kind === "none")
    return answer.because === "no-samples"
      ? ({ reason: "NothingMeasured", why: "nothing was measured yet" } as const)
      : undefined;
  if (answer.confidence >= CONFIDENCE_MIN) return undefined;
  const known = `${Math.max(0, answer.confidence).toFixed(2)} days of history`;
  return {
    reason: "TooLittleHistory",
    why: `${known}, and nothing is written before there is one day`,
  } as const;
}
