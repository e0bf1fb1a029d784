/**
 * Whether the event loop keeps turning. One long stall that is over is no reason for a restart; a process
 * that stalls again and again serves nobody and should be replaced.
 *
 * Invariant: every moment belongs to one span, and a stall counts in each span that it touches.
 */
import type { Log } from "../base/log.ts";
import { elapsed, type Millis, millis, type MonoMillis, monoMillis, seconds } from "../base/units.ts";

/** How often the loop is asked to come round. */
export const TICK_PERIOD = millis(250);
const SPAN = seconds(10);
const SPANS_KEPT = 3;
/** A probe's usual time-out: whoever waits this long has given up. */
const STALL_MIN = seconds(1);

export class LoopDelays {
  #last: MonoMillis;
  #spanStart: MonoMillis;
  #longest = millis(0);
  /** The longest delay of each closed span, newest last. */
  #closed: Millis[] = [];

  constructor(now: MonoMillis) {
    this.#last = now;
    this.#spanStart = now;
  }

  /** The loop came round: answers how much later than it should have. */
  tick(now: MonoMillis): Millis {
    const delay = millis(Math.max(0, elapsed(this.#last, now) - TICK_PERIOD));
    this.#last = now;
    this.#longest = millis(Math.max(this.#longest, delay));
    for (; elapsed(this.#spanStart, now) >= SPAN; this.#spanStart = monoMillis(this.#spanStart + SPAN)) {
      this.#closed = [...this.#closed, this.#longest].slice(-SPANS_KEPT);
      this.#longest = elapsed(this.#spanStart, now) >= 2 * SPAN ? delay : millis(0);
    }
    return delay;
  }

  /** For half a minute there has been no span of 10 s without a stall of 1 s or more. */
  stalled(): boolean {
    return this.#closed.length === SPANS_KEPT && this.#closed.every((longest) => longest >= STALL_MIN);
  }
}

/**
 * Watches this process's loop until `signal` aborts; keeps no process alive by itself. A stall is logged
 * when it is over.
 */
export function watchEventLoop(signal: AbortSignal, log: Log): Pick<LoopDelays, "stalled"> {
  const now = (): MonoMillis => monoMillis(performance.now());
  const delays = new LoopDelays(now());
  const tick = (): void => {
    const delay = delays.tick(now());
    if (delay >= STALL_MIN)
      log("warn", "the event loop stalled: nothing was read, decided or answered meanwhile", {
        seconds: Math.round(delay / 100) / 10,
      });
  };
  const timer = setInterval(tick, TICK_PERIOD).unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return delays;
}
