/**
 * Figures beside what is known to be used.
 */
import { expect } from "vitest";

/** Thousandths of a core, MiB. */
export type Amounts = Readonly<{ cpu: number; memory: number }>;

/** Within 5 %, and what rounding to whole units and a program's own pages add: 1m, 1 MiB. */
export function expectNear(found: Amounts, known: Amounts, what: string): void {
  for (const resource of ["cpu", "memory"] as const) {
    const off = Math.abs(found[resource] - known[resource]);
    expect(off, `${what}: ${resource} ${found[resource]}, known ${known[resource]}`).toBeLessThanOrEqual(
      known[resource] * 0.05 + 1,
    );
  }
}
