/**
 * What follows from the answer to a request: what is refused waits longer
 * each time, and nothing is ever queued to be sent later as it was.
 *
 * Invariant: every outcome leads to a fresh decision, sooner or later; none is repeated blindly.
 *
 *   failures in a row   refused or forbidden   conflict, server trouble
 *   1                   10 s                   1 s
 *   2                   20 s                   2 s
 *   5                   160 s                  16 s
 *   7 and more          600 s                  30 s
 */
import type { Failure, WriteOutcome } from "../base/outcome.ts";
import { type Millis, millis, seconds } from "../base/units.ts";

const REFUSED_FIRST = seconds(10);
const REFUSED_MAX = seconds(600);
const TROUBLE_FIRST = seconds(1);
const TROUBLE_MAX = seconds(30);
/** A server that asks for more has lost its measure. */
const RETRY_AFTER_MAX = seconds(120);

/** When to decide again; `undefined`: with the next samples, as always. */
export function retryAfter(outcome: WriteOutcome | Failure, failuresInARow: number): Millis | undefined {
  switch (outcome.kind) {
    case "written":
      return undefined;
    case "absent":
    case "forbidden":
    case "refused":
      return doubling(REFUSED_FIRST, failuresInARow, REFUSED_MAX);
    case "throttled":
    case "failed":
      return outcome.retryAfter === undefined
        ? doubling(TROUBLE_FIRST, failuresInARow, TROUBLE_MAX)
        : millis(Math.min(outcome.retryAfter, RETRY_AFTER_MAX));
    case "conflict":
    case "unreachable":
      return doubling(TROUBLE_FIRST, failuresInARow, TROUBLE_MAX);
  }
}

/** `first`, doubled for each further failure, up to `max`. */
export function doubling(first: Millis, failuresInARow: number, max: Millis): Millis {
  return millis(Math.min(max, first * 2 ** Math.max(0, failuresInARow - 1)));
}
