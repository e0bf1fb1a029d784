/**
 * Stalls of this process, seen by a loop that does not come round when it should: what was planned before one
 * rests on a world of before it, and what is seen right after it is a picture with a hole.
 *
 * Invariant: nothing that was planned before the end of a stall is written, and for two periods after it
 * nothing is decreased. Increases that were planned since then go at once (our decision): load does not wait.
 */
import { elapsed, millis, type Millis, type MonoMillis, seconds } from "../base/units.ts";

/** The loop sleeps a second at most; when it is later than this, nothing else ran in time either. */
const STALL_MIN = seconds(1);
const PERIODS = 2;

export type Intent = Readonly<{ from: number; to: number; decidedAt: MonoMillis }>;

export class Stalls {
  readonly #decreasesWait: Millis;
  #due: MonoMillis | undefined;
  #endedAt: MonoMillis | undefined;

  /** `period`: how often samples come. */
  constructor(period: Millis) {
    this.#decreasesWait = millis(PERIODS * period);
  }

  /** The loop is here, and will be back at `due` at the latest. */
  expectBack(now: MonoMillis, due: MonoMillis): void {
    this.#look(now);
    this.#due = due;
  }

  /** Whether a stall forbids this write now. */
  forbids({ from, to, decidedAt }: Intent, now: MonoMillis): boolean {
    this.#look(now);
    if (this.#endedAt === undefined) return false;
    if (decidedAt < this.#endedAt) return true;
    return to < from && elapsed(this.#endedAt, now) < this.#decreasesWait;
  }

  /** Whoever comes first after a stall notices it. */
  #look(now: MonoMillis): void {
    if (this.#due === undefined || elapsed(this.#due, now) <= STALL_MIN) return;
    this.#endedAt = now;
    this.#due = now;
  }
}
