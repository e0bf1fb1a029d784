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
  #isRung = false;
  #waiting: AbortController | undefined;

  ring(): void {
    this.#isRung = true;
    this.#waiting?.abort(RUNG);
  }

  /** Resolves after `duration`, when rung, or when `signal` aborts. */
  wait(clock: Clock, duration: Millis, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stop = (): void => waiting.abort(RUNG);
    if (this.#isRung || signal.aborted) stop();
    // One listener in place of `AbortSignal.any`, whose signals are costly to make and to collect.
    signal.addEventListener("abort", stop, { once: true });
    this.#waiting = waiting;
    return clock.sleep(duration, waiting.signal).then(() => {
      signal.removeEventListener("abort", stop);
      this.#waiting = undefined;
      this.#isRung = false;
    });
  }
}
