/**
 * CPU usage that is pinned at the limits says how much was allowed, not how much was wanted. Then one
 * replica more is tried, and no decrease is made that would pin the rest.
 *
 * Invariant: the rail only raises, and only for a policy that follows cpu with every counted container limited.
 *
 *   pods that count: 4 of 4, limits 1000m each
 *   usage 3900m, metrics want 4    pinned (97.5 %)                         → 5
 *   usage 3000m, metrics want 3    3 pods would be at 100 %                → 4
 *   usage 2800m, metrics want 3    3 pods would be at 93.3 %               → 3
 */
import type { ValidProposal } from "../../../horizontal/proposal.ts";
import type { Circumstances, Rail } from "../../rail.ts";

/** Usage at this part of the limits is taken to be held down by them. */
const PINNED_PERCENT = 95;

/** The fewest replicas that are not pinned, at most one more than there are; undefined: nothing is censored. */
export function leastUnpinned(circumstances: Circumstances): number | undefined {
  const { proposal } = circumstances;
  const known = proposal.metrics
    .filter((metric) => metric.kind === "valid")
    .filter(({ metric }) => metric.resource === "cpu")
    .map((metric) => floorOf(metric, circumstances))
    .filter((floor) => floor !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function floorOf({ limits, readyCount }: ValidProposal, { question }: Circumstances): number | undefined {
  if (limits === undefined || limits.limit === 0) return undefined;
  const { pods, lostCount } = question.evidence;
  const unpinned = Math.floor((limits.usage * 100 * readyCount) / (PINNED_PERCENT * limits.limit)) + 1;
  // Pods that are starting, or not yet made, are already an answer to the demand; lost ones are none.
  const underway = Math.max(question.target.replicas, pods.length + lostCount);
  return Math.min(unpinned + lostCount, underway + 1);
}

function apply(replicas: number, circumstances: Circumstances) {
  const { replicas: current } = circumstances.question.target;
  const floor = leastUnpinned(circumstances);
  if (floor === undefined || replicas >= floor) return undefined;
  const held = Math.min(floor, current + 1);
  if (replicas >= held) return undefined;
  const why =
    held > current
      ? `cpu is pinned at the limits (95 % and more): one replica more, ${held}`
      : `with ${replicas} replicas cpu would be at 95 % of its limits or more: ${held}`;
  return { replicas: held, why, states: [] };
}

export const censoredDemand: Rail = {
  name: "censored-demand",
  rule: "When cpu usage is at 95 % of the limits or more, it hides demand: at least one replica more, and no decrease that would bring the rest there.",
  answers:
    "A target that pods cannot reach because their limit stops them first never scales up an HPA (kubernetes#72811 asks for limits as the denominator).",
  apply,
};
