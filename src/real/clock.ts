/**
 * The machine's clocks: wall time may jump, monotonic time never does.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import { epochMillis, monoMillis } from "../base/units.ts";

/** The longest that a timer of Node waits; it fires at once when asked for more. */
const TIMER_MAX_MILLIS = 2 ** 31 - 1;

export function createClock(): Clock {
  return {
    wall: () => epochMillis(Date.now()),
    mono: () => monoMillis(performance.now()),
    async sleep(duration, signal) {
      const end = performance.now() + duration;
      // A timer may fire a fraction of a millisecond early, measured on this very clock.
      for (let left: number = duration; left > 0 && !signal.aborted; left = end - performance.now())
        await wait(Math.min(Math.ceil(left), TIMER_MAX_MILLIS), undefined, { signal }).catch(() => undefined);
    },
  };
}
