/**
 * What the operator recommends, as the status of a policy shows it: its own history, in the VPA's shape.
 *
 * Invariant: a container without a readable target is left out, never shown as 0.
 */
import type { ContainerRecommendation } from "../../../vertical/proposal.ts";
import { trimAmounts } from "../watch/trim/amounts.ts";
import { type Raw, record, records, text } from "../watch/trim/raw.ts";
import { requestAmounts } from "./pods.ts";

export function readShown(status: Raw): readonly ContainerRecommendation[] {
  const vertical = record(status["vertical"]);
  const recommendation = record(vertical["recommendation"]);
  const days = Number(vertical["confidence"] ?? 0);
  return records(recommendation["containerRecommendations"]).flatMap((one) => {
    const container = text(one["containerName"]);
    const target = requestAmounts(trimAmounts(one["target"]));
    if (container === undefined || Object.keys(target).length === 0) return [];
    return [
      {
        kind: "recommendation",
        container,
        target,
        lowerBound: requestAmounts(trimAmounts(one["lowerBound"])),
        upperBound: requestAmounts(trimAmounts(one["upperBound"])),
        uncappedTarget: requestAmounts(trimAmounts(one["uncappedTarget"])),
        base: requestAmounts(trimAmounts(one["base"])),
        confidence: Number.isFinite(days) ? days : 0,
      },
    ];
  });
}
