/**
 * What a policy says of one container, and the caps that follow from it.
 *
 * Invariant: an exact name comes before `*`; a cap of 0 is none; where minAllowed is over maxAllowed,
 * maxAllowed holds.
 */
import type { RequestAmounts, ResourceName } from "../base/units.ts";
import type { ContainerPolicy } from "../policy/vertical/spec.ts";
import { requestAmounts } from "./amount.ts";

/** The VPA's defaults, where neither the name nor `*` has a policy. */
const DEFAULT: Omit<ContainerPolicy, "container"> = {
  mode: "Auto",
  controlledResources: ["cpu", "memory"],
  controlledValues: "RequestsAndLimits",
  minAllowed: {},
  maxAllowed: {},
  allowMemoryLimitDecrease: false,
};

/** The first policy of this name, else the last one of `*`, else the default. */
export function policyOf(policies: readonly ContainerPolicy[], container: string): ContainerPolicy {
  return (
    policies.find((policy) => policy.container === container) ??
    policies.findLast((policy) => policy.container === "*") ?? { ...DEFAULT, container: "*" }
  );
}

/** Raised to minAllowed, then lowered to maxAllowed; only in the resources that are there. */
export function capToPolicy(
  amounts: RequestAmounts,
  { minAllowed, maxAllowed }: Pick<ContainerPolicy, "minAllowed" | "maxAllowed">,
): RequestAmounts {
  return requestAmounts((resource) => {
    const amount = amounts[resource];
    return amount === undefined
      ? undefined
      : capped(amount, { min: minAllowed[resource], max: maxAllowed[resource] });
  });
}

export type Caps = Readonly<{ min: number | undefined; max: number | undefined }>;

/** 100 in 200 … 150 → 150; a cap of 0 or undefined caps nothing. */
export function capped(amount: number, { min, max }: Caps): number {
  const raised = Math.max(amount, min ?? 0);
  return max === undefined || max === 0 ? raised : Math.min(raised, max);
}

/** The policy's own maximum; the operator's for a resource of which the policy says nothing. */
export const withGlobalMaximum = (
  { minAllowed, maxAllowed }: ContainerPolicy,
  global: RequestAmounts,
): Pick<ContainerPolicy, "minAllowed" | "maxAllowed"> => ({
  minAllowed,
  maxAllowed: { ...global, ...maxAllowed },
});

export const controls = ({ controlledResources }: ContainerPolicy, resource: ResourceName): boolean =>
  controlledResources.includes(resource);
