/**
 * The VPA's amounts: whole millicores or bytes, cut toward zero at every step.
 *
 * Invariant: an amount lies in 0 … 1e14, whatever it is computed from; NaN counts as 0.
 *
 *   257.9 → 257      −3 → 0      ∞ → 1e14      0 · ∞ → 0
 */
import type { RequestAmounts, ResourceName } from "../base/units.ts";
import { bytes, milliCores } from "../base/units.ts";

export const AMOUNT_MAX = 1e14;
export const RESOURCES: readonly ResourceName[] = ["cpu", "memory"];

export const amountOf = (value: number): number => Math.trunc(Math.min(Math.max(value || 0, 0), AMOUNT_MAX));

/** ⌊a · b / c⌋ of whole numbers, without loss; c is not 0. */
export const scaleExactly = (a: number, b: number, c: number): bigint => (BigInt(a) * BigInt(b)) / BigInt(c);

/** As an amount. */
export const saturated = (exact: bigint): number => Number(exact < BigInt(AMOUNT_MAX) ? exact : AMOUNT_MAX);

/** An amount for each resource that has one; what `of` does not give is absent. */
export function requestAmounts(of: (resource: ResourceName) => number | undefined): RequestAmounts {
  const [cpu, memory] = [of("cpu"), of("memory")];
  return {
    ...(cpu === undefined ? {} : { cpu: milliCores(cpu) }),
    ...(memory === undefined ? {} : { memory: bytes(memory) }),
  };
}
