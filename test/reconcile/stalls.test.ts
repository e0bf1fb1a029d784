/**
 * What may be written after this process has stood still.
 */
import { expect, test } from "vitest";
import { later, millis, monoMillis, type MonoMillis, seconds } from "../../src/base/units.ts";
import { Stalls } from "../../src/reconcile/stalls.ts";

const START = monoMillis(10_000_000);
const at = (length: number): MonoMillis => later(START, seconds(length));

/** The loop was here at 0 s and expected at 1 s; it comes at `back`. */
function stalledUntil(back: number): Stalls {
  const stalls = new Stalls(seconds(15));
  stalls.expectBack(START, at(1));
  stalls.expectBack(at(back), at(back + 1));
  return stalls;
}

test.each([
  {
    what: "a decrease, after a wait as long as it should be",
    back: 1,
    decided: 0.5,
    now: 1,
    to: 5,
    forbidden: false,
  },
  { what: "a decrease, after a delay of a second", back: 2, decided: 0.5, now: 2, to: 5, forbidden: false },
  {
    what: "an increase that was planned before a stall",
    back: 13,
    decided: 0.5,
    now: 13,
    to: 7,
    forbidden: true,
  },
  { what: "an increase that was planned since", back: 13, decided: 13, now: 13, to: 7, forbidden: false },
  { what: "a decrease that was planned since", back: 13, decided: 14, now: 14, to: 5, forbidden: true },
  { what: "a decrease, just within two periods", back: 13, decided: 42, now: 42.9, to: 5, forbidden: true },
  { what: "a decrease, two periods later", back: 13, decided: 43, now: 43, to: 5, forbidden: false },
])("$what is forbidden: $forbidden", ({ back, decided, now, to, forbidden }) => {
  const stalls = stalledUntil(back);
  for (let turn = back + 1; turn <= now; turn += 1) stalls.expectBack(at(turn), at(turn + 1));
  expect(stalls.forbids({ from: 6, to, decidedAt: at(decided) }, at(now))).toBe(forbidden);
});

test("a write that comes before the loop does notices the stall itself", () => {
  const stalls = new Stalls(seconds(15));
  stalls.expectBack(START, at(1));
  const write = { from: 6, to: 7, decidedAt: at(0.5) };
  expect(stalls.forbids(write, later(at(2), millis(1)))).toBe(true);
  expect(stalls.forbids({ ...write, decidedAt: at(3) }, at(3)), "and counts it once").toBe(false);
});
