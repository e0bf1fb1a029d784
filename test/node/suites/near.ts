/**
 * Figures beside what is known to be burnt. Whoever burns may be kept from it by a busy machine, so what is shown may at times
 * be less than what is known; more it may never be.
 */
import { expect } from "vitest";

/** Thousandths of a core, MiB. */
export type Amounts = Readonly<{ cpu: number; memory: number }>;

const PART = 0.05;
/** Figures are rounded to whole units, and a container's few pages of its own count as well. */
const ROUNDING = 1;

const offBy = (found: number, known: number): number =>
  Math.max(0, Math.abs(found - known) - ROUNDING) / known;

/** Within 5 %. */
export const isNear = (found: Amounts, known: Amounts): boolean =>
  offBy(found.cpu, known.cpu) <= PART && offBy(found.memory, known.memory) <= PART;

/** Not more than 5 % above. */
export function expectNoMore(found: Amounts, known: Amounts, what: string): void {
  for (const resource of ["cpu", "memory"] as const)
    expect(found[resource], `${what}: ${resource}, of which ${known[resource]} is used`).toBeLessThanOrEqual(
      known[resource] * (1 + PART) + ROUNDING,
    );
}
