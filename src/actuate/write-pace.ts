/**
 * How fast this operator changes workloads in all: at most 20 writes a second (our decision), increases
 * first. A quarter of the turns is kept for increases, so that many decreases at once never make a load wait.
 *
 * Invariant: within any length of time `t`, at most 20 + 20 t/s workloads are written.
 */
import type { MonoMillis } from "../base/units.ts";
import { later, millis } from "../base/units.ts";
import { type Allowance, leftAt, type Limit } from "./allowance.ts";

const TOGETHER: Limit = { max: 20, period: millis(50) };
/** What decreases may not use up. */
const KEPT_FOR_INCREASES = 5;

export class WritePace {
  readonly #limited: boolean;
  #allowance: Allowance | undefined;

  /** `limited: false` is the override flag: every write goes at once. */
  constructor(limited: boolean) {
    this.#limited = limited;
  }

  /** Whether a write may go now; if so, it is counted. */
  spend({ from, to }: Readonly<{ from: number; to: number }>, now: MonoMillis): boolean {
    if (!this.#limited) return true;
    const left = leftAt(this.#allowance, now, TOGETHER);
    if (left < (to > from ? 1 : 1 + KEPT_FOR_INCREASES)) return false;
    this.#allowance = { left: left - 1, at: now };
    return true;
  }

  /** When one more may be tried, for whoever was not let through. */
  nextTry(now: MonoMillis): MonoMillis {
    return later(now, millis(TOGETHER.period * KEPT_FOR_INCREASES));
  }
}
