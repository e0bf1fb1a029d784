/**
 * How fast this operator changes workloads in all: at most 20 writes a second (our decision), increases
 * first. A quarter of the turns is kept for increases, so that many decreases at once never make a load wait.
 *
 * Invariant: within any second at most 20 workloads are written, and at most 15 of them by a decrease.
 */
import type { MonoMillis } from "../base/units.ts";
import { elapsed, later, seconds } from "../base/units.ts";

const WINDOW = seconds(1);
const WRITES_MAX = 20;
/** What decreases may not use up. */
const KEPT_FOR_INCREASES = 5;
const DECREASES_MAX = WRITES_MAX - KEPT_FOR_INCREASES;

export class WritePace {
  readonly #limited: boolean;
  /** Of the last second, oldest first. */
  #writes: readonly MonoMillis[] = [];

  /** `limited: false` is the override flag: every write goes at once. */
  constructor(limited: boolean) {
    this.#limited = limited;
  }

  /** Whether a write may go now; if so, it is counted. */
  spend({ from, to }: Readonly<{ from: number; to: number }>, now: MonoMillis): boolean {
    if (!this.#limited) return true;
    this.#writes = this.#writes.filter((at) => elapsed(at, now) < WINDOW);
    if (this.#writes.length >= (to > from ? WRITES_MAX : DECREASES_MAX)) return false;
    this.#writes = [...this.#writes, now];
    return true;
  }

  /** When one more may be tried, of either kind, for whoever was not let through. */
  nextTry(now: MonoMillis): MonoMillis {
    const inTheWay = this.#writes[Math.max(0, this.#writes.length - DECREASES_MAX)] ?? now;
    const free = later(inTheWay, WINDOW);
    return free > now ? free : now;
  }
}
