/**
 * Arithmetic on requests and limits, the same for both resources.
 *
 * Invariant: an amount stays whole and in its own unit; what is absent stays absent, and is never 0.
 */
import { bytes, milliCores, type RequestAmounts, type ResourceName } from "../../base/units.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { ContainerResources, Resources } from "./plan.ts";

/** 10 %: what a change must reach to be worth a write (the VPA updater's own threshold). */
export const SIGNIFICANT = 0.1;

export function withAmount(amounts: RequestAmounts, resource: ResourceName, to: number): RequestAmounts {
  return resource === "cpu" ? { ...amounts, cpu: milliCores(to) } : { ...amounts, memory: bytes(to) };
}

/** `amounts` with one resource as it is in `other`, absent where it is absent there. */
export function withResourceOf(
  amounts: RequestAmounts,
  { resource, other }: Readonly<{ resource: ResourceName; other: RequestAmounts }>,
): RequestAmounts {
  const { [resource]: _, ...rest } = amounts;
  const to = other[resource];
  return to === undefined ? rest : withAmount(rest, resource, to);
}

/** Request and limit of one resource as they are in `other`. */
export function withPartOf<T extends Resources>(wish: T, resource: ResourceName, other: Resources): T {
  return {
    ...wish,
    requests: withResourceOf(wish.requests, { resource, other: other.requests }),
    limits: withResourceOf(wish.limits, { resource, other: other.limits }),
  };
}

export function isSame(one: Resources, other: Resources): boolean {
  return RESOURCES.every(
    (name) => one.requests[name] === other.requests[name] && one.limits[name] === other.limits[name],
  );
}

/**
 * How much a resource would change, as a fraction of what it is: the larger of its request's and its
 * limit's; 1 where something appears or goes.
 */
export function changeOf(resource: ResourceName, from: Resources, to: Resources): number {
  const one = fractionOf(from.requests[resource], to.requests[resource]);
  return Math.max(one, fractionOf(from.limits[resource], to.limits[resource]));
}

/** Whether a pod that carries `from` is worth a write to become `to`. */
export const isSignificant = (from: Resources, to: Resources): boolean =>
  RESOURCES.some((resource) => changeOf(resource, from, to) >= SIGNIFICANT);

/**
 * What of `wanted` differs from what is there, in the same order; a container that is not there is left out.
 */
export function differences(
  wanted: readonly ContainerResources[],
  present: readonly ContainerResources[],
): readonly ContainerResources[] {
  return wanted.filter((wish) => {
    const now = present.find(({ container }) => container === wish.container);
    return now !== undefined && !isSame(wish, now);
  });
}

function fractionOf(from: number | undefined, to: number | undefined): number {
  if (from === to) return 0;
  return from === undefined || to === undefined || from === 0 ? 1 : Math.abs(to - from) / from;
}
