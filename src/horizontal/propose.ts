/**
 * All metrics' answers and what they come to together (as in the HPA): the largest, unless one of
 * them has no answer while the others ask for fewer.
 *
 * Invariant: the same question gets the same proposal, every proposal says why, and a proposal that rests on
 * fewer metrics than the spec names is never a decrease.
 */
import { must } from "../base/assert.ts";
import { proposeForMetric } from "./metric.ts";
import type { HorizontalProposal, MetricProposal } from "./proposal.ts";
import type { HorizontalQuestion } from "./question.ts";

export function proposeReplicas(question: HorizontalQuestion): HorizontalProposal {
  const metrics = question.spec.metrics.map((metric) => proposeForMetric(question, metric));
  return { metrics, combined: combine(metrics, question.currentReplicas) };
}

function combine(
  metrics: readonly MetricProposal[],
  currentReplicas: number,
): HorizontalProposal["combined"] {
  let winner: number | undefined;
  let [replicas, upstreamReplicas, invalidCount] = [0, 0, 0];
  metrics.forEach((proposal, index) => {
    if (proposal.kind === "invalid") {
      invalidCount += 1;
      return;
    }
    if (winner === undefined || proposal.replicas > replicas) winner = index;
    replicas = Math.max(replicas, proposal.replicas);
    upstreamReplicas = Math.max(upstreamReplicas, proposal.upstreamReplicas);
  });
  if (winner === undefined || (invalidCount > 0 && replicas < currentReplicas)) return failureOf(metrics);
  return { kind: "replicas", replicas, upstreamReplicas, winner, invalidCount };
}

function failureOf(metrics: readonly MetricProposal[]): HorizontalProposal["combined"] {
  const first = must(
    metrics.find((proposal) => proposal.kind === "invalid"),
    "a failure has an invalid metric",
  );
  return { kind: "failure", reason: first.reason, message: first.message };
}
