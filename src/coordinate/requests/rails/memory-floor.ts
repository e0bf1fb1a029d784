/**
 * Memory is not compressible: what was used within a day stays requested, and a limit comes down slowly or
 * not at all.
 *
 *   peak of 24 h 500Mi:   request ≥ 550Mi       limit, if it may be lowered: ≥ 600Mi, and ≥ 90 % of what it is
 *
 * Invariant: without a known peak memory never goes down; a limit goes down only where the policy allows it.
 */
import { elapsed, minutes } from "../../../base/units.ts";
import type { ContainerPolicy } from "../../../policy/vertical/spec.ts";
import { isSame, withAmount } from "../amounts.ts";
import type { ContainerResources } from "../plan.ts";
import type { ContainerState, RequestQuestion } from "../question.ts";
import { perContainer, policyOf, type RequestRail, withRequest } from "../rail.ts";
import { changeText, roundText } from "../wording.ts";

const REQUEST_OVER_PEAK = 1.1;
const LIMIT_OVER_PEAK = 1.2;
/** Of what it is, in an hour. */
const LIMIT_STEP = 0.1;
const STEP_EVERY = minutes(60);

export const memoryFloor: RequestRail = {
  name: "memory-floor",
  rule: "A memory request is at least the highest usage of 24 h × 1.1. A memory limit is lowered only with `allowMemoryLimitDecrease`: by 10 % an hour, not below the highest usage of 24 h × 1.2, and not within 24 h of an OOM kill.",
  answers:
    "A percentile of memory is below what a container needs at its peak, and a limit below that kills it (autoscaler#5029, #8434).",
  apply: (draft, question) =>
    perContainer(draft, question, (wish, state) => {
      const policy = policyOf(question, wish.container);
      const floored = withLimitHeld(withRequestFloor(wish, state, policy), state, question);
      if (isSame(wish, floored)) return undefined;
      return { wish: floored, reason: "MemoryFloor", why: whyOf(wish, floored, state) };
    }),
};

function withRequestFloor(
  wish: ContainerResources,
  state: ContainerState,
  policy: ContainerPolicy,
): ContainerResources {
  const [wanted, present] = [wish.requests.memory, state.present.requests.memory];
  if (wanted === undefined || wanted === present) return wish;
  const peak = state.memoryPeak;
  const floor = peak === undefined ? (present ?? 0) : Math.ceil(peak * REQUEST_OVER_PEAK);
  const to = Math.min(floor, policy.maxAllowed.memory ?? Infinity);
  return to <= wanted ? wish : withRequest(wish, { resource: "memory", to, state }, policy);
}

function withLimitHeld(
  wish: ContainerResources,
  state: ContainerState,
  question: RequestQuestion,
): ContainerResources {
  const [wanted, present] = [wish.limits.memory, state.present.limits.memory];
  if (wanted === undefined || present === undefined || wanted >= present) return wish;
  const lowest = mayBeLowered(state, question) ? lowestLimit(present, state.memoryPeak) : present;
  return { ...wish, limits: withAmount(wish.limits, "memory", Math.max(wanted, lowest)) };
}

function mayBeLowered({ name, ooms, memoryLimitLoweredAt }: ContainerState, question: RequestQuestion) {
  if (policyOf(question, name).allowMemoryLimitDecrease === false || ooms.length > 0) return false;
  return memoryLimitLoweredAt === undefined || elapsed(memoryLimitLoweredAt, question.now) >= STEP_EVERY;
}

function lowestLimit(present: number, peak: number | undefined): number {
  if (peak === undefined) return present;
  const lowest = Math.max(Math.ceil(present * (1 - LIMIT_STEP)), Math.ceil(peak * LIMIT_OVER_PEAK));
  return Math.min(present, lowest);
}

function whyOf(wish: ContainerResources, floored: ContainerResources, { memoryPeak }: ContainerState) {
  const peak = memoryPeak === undefined ? "unknown" : roundText("memory", memoryPeak);
  return `${changeText(wish, floored)}: the highest usage of 24 h is ${peak}`;
}
