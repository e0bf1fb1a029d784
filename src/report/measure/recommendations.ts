/**
 * A recommendation as gauges, container by container, in cores and bytes: what the VPA does not export.
 *
 * Invariant: a container without a recommendation has no sample, and a request that is not set none either.
 */
import type { Labels } from "../../base/meter.ts";
import type { RequestAmounts } from "../../base/units.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";
import type { VerticalVerdict } from "../record.ts";
import { recommendationsIn } from "../vertical/pair.ts";
import type { Sample } from "./policies.ts";

const SERIES: readonly (readonly [series: string, of: (one: ContainerRecommendation) => RequestAmounts])[] = [
  ["plimsoll_policy_recommendation_target", ({ target }) => target],
  ["plimsoll_policy_recommendation_lower_bound", ({ lowerBound }) => lowerBound],
  ["plimsoll_policy_recommendation_upper_bound", ({ upperBound }) => upperBound],
  ["plimsoll_policy_recommendation_uncapped_target", ({ uncappedTarget }) => uncappedTarget],
  ["plimsoll_policy_recommendation_base", ({ base }) => base],
];

export function recommendationSamples(verdict: VerticalVerdict, policy: Labels): Sample[] {
  return recommendationsIn(verdict).flatMap((one) => {
    const about = { ...policy, container: one.container };
    const amounts = SERIES.flatMap(([series, of]) =>
      RESOURCES.flatMap((resource) => {
        const amount = of(one)[resource];
        const value = resource === "cpu" ? (amount ?? 0) / 1000 : (amount ?? 0);
        return amount === undefined ? [] : [{ series, value, labels: { ...about, resource } }];
      }),
    );
    const days = {
      series: "plimsoll_policy_recommendation_confidence_days",
      value: one.confidence,
      labels: about,
    };
    return [...amounts, days];
  });
}
