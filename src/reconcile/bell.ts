/**
 * Lets a loop sleep until its time comes or something new arrives. Ringing before anyone waits is not lost:
 * the next wait returns at once.
 *
 * Invariant: at most one waits on a bell.
 */
import type { Clock } from "../base/clock.ts";
import type { Millis } from "../base/units.ts";

/** A reason spares the exception that an abort without one makes each time. */
const RUNG = "rung";

export class Bell {
  #rung = new AbortController();

  ring(): void {
    if (!this.#rung.signal.aborted) this.#rung.abort(RUNG);
  }

  /** Resolves after `duration`, when rung, or when `signal` aborts. */
  wait(clock: Clock, duration: Millis, signal: AbortSignal): Promise<void> {
    const waiting = clock.sleep(duration, AbortSignal.any([signal, this.#rung.signal]));
    return waiting.then(() => {
      if (this.#rung.signal.aborted) this.#rung = new AbortController();
    });
  }
}
