import fc from "fast-check";
import { expect, test } from "vitest";
import { later, millis, minutes, monoMillis, seconds } from "../../../src/base/units.ts";
import { type Backoff, backOff, CALM } from "../../../src/real/apiserver/watch/backoff.ts";

const START = monoMillis(5_000_000);

/** The waits after trouble that comes again the moment that each wait is over. */
function waits(times: number, chance: number): number[] {
  let backoff: Backoff = CALM;
  let now = START;
  return Array.from({ length: times }, () => {
    const next = backOff(backoff, { now, chance, retryAfter: undefined });
    backoff = next.backoff;
    now = later(now, next.wait);
    return next.wait;
  });
}

test("waits double from 0.8 s to 15 s, and chance adds up to as much again", () => {
  expect(waits(7, 0)).toEqual([800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
  expect(waits(7, 0.5)).toEqual([1200, 2400, 4800, 9600, 19_200, 22_500, 22_500]);
});

test("two minutes without trouble forget it; a moment less does not", () => {
  const once = backOff(CALM, { now: START, chance: 0, retryAfter: undefined }).backoff;
  const waitAt = (quiet: number): number =>
    backOff(once, { now: later(START, millis(quiet)), chance: 0, retryAfter: undefined }).wait;
  expect(waitAt(119_999)).toBe(1600);
  expect(waitAt(120_000)).toBe(800);
});

test("the server's wish is met, up to two minutes", () => {
  const waitFor = (retryAfter: number): number =>
    backOff(CALM, { now: START, chance: 0, retryAfter: seconds(retryAfter) }).wait;
  expect(waitFor(0)).toBe(800);
  expect(waitFor(32)).toBe(32_000);
  expect(waitFor(86_400)).toBe(minutes(2));
});

test("no wait of ours is below 0.8 s or above 30 s", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
      for (const wait of waits(10, chance)) {
        expect(wait).toBeGreaterThanOrEqual(800);
        expect(wait).toBeLessThanOrEqual(30_000);
      }
    }),
  );
});
