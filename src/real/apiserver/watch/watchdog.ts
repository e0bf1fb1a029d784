/**
 * Notices that a stream has gone silent: a dead connection looks like a quiet one, except that a quiet watch
 * brings a bookmark about once a minute.
 *
 * Invariant: `signal` aborts when the outer one does, and when nothing came for `patience`; after `stop`
 * nothing of it is left running.
 */
import type { Clock } from "../../../base/clock.ts";
import { elapsed, type Millis, millis } from "../../../base/units.ts";

export type Watchdog = Readonly<{
  signal: AbortSignal;
  /** Something came. */
  feed(): void;
  barked(): boolean;
  stop(): void;
}>;

export function startWatchdog(clock: Clock, patience: Millis, outer: AbortSignal): Watchdog {
  const inner = new AbortController();
  let fedAt = clock.mono();
  let barked = false;
  const stop = (): void => {
    outer.removeEventListener("abort", stop);
    inner.abort();
  };
  outer.addEventListener("abort", stop);
  if (outer.aborted) stop();

  const watch = async (): Promise<void> => {
    while (!inner.signal.aborted) {
      const left = patience - elapsed(fedAt, clock.mono());
      if (left > 0) await clock.sleep(millis(left), inner.signal);
      else {
        barked = true;
        stop();
      }
    }
  };
  void watch();
  return {
    signal: inner.signal,
    feed() {
      fedAt = clock.mono();
    },
    barked: () => barked,
    stop,
  };
}
