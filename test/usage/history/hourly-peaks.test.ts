import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes } from "../../../src/base/units.ts";
import { HourlyPeaks } from "../../../src/usage/history/hourly-peaks.ts";
import { minuteAt } from "./lives.ts";

function peaksOf(...samples: readonly (readonly [minute: number, amount: number])[]): HourlyPeaks {
  const peaks = new HourlyPeaks();
  for (const [minute, amount] of samples) peaks.add(minuteAt(minute), bytes(amount));
  return peaks;
}

test.each([
  [
    "the largest of an hour",
    [
      [0, 5],
      [59, 9],
      [30, 7],
    ],
    60,
    9,
  ],
  [
    "a sample of 24 h ago",
    [
      [10, 9],
      [60, 1],
    ],
    24 * 60 + 10,
    9,
  ],
  [
    "no sample of more than 25 h ago",
    [
      [10, 9],
      [60, 1],
    ],
    25 * 60,
    1,
  ],
  [
    "one that came late",
    [
      [600, 1],
      [10, 9],
    ],
    660,
    9,
  ],
  [
    "none that came too late",
    [
      [3000, 1],
      [10, 9],
    ],
    3000,
    1,
  ],
  ["nothing after a silent day", [[0, 5]], 3000, undefined],
  ["nothing without samples", [], 0, undefined],
] as const)("the peak of the last day is %s", (_, samples, now, peak) => {
  expect(peaksOf(...samples).peak(minuteAt(now))).toBe(peak);
});

test("entries, loaded again, are the same peaks", () => {
  const sample = fc.tuple(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 1, max: 100 }));
  fc.assert(
    fc.property(fc.array(sample), (samples) => {
      const [one, other] = [peaksOf(...samples), new HourlyPeaks()];
      other.load(one.entries());
      expect(other.entries()).toEqual(one.entries());
    }),
  );
});
