/**
 * The conditions about requests: the VPA's, and whether anything is applied.
 *
 * Invariant: all five are stated in every verdict; LowConfidence keeps no recommendation from being shown.
 */
import type { ConditionType } from "../../policy/status.ts";
import { type Stated, stated } from "../reasons.ts";
import type { VerticalVerdict } from "../record.ts";
import { NONE_BECAUSE } from "./display.ts";
import { recommendationsIn } from "./pair.ts";

/** In the order in which a status lists them. */
export const VERTICAL_TYPES: readonly ConditionType[] = [
  "RecommendationProvided",
  "LowConfidence",
  "NoPodsMatched",
  "ConfigUnsupported",
  "Applying",
];

/** Days of history from which on the bounds are narrow. */
const CONFIDENT = 1;

export function verticalConditions(verdict: VerticalVerdict): readonly Stated[] {
  const { podCount, unsupported, applying } = verdict;
  return [
    provided(verdict),
    confidence(verdict),
    podCount === 0
      ? stated("NoPodsMatched", "NoPodsFound", "the target has no pods")
      : stated(
          "NoPodsMatched",
          "PodsMatched",
          `the target has ${podCount} ${podCount === 1 ? "pod" : "pods"}`,
        ),
    unsupported === undefined
      ? stated("ConfigUnsupported", "TargetSupported", "the target's containers can be worked on")
      : stated("ConfigUnsupported", "TargetUnsupported", unsupported),
    { type: "Applying", ...applying },
  ];
}

function provided(verdict: VerticalVerdict): Stated {
  const { proposal, podCount, unsupported } = verdict;
  const type = "RecommendationProvided";
  if (unsupported !== undefined) return stated(type, "ConfigUnsupported", unsupported);
  const recommended = recommendationsIn(verdict);
  const others = proposal.containers.flatMap((one) =>
    one.kind === "none" ? [`${one.container}: ${NONE_BECAUSE[one.because]}`] : [],
  );
  const rest = others.length === 0 ? "" : ` (${others.join("; ")})`;
  if (recommended.length > 0)
    return stated(
      type,
      type,
      `requests are recommended for ${recommended.map(({ container }) => container).join(", ")}${rest}`,
    );
  if (proposal.containers.some((one) => one.kind === "none" && one.because === "no-samples"))
    return stated(type, "NoSamples", `nothing was measured yet, so nothing is recommended${rest}`);
  if (proposal.containers.length > 0)
    return stated(type, "NoContainerWanted", `no container is to have a recommendation${rest}`);
  return podCount === 0
    ? stated(type, "NoPodsMatched", "no pods of the target have been seen")
    : stated(type, "NoSamples", "nothing was measured yet, so nothing is recommended");
}

function confidence(verdict: VerticalVerdict): Stated {
  const recommended = recommendationsIn(verdict);
  if (recommended.length === 0 || verdict.unsupported !== undefined)
    return stated("LowConfidence", "NoRecommendation", "there is no recommendation to be sure of");
  const least = recommended.reduce((a, b) => (b.confidence < a.confidence ? b : a));
  if (least.confidence >= CONFIDENT)
    return stated("LowConfidence", "HistoryLongEnough", "each container has a day of history or more");
  const hours = Math.floor(least.confidence * 24);
  const length = hours === 0 ? "less than an hour" : hours === 1 ? "1 hour" : `${hours} hours`;
  return stated(
    "LowConfidence",
    "HistoryTooShort",
    `${least.container} has ${length} of history: bounds are wide until it is a day`,
  );
}
