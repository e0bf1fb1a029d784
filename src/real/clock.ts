/**
 * The machine's clocks: wall time may jump, monotonic time never does.
 *
 * Invariant: whoever sleeps gives way, however short: what waits in the event loop goes first.
 */
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import type { Clock } from "../base/clock.ts";
import { epochMillis, monoMillis } from "../base/units.ts";

/** The longest that a timer of Node waits; it fires at once when asked for more. */
const TIMER_MAX_MILLIS = 2 ** 31 - 1;

export function createClock(): Clock {
  return { wall: () => epochMillis(Date.now()), mono: () => monoMillis(performance.now()), sleep };
}

/** A timer of `node:timers/promises` rejects when its signal aborts, and an exception for each ring of a bell is costly. */
function sleep(duration: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + duration;
  return new Promise((settle) => {
    let timer: NodeJS.Timeout | undefined;
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      settle();
    };
    // A timer may fire a fraction of a millisecond early, measured on this very clock.
    const lieDown = (): void => {
      const left = end - performance.now();
      if (left > 0) timer = setTimeout(lieDown, Math.min(Math.ceil(left), TIMER_MAX_MILLIS));
      else wake();
    };
    if (signal.aborted) settle();
    else if (duration <= 0) setImmediate(settle);
    else {
      signal.addEventListener("abort", wake, { once: true });
      lieDown();
    }
  });
}
