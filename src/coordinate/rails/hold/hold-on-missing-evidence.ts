/**
 * Missing is not zero: what is not known about more than a tenth of the pods, or about a metric, could be
 * load. Up to a tenth, usage is imputed as the HPA does.
 *
 * Invariant: on incomplete evidence the answer is never a decrease.
 */
import { type Millis, millis, seconds } from "../../../base/units.ts";
import type { HorizontalProposal, InvalidProposal } from "../../../horizontal/proposal.ts";
import type { PlanQuestion } from "../../question.ts";
import { holdDecrease, type Rail } from "../../rail.ts";
import { countText, lengthText } from "../../wording.ts";

/** Of the pods that should have a fresh sample. */
const LACKING_PERCENT_MAX = 10;
const CACHE_AGE_MAX = seconds(90);

/** Why evidence is not complete, in a phrase; undefined when it is. */
export function evidenceGapOf(question: PlanQuestion, { metrics }: HorizontalProposal): string | undefined {
  const { lacking, expectedCount, cacheAge } = question.evidence;
  if (lacking.length * 100 > expectedCount * LACKING_PERCENT_MAX) return lackText(question.evidence);
  const unseen = unseenPodsText(question);
  if (unseen !== undefined) return unseen;
  const invalid = metrics.find((metric): metric is InvalidProposal => metric.kind === "invalid");
  if (invalid !== undefined) return invalid.message;
  if (cacheAge === undefined) return "not everything of the cluster has been heard of yet";
  return cacheAge > CACHE_AGE_MAX
    ? `a part of the cluster was not heard of for ${lengthText(cacheAge)}`
    : undefined;
}

/**
 * A watch of pods that is behind does not show those that came since. Where the status of a target counts its pods,
 * it tells of them; whatever counts pods of another kind of target need not be those that are measured.
 */
function unseenPodsText({ target, evidence, rollout }: PlanQuestion): string | undefined {
  const { observedReplicas } = target;
  const seen = evidence.pods.length + evidence.lostCount + evidence.weightlessCount;
  const isSeen = (observedReplicas - seen) * 100 <= observedReplicas * LACKING_PERCENT_MAX;
  if (rollout.kind === "unknown" || isSeen) return undefined;
  return `the cluster's view shows ${seen} of ${countText(observedReplicas, "pod")} that the target has`;
}

/** `2 of 3 pods have had no sample for 1m35s (node n7, n8)`: the longest silence, and up to three nodes. */
function lackText({ lacking, expectedCount }: PlanQuestion["evidence"]): string {
  let longest: Millis = millis(0);
  for (const { silentFor } of lacking) if (silentFor > longest) longest = silentFor;
  const nodes = [...new Set(lacking.map(({ node }) => node ?? "none"))];
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more` : "";
  const pods = `${lacking.length} of ${countText(expectedCount, "pod")}`;
  const have = lacking.length === 1 ? "has" : "have";
  return `${pods} ${have} had no sample for ${lengthText(longest)} (node ${nodes.slice(0, 3).join(", ")}${more})`;
}

export const holdOnMissingEvidence: Rail = {
  name: "hold-on-missing-evidence",
  rule: "No decrease while more than 10 % of the target's pods are not in view, or of those that should have a fresh sample have none; while any metric of the policy has no answer, or a part of the cluster (pods, nodes, workloads, policies, autoscalers) was not heard of for 90 s.",
  answers:
    "An outage of metrics that reads as zero scales a workload to its minimum (kubernetes#104387); with one metric missing an HPA went down on the others (kubernetes#99394, #105187).",
  apply: (replicas, circumstances) =>
    circumstances.evidenceGap === undefined
      ? undefined
      : holdDecrease(replicas, circumstances, { reason: "MissingEvidence", why: circumstances.evidenceGap }),
};
