/**
 * What the API server would refuse is not asked for: a request above its limit, or another QoS class.
 *
 * Invariant: behind this rail every request is at most its limit, and the pod's QoS class is what it was.
 */
import { RESOURCES } from "../../../vertical/amount.ts";
import { isSame, withAmount } from "../amounts.ts";
import type { ContainerResources } from "../plan.ts";
import { qosOf } from "../qos.ts";
import type { RequestQuestion } from "../question.ts";
import {
  type Draft,
  holdAll,
  perContainer,
  policyOf,
  type RequestRail,
  type RequestVerdict,
} from "../rail.ts";
import { changeText } from "../wording.ts";

export const qosAndRatio: RequestRail = {
  name: "qos-and-ratio",
  rule: "The pod's QoS class stays: Guaranteed containers keep request and limit equal, BestEffort pods are left alone, and no request exceeds its limit.",
  answers:
    "A limit in proportion explodes where the ratio is large, and a changed QoS class is refused by the API server (autoscaler#3931, #7790).",
  apply(draft, question) {
    const before = qosOf(question.containers.map(({ present }) => present));
    if (before === "BestEffort")
      return holdWhole(draft, question, { reason: "BestEffort", why: "the pods are BestEffort" });
    const fitted = fittedToLimits(draft, question, before === "Guaranteed");
    const after = qosOf((fitted ?? { draft }).draft.wishes);
    if (after === before) return fitted;
    const why = `the pods would be ${after} and are ${before}`;
    return holdWhole(draft, question, { reason: "QosClassKept", why });
  },
};

/** What the API server refuses does not become possible because it is urgent. */
const holdWhole = (
  draft: Draft,
  question: RequestQuestion,
  why: Parameters<typeof holdAll>[2],
): RequestVerdict | undefined => holdAll({ ...draft, urgent: new Set(), goingBack: false }, question, why);

/** Guaranteed: whichever of the two is larger, so that a limit that is held up holds its request too. */
function fittedToLimits(
  draft: Draft,
  question: RequestQuestion,
  guaranteed: boolean,
): RequestVerdict | undefined {
  return perContainer(draft, question, (wish) => {
    const fits = guaranteed ? withEqualParts(wish) : withRequestsUnderLimits(wish, question);
    if (isSame(wish, fits)) return undefined;
    const why = guaranteed ? "request and limit of a Guaranteed pod are equal" : "no request over its limit";
    return { wish: fits, reason: "QosClassKept", why: `${why}: ${changeText(wish, fits)}` };
  });
}

const withEqualParts = (wish: ContainerResources): ContainerResources =>
  RESOURCES.reduce((rest, resource) => {
    const to = Math.max(rest.requests[resource] ?? 0, rest.limits[resource] ?? 0);
    if (to === 0) return rest;
    return {
      ...rest,
      requests: withAmount(rest.requests, resource, to),
      limits: withAmount(rest.limits, resource, to),
    };
  }, wish);

/** Where limits are controlled they give way, else the request does. */
function withRequestsUnderLimits(wish: ContainerResources, question: RequestQuestion): ContainerResources {
  const requestsOnly = policyOf(question, wish.container).controlledValues === "RequestsOnly";
  return RESOURCES.reduce((rest, resource) => {
    const [request, limit] = [rest.requests[resource], rest.limits[resource]];
    if (request === undefined || limit === undefined || request <= limit) return rest;
    return requestsOnly
      ? { ...rest, requests: withAmount(rest.requests, resource, limit) }
      : { ...rest, limits: withAmount(rest.limits, resource, request) };
  }, wish);
}
