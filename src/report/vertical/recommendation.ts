/**
 * `status.vertical` after a decision: the recommendation in the VPA's shape.
 *
 * Invariant: figures that are shown stay until one of them has moved by 5 %, so that a status which says the
 * same is the same text; `/metrics` has the latest.
 */
import { parseQuantity } from "../../base/quantity.ts";
import type {
  ContainerRecommendationStatus,
  RequestTexts,
  TargetPair,
  VerticalStatus,
} from "../../policy/vertical/status.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import { requestTexts } from "../../vertical/text.ts";
import type { VerticalVerdict } from "../record.ts";
import { recommendationsIn, targetPairs } from "./pair.ts";

/** The step between two of the VPA's buckets: less is no other recommendation. */
const MOVED_BY = 0.05;

export function verticalStatusOf(
  verdict: VerticalVerdict,
  previous: VerticalStatus | undefined,
): VerticalStatus {
  const recommended = recommendationsIn(verdict);
  if (recommended.length === 0) return {};
  const before = previous?.recommendation;
  const containers = recommended.map((one) =>
    settled(
      statusOf(one),
      before?.containerRecommendations.find(({ containerName }) => containerName === one.container),
    ),
  );
  const confidence = Math.min(...recommended.map((one) => one.confidence));
  return {
    recommendation: {
      containerRecommendations: containers,
      targets: settledPairs(targetPairs(verdict), before?.targets ?? []),
    },
    confidence: (Math.floor(confidence * 100) / 100).toFixed(2),
  };
}

const statusOf = ({ container, ...amounts }: ContainerRecommendation): ContainerRecommendationStatus => ({
  containerName: container,
  target: requestTexts(amounts.target),
  lowerBound: requestTexts(amounts.lowerBound),
  upperBound: requestTexts(amounts.upperBound),
  uncappedTarget: requestTexts(amounts.uncappedTarget),
  base: requestTexts(amounts.base),
});

const FIELDS = ["target", "lowerBound", "upperBound", "uncappedTarget"] as const;

/** A base is no estimate: another one is shown at once. */
function settled(
  now: ContainerRecommendationStatus,
  before: ContainerRecommendationStatus | undefined,
): ContainerRecommendationStatus {
  if (before === undefined || !isSame(now.base, before.base)) return now;
  return FIELDS.every((field) => isNear(now[field], before[field])) ? before : now;
}

/** A pair is only good for the request that it was made for. */
function settledPairs(now: readonly TargetPair[], before: readonly TargetPair[]): readonly TargetPair[] {
  return now.map((pair) => {
    const old = before.find(({ metric }) => metric === pair.metric);
    const holds = old?.averageValue === pair.averageValue && isNearAmount(pair.request, old.request);
    return holds ? old : pair;
  });
}

const isSame = (a: RequestTexts, b: RequestTexts): boolean => RESOURCES.every((one) => a[one] === b[one]);
const isNear = (a: RequestTexts, b: RequestTexts): boolean =>
  RESOURCES.every((resource) => isNearAmount(a[resource], b[resource]));

function isNearAmount(now: string | undefined, before: string | undefined): boolean {
  if (now === before) return true;
  const [a, b] = [numberOf(now), numberOf(before)];
  return a !== undefined && b !== undefined && Math.abs(a - b) < MOVED_BY * b;
}

function numberOf(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.kind === "quantity" ? Number(parsed.quantity.nano) : undefined;
}
