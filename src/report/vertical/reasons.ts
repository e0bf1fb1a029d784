/**
 * The reasons of the conditions about requests: rows of the table in report/reasons.ts.
 */
import type { ConditionReason } from "../reasons.ts";

export const VERTICAL_REASONS = [
  {
    reason: "RecommendationProvided",
    type: "RecommendationProvided",
    status: "True",
    from: "VPA",
    meaning:
      "At least one container has a recommendation; the message names the others, and why they have none. Ready shows it where the spec has no `horizontal`.",
  },
  {
    reason: "NoPodsMatched",
    type: "RecommendationProvided",
    status: "False",
    from: "VPA",
    meaning: "No pod of the target has been seen, so nothing can be recommended.",
    remedy: "Correct `targetRef`, or wait until the target has pods.",
  },
  {
    reason: "NoSamples",
    type: "RecommendationProvided",
    status: "False",
    meaning:
      "No container has been measured yet. The VPA would recommend its minimum here; nothing is recommended instead.",
    remedy: "Wait for a minute; if it stays, look at the pods' nodes (`plimsoll_scrape_failures_total`).",
  },
  {
    reason: "NoContainerWanted",
    type: "RecommendationProvided",
    status: "False",
    meaning: "Every container's policy has mode Off.",
    remedy: "Nothing, or set a container's mode to Auto.",
  },
  {
    reason: "ConfigUnsupported",
    type: "RecommendationProvided",
    status: "False",
    meaning: "The target cannot be worked on: see the condition ConfigUnsupported.",
    remedy: "Do what its message says.",
    event: "ConfigUnsupported",
  },
  {
    reason: "HistoryTooShort",
    type: "LowConfidence",
    status: "True",
    meaning:
      "A container has less than a day of history: its bounds are wide, and its target follows the few hours that there are.",
    remedy: "Wait for a day of ordinary load before you rely on it.",
  },
  {
    reason: "HistoryLongEnough",
    type: "LowConfidence",
    status: "False",
    meaning: "Each container has a day of history or more.",
  },
  {
    reason: "NoRecommendation",
    type: "LowConfidence",
    status: "Unknown",
    meaning: "There is no recommendation, so there is nothing to be sure of.",
    remedy: "See RecommendationProvided, which says why.",
  },
  {
    reason: "NoPodsFound",
    type: "NoPodsMatched",
    status: "True",
    meaning: "The target has no pods now; what they used before still counts.",
    remedy:
      "Nothing, if the target is to have none (a CronJob between two runs); otherwise correct `targetRef`.",
  },
  {
    reason: "PodsMatched",
    type: "NoPodsMatched",
    status: "False",
    meaning: "The target has pods.",
  },
  {
    reason: "TargetUnsupported",
    type: "ConfigUnsupported",
    status: "True",
    meaning: "The target cannot be worked on; the message says why, and what to name instead.",
    remedy: "Delete this policy and create one for the object that the message names.",
  },
  {
    reason: "TargetSupported",
    type: "ConfigUnsupported",
    status: "False",
    meaning: "The target's containers can be worked on.",
  },
  {
    reason: "ApplyModeOff",
    type: "Applying",
    status: "False",
    meaning: "`vertical.apply.mode` is Off (the default): requests are recommended, nothing is written.",
    remedy: "Nothing, or write the recommended requests yourself.",
  },
  {
    reason: "NeedsCoordination",
    type: "Applying",
    status: "False",
    meaning:
      "The policy's own `horizontal`, or a HorizontalPodAutoscaler on the same target, follows a utilization of a resource that would be changed: its request is the yardstick, so it is recommended and not applied.",
    remedy:
      "Follow the resource by `averageValue`, or leave it out of `controlledResources`. By hand, change both together: `status.vertical.recommendation.targets` has the pair.",
    event: "NeedsCoordination",
  },
] as const satisfies readonly ConditionReason[];
