/**
 * The namespace's LimitRanges, as the VPA keeps to them when it changes a pod.
 *
 * Invariant: a container that would not be changed is left as it was accepted.
 */
import { RESOURCES } from "../../../vertical/amount.ts";
import { fitToPod } from "../../../vertical/limit-range.ts";
import { isSame } from "../amounts.ts";
import type { RequestQuestion } from "../question.ts";
import { type Draft, perContainer, policyOf, type RequestVerdict, withRequest } from "../rail.ts";
import { changeText } from "../wording.ts";

export function heldToLimitRange(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const { pod, container: perContainerRange } = question.room.limitRanges;
  if (pod === undefined && perContainerRange === undefined) return undefined;
  const fitted = fitToPod({
    spec: question.spec,
    pod,
    perContainer: perContainerRange,
    containers: runningStates(question).map(({ name, base }) => {
      const target = draft.wishes.find(({ container }) => container === name)?.requests ?? {};
      return { container: name, ...base, recommended: { target, lowerBound: {}, upperBound: {} } };
    }),
  });
  return perContainer(draft, question, (wish, state) => {
    const target = fitted.get(wish.container)?.target;
    if (target === undefined || isSame(wish, state.present)) return undefined;
    const within = RESOURCES.reduce((rest, resource) => {
      const to = target[resource];
      if (to === undefined || to === rest.requests[resource]) return rest;
      return withRequest(rest, { resource, to, state }, policyOf(question, wish.container));
    }, wish);
    if (isSame(wish, within)) return undefined;
    return { wish: within, reason: "LimitRange", why: `LimitRange: ${changeText(wish, within)}` };
  });
}

const runningStates = ({ containers }: RequestQuestion) => containers.filter(({ role }) => role === "main");
