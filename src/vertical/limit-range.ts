/**
 * A recommendation made to fit a pod: the namespace's LimitRanges, the policy once more, and the
 * container's own limit, in the VPA's order (its admission controller and its updater do the same).
 *
 * Invariant: the policy's minAllowed and maxAllowed have the last word over LimitRanges; a resource without a
 * recommendation gets none here, and a container's LimitRange moves only what its limit would break.
 *
 *   LimitRange of type Pod, sums of all containers      every request becomes
 *   min ≤ requests, min ≤ limits ≤ max                  as it is
 *   min over the requests, limits exist                 × min ÷ requests (CPU rounded up, memory cut)
 *   limits over max                                     × max ÷ limits, cut
 *   min over the limits only                            × min ÷ limits, cut
 *   no limits                                           as it is
 */
import type { RequestAmounts, ResourceName } from "../base/units.ts";
import type { VerticalSpec } from "../policy/vertical/spec.ts";
import { requestAmounts, RESOURCES, saturated } from "./amount.ts";
import { capped, capToPolicy, policyOf } from "./container-policy.ts";
import type { ContainerRecommendation } from "./proposal.ts";
import { exactLimit, requestAtBoundary } from "./proportional.ts";

/** What the LimitRanges of a namespace say of one type (Pod or Container). */
export type LimitRange = Readonly<{ min: RequestAmounts; max: RequestAmounts; default: RequestAmounts }>;

export type PodContainer = Readonly<{
  container: string;
  requests: RequestAmounts;
  limits: RequestAmounts;
  /** undefined: it keeps what it has, and counts with that in the sums of the pod. */
  recommended: Amounts | undefined;
}>;
type Amounts = Pick<ContainerRecommendation, "target" | "lowerBound" | "upperBound">;

export type FitQuestion = Readonly<{
  spec: Pick<VerticalSpec, "containers">;
  pod: LimitRange | undefined;
  perContainer: LimitRange | undefined;
  /** Every main container of the pod. */
  containers: readonly PodContainer[];
}>;

/** By container, those without a recommendation left out. */
export function fitToPod(question: FitQuestion): ReadonlyMap<string, Amounts> {
  const { containers } = question;
  const target = fitField(question, containers.map(targetOf));
  const lower = fitField(
    question,
    containers.map((each) => each.recommended?.lowerBound),
  );
  const upper = fitField(
    question,
    containers.map((each) => each.recommended?.upperBound),
  );
  return new Map(
    containers.flatMap(({ container, recommended }, at) =>
      recommended === undefined
        ? []
        : [
            [
              container,
              { target: target[at] ?? {}, lowerBound: lower[at] ?? {}, upperBound: upper[at] ?? {} },
            ],
          ],
    ),
  );
}

/** Of several LimitRanges the highest minimum, the lowest maximum and the last default count. */
export function mergeLimitRanges(ranges: readonly LimitRange[]): LimitRange | undefined {
  if (ranges.length === 0) return undefined;
  const all = (which: keyof LimitRange, resource: ResourceName): readonly number[] =>
    ranges.flatMap((range) => range[which][resource] ?? []);
  const pick = (which: keyof LimitRange, of: (...amounts: number[]) => number): RequestAmounts =>
    requestAmounts((resource) => {
      const amounts = all(which, resource);
      return amounts.length === 0 ? undefined : of(...amounts);
    });
  const defaults = ranges.findLast((range) => Object.keys(range.default).length > 0);
  return { min: pick("min", Math.max), max: pick("max", Math.min), default: defaults?.default ?? {} };
}

/** One of target, lower and upper bound, of all containers. */
function fitField(
  { spec, pod, perContainer, containers }: FitQuestion,
  field: readonly (RequestAmounts | undefined)[],
): readonly RequestAmounts[] {
  const inPod =
    pod === undefined
      ? field
      : RESOURCES.reduce((now, resource) => fitSum(pod, containers, { resource, now }), field);
  return containers.map((container, at) => {
    const policy = policyOf(spec.containers, container.container);
    const inRange = fitOne(perContainer, container, inPod[at] ?? {});
    const inPolicy = capToPolicy(inRange, policy);
    return policy.controlledValues === "RequestsOnly"
      ? capToPolicy(inPolicy, { minAllowed: {}, maxAllowed: container.limits })
      : inPolicy;
  });
}

/** A container without a recommendation stands with its requests, in the target only. */
const targetOf = ({ recommended, requests }: PodContainer): RequestAmounts =>
  recommended === undefined ? requests : recommended.target;

/** The Pod rule for one resource. */
function fitSum(
  range: LimitRange,
  containers: readonly PodContainer[],
  { resource, now }: Readonly<{ resource: ResourceName; now: readonly (RequestAmounts | undefined)[] }>,
): readonly (RequestAmounts | undefined)[] {
  const requested = now.map((amounts) => amounts?.[resource]);
  const limits = containers.map((container, at) =>
    exactLimit(originalOf(container, range, resource), requested[at]),
  );
  const share = shareOf(range, resource, { requests: sum(requested), limits: sum(limits) });
  if (share === undefined) return now;
  return now.map((amounts, at) => {
    const request = requested[at];
    if (amounts === undefined || request === undefined) return amounts;
    const fitted = saturated(share(BigInt(request)));
    return { ...amounts, ...requestAmounts((each) => (each === resource ? fitted : undefined)) };
  });
}

type Sums = Readonly<{ requests: bigint; limits: bigint }>;

/** What becomes of each request; undefined when nothing does. */
function shareOf(
  range: LimitRange,
  resource: ResourceName,
  { requests, limits }: Sums,
): ((request: bigint) => bigint) | undefined {
  const min = BigInt(range.min[resource] ?? 0);
  const max = BigInt(range.max[resource] ?? 0) || limits;
  if (limits === 0n || (min <= limits && min <= requests && limits <= max)) return undefined;
  if (min <= requests) return (request) => (request * (limits > max ? max : min)) / limits;
  const rest = resource === "cpu" ? requests - 1n : 0n;
  return (request) => (request * min + rest) / requests;
}

/** The Container rule: the request must be in the range, and so must the limit that follows from it. */
function fitOne(
  range: LimitRange | undefined,
  container: PodContainer,
  amounts: RequestAmounts,
): RequestAmounts {
  if (range === undefined) return amounts;
  return requestAmounts((resource) => {
    const amount = amounts[resource];
    if (amount === undefined) return undefined;
    const original = originalOf(container, range, resource);
    const [min, max] = [range.min[resource], range.max[resource]];
    return capped(amount, {
      min: Math.max(min ?? 0, min === undefined ? 0 : (requestAtBoundary(original, min) ?? 0)),
      max: max === undefined ? undefined : requestAtBoundary(original, max),
    });
  });
}

const originalOf = ({ requests, limits }: PodContainer, range: LimitRange, resource: ResourceName) => ({
  request: requests[resource],
  limit: limits[resource],
  defaultLimit: range.default[resource],
});

const sum = (amounts: readonly (number | bigint | undefined)[]): bigint =>
  amounts.reduce<bigint>((total, amount) => total + BigInt(amount ?? 0), 0n);
