/**
 * The end of a request: its time is over, or whoever asked gives up.
 *
 * Invariant: after `stop` neither a timer nor a listener is left. (`AbortSignal.any` over a time-out would
 * keep both until the time is over, thousands at once in a large cluster.)
 */
import type { Millis } from "../../base/units.ts";

export type TimeLimit = Readonly<{
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isOver(): boolean;
  stop(): void;
}>;

export function startTimeLimit(within: Millis, outer: AbortSignal): TimeLimit {
  const inner = new AbortController();
  let over = false;
  const giveUp = (): void => inner.abort();
  const timer = setTimeout(() => {
    over = true;
    inner.abort();
  }, within);
  outer.addEventListener("abort", giveUp, { once: true });
  if (outer.aborted) giveUp();
  return {
    signal: inner.signal,
    isOver: () => over,
    stop() {
      clearTimeout(timer);
      outer.removeEventListener("abort", giveUp);
    },
  };
}
