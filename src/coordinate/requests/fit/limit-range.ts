/**
 * The namespace's LimitRange: what the API server would refuse of a single container, or of the pod.
 */
import type { RequestAmounts } from "../../../base/units.ts";
import { isSame, RESOURCES, withAmount } from "../amounts.ts";
import type { LimitRange, RequestQuestion } from "../question.ts";
import { type Draft, perContainer, type RequestVerdict } from "../rail.ts";
import { changeText } from "../wording.ts";
import { runningPresent, runningWishes, shortened, sumOf } from "./increase.ts";

export function heldToLimitRange(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const { limitRange } = question.room;
  if (limitRange === undefined) return undefined;
  const each = perContainer(draft, question, (wish, { present }) => {
    // a container that is not changed was accepted as it is
    if (isSame(wish, present)) return undefined;
    const within = {
      requests: clamped(wish.requests, limitRange),
      limits: clamped(wish.limits, { ...limitRange, min: {} }),
    };
    if (isSame(wish, within)) return undefined;
    return { wish: within, reason: "LimitRange", why: `LimitRange: ${changeText(wish, within)}` };
  });
  const pod = heldToPodMax(each?.draft ?? draft, question, limitRange);
  if (pod === undefined) return each;
  return { draft: pod.draft, moves: [...(each?.moves ?? []), ...pod.moves] };
}

function clamped(amounts: RequestAmounts, { min, max }: Pick<LimitRange, "min" | "max">): RequestAmounts {
  return RESOURCES.reduce((rest, resource) => {
    const amount = rest[resource];
    if (amount === undefined) return rest;
    const to = Math.min(Math.max(amount, min[resource] ?? 0), max[resource] ?? Infinity);
    return withAmount(rest, resource, to);
  }, amounts);
}

/** A pod's maximum counts limits where they are set, and else requests. */
function heldToPodMax(
  draft: Draft,
  question: RequestQuestion,
  { podMax }: LimitRange,
): RequestVerdict | undefined {
  for (const resource of RESOURCES) {
    const max = podMax[resource] ?? Infinity;
    const over = (["limits", "requests"] as const).some((part) => {
      const wanted = sumOf(runningWishes(draft, question), part, resource);
      return wanted > max && wanted > sumOf(runningPresent(question), part, resource);
    });
    const why = `the LimitRange allows a pod no more ${resource}`;
    if (over) return shortened(draft, question, { resource, part: 0, reason: "LimitRange", why });
  }
  return undefined;
}
