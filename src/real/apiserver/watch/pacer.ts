/**
 * Gives the rest of the process its turn while a listing streams in: a socket that is full hands over some
 * 2 MiB in one turn of the event loop, which is 20 ms of reading, and seven kinds may list at once.
 *
 * Invariant: between two turns of the event loop, all who share a pacer read for little more than its budget.
 */
import type { Clock } from "../../../base/clock.ts";
import { elapsed, type Millis, millis, type MonoMillis } from "../../../base/units.ts";

const BUDGET: Millis = millis(5);

export class Pacer {
  readonly #clock: Clock;
  #turnedAt: MonoMillis;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turnedAt = clock.mono();
  }

  /**
   * To be called after each piece of work: resolves at once, or, when the budget is used up, a turn later.
   */
  async rest(signal: AbortSignal): Promise<void> {
    if (elapsed(this.#turnedAt, this.#clock.mono()) < BUDGET) return;
    await this.#clock.sleep(millis(0), signal);
    this.#turnedAt = this.#clock.mono();
  }
}
