/**
 * The recommendation for each container of a workload, number for number the VPA's (1.8), but where it has
 * nothing to go by.
 *
 * Invariant: what was never measured is not recommended. The VPA would answer its minimum of 25 m and 250
 * MiB, bounds and all, and shrink what it knows nothing of.
 *
 *   container                       answer
 *   main, with samples              the VPA's
 *   sidecar (native), with samples  as a main one's; the VPA leaves it out
 *   init                            none: not-counted
 *   mode Off                        none: policy-off, and no share of the pod's minimum
 *   no samples of either resource   none: no-samples
 *   no samples of one resource      the other one only
 */
import type { RequestAmounts, ResourceName } from "../base/units.ts";
import { bytes, milliCores } from "../base/units.ts";
import type { RecommenderSpec } from "../policy/vertical/spec.ts";
import type { Buckets } from "../usage/history/buckets.ts";
import { CPU_BUCKETS, MEMORY_BUCKETS } from "../usage/history/buckets.ts";
import type { HistorySnapshot } from "../usage/history/snapshot.ts";
import { isCounted } from "../usage/history/store.ts";
import { amountOf, requestAmounts } from "./amount.ts";
import { capToPolicy, controls, policyOf, withGlobalMaximum } from "./container-policy.ts";
import type { Estimate } from "./estimate.ts";
import { confidenceOf, estimate } from "./estimate.ts";
import type { ContainerRecommendation, NoRecommendation, VerticalProposal } from "./proposal.ts";
import type { ContainerQuestion, VerticalQuestion } from "./question.ts";

/** The recommender's own defaults: 25 m and 250 MiB a pod, no maximum, no rounding. */
export const VERTICAL_SETTINGS: VerticalQuestion["settings"] = {
  podMinimum: { cpu: milliCores(25), memory: bytes(250 * 2 ** 20) },
  maxAllowed: {},
  roundTo: { cpu: milliCores(1), memory: bytes(1) },
};

export function recommend(question: VerticalQuestion): VerticalProposal {
  const { containers, settings, spec } = question;
  const sharing = containers.filter(
    ({ role, name }) => role === "main" && policyOf(spec.containers, name).mode === "Auto",
  );
  const share = 1 / Math.max(1, sharing.length);
  const minimum = (resource: ResourceName): number => amountOf(settings.podMinimum[resource] * share);
  return {
    containers: containers
      .map((container) => recommendOne(container, question, minimum))
      .toSorted((a, b) => (a.container < b.container ? -1 : 1)),
  };
}

function recommendOne(
  container: ContainerQuestion,
  { spec, settings }: VerticalQuestion,
  minimum: (resource: ResourceName) => number,
): ContainerRecommendation | NoRecommendation {
  const { name, role, history, requests: base } = container;
  const policy = policyOf(spec.containers, name);
  if (!isCounted(role)) return { kind: "none", container: name, because: "not-counted" };
  if (policy.mode === "Off") return { kind: "none", container: name, because: "policy-off" };
  const estimates = history && estimateBoth(history, spec.recommender, minimum);
  if (history === undefined || (estimates?.cpu === undefined && estimates?.memory === undefined))
    return { kind: "none", container: name, because: "no-samples" };
  const field = (which: keyof Estimate): RequestAmounts =>
    requestAmounts((resource) =>
      controls(policy, resource)
        ? roundedUp(estimates[resource]?.[which], settings.roundTo[resource])
        : undefined,
    );
  const caps = withGlobalMaximum(policy, settings.maxAllowed);
  const uncappedTarget = field("target");
  return {
    kind: "recommendation",
    container: name,
    target: capToPolicy(uncappedTarget, caps),
    lowerBound: capToPolicy(field("lowerBound"), caps),
    upperBound: capToPolicy(field("upperBound"), caps),
    uncappedTarget,
    base,
    confidence: confidenceOf(history),
  };
}

const SCALES: Readonly<Record<ResourceName, Buckets<number>>> = { cpu: CPU_BUCKETS, memory: MEMORY_BUCKETS };

function estimateBoth(
  history: HistorySnapshot,
  { margin, ...recommender }: RecommenderSpec,
  minimum: (resource: ResourceName) => number,
): Readonly<Record<ResourceName, Estimate | undefined>> {
  const confidence = confidenceOf(history);
  const of = (resource: ResourceName): Estimate | undefined =>
    estimate(SCALES[resource], history[resource], {
      percentile: recommender[`${resource}Percentile`],
      margin,
      confidence,
      minimum: minimum(resource),
    });
  return { cpu: of("cpu"), memory: of("memory") };
}

/** 296 to steps of 50 → 300; a step of 1 changes nothing. */
function roundedUp(amount: number | undefined, step: number): number | undefined {
  return amount === undefined || step <= 1 ? amount : Math.ceil(amount / step) * step;
}
