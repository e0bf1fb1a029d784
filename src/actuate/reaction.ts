/**
 * What follows from the answer to a write: a conflict is looked at again at once, what
 * is refused waits longer each time, and nothing is ever queued to be sent later as it was.
 *
 * Invariant: every outcome leads to a fresh decision, sooner or later; none is repeated blindly.
 *
 *   failures in a row   refused or forbidden   server trouble
 *   1                   10 s                   1 s
 *   2                   20 s                   2 s
 *   5                   160 s                  16 s
 *   7 and more          600 s                  30 s
 */
import type { WriteOutcome } from "../base/outcome.ts";
import { type Millis, millis, seconds } from "../base/units.ts";

const REFUSED_FIRST = seconds(10);
const REFUSED_MAX = seconds(600);
const TROUBLE_FIRST = seconds(1);
const TROUBLE_MAX = seconds(30);

/** When to decide again; `undefined`: with the next samples, as always. */
export function retryAfter(outcome: WriteOutcome, failuresInARow: number): Millis | undefined {
  switch (outcome.kind) {
    case "written":
      return undefined;
    case "conflict":
      return millis(0);
    case "absent":
    case "forbidden":
    case "refused":
      return doubling(REFUSED_FIRST, failuresInARow, REFUSED_MAX);
    case "throttled":
    case "failed":
      return outcome.retryAfter ?? doubling(TROUBLE_FIRST, failuresInARow, TROUBLE_MAX);
    case "unreachable":
      return doubling(TROUBLE_FIRST, failuresInARow, TROUBLE_MAX);
  }
}

/** `first`, doubled for each further failure, up to `max`. */
export function doubling(first: Millis, failuresInARow: number, max: Millis): Millis {
  return millis(Math.min(max, first * 2 ** Math.max(0, failuresInARow - 1)));
}
