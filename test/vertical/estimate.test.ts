import { describe, expect, test } from "vitest";
import { epochMillis, minutes } from "../../src/base/units.ts";
import { CPU_BUCKETS } from "../../src/usage/history/buckets.ts";
import { amountOf } from "../../src/vertical/amount.ts";
import { confidenceOf, estimate } from "../../src/vertical/estimate.ts";
import { NO_HISTORY } from "./questions.ts";

/** All weight in the highest bucket but one, so that cutting to a whole amount is not seen in a ratio. */
const HIGH = { reference: epochMillis(0), buckets: [[174, 1]] as const, total: 1 };
const terms = { percentile: 0.9, margin: 0, confidence: 1, minimum: 0 };

describe("confidence", () => {
  test.each([
    ["5 min", 5 / 1440, 289, 0.6],
    ["30 min", 30 / 1440, 49, 0.91],
    ["60 min", 60 / 1440, 25, 0.95],
    ["12 h", 0.5, 3, 0.996],
    ["24 h", 1, 2, 0.998],
    ["7 days", 7, 1.14, 0.9997],
  ])("after %s stretches the bounds by × %d days, × %d and × %d", (_, confidence, upper, lower) => {
    const { target, upperBound, lowerBound } = estimate(CPU_BUCKETS, HIGH, { ...terms, confidence })!;
    const digits = (n: number) => (n > 2 ? 0 : 2);
    expect(upperBound / target).toBeCloseTo(upper, digits(upper));
    expect(lowerBound / target).toBeCloseTo(lower, 2);
  });

  test("none means that no bound says anything", () => {
    expect(estimate(CPU_BUCKETS, HIGH, { ...terms, confidence: 0, minimum: 25 })).toMatchObject({
      lowerBound: 25,
      upperBound: 1e14,
    });
  });

  test.each([
    [9, 16, 9 / 1440],
    [1440, 1439, 1439 / 1440],
    [14_400, 1439, 1439 / 1440],
    [1, 0, 0],
  ])("of %i samples over %i min is %d days", (sampleCount, span, days) => {
    const [firstSample, lastSample] = [epochMillis(0), epochMillis(minutes(span))];
    expect(confidenceOf({ ...NO_HISTORY, firstSample, lastSample, sampleCount })).toBe(days);
  });

  test("of nothing is 0", () => {
    expect(confidenceOf(NO_HISTORY)).toBe(0);
  });
});

describe("amounts", () => {
  test.each([
    [257.9, 257],
    [-3, 0],
    [-0.5, 0],
    [NaN, 0],
    [Infinity, 1e14],
    [1e14 + 1, 1e14],
    [3140 * (1 + 0.1 / 0.00625) ** 2, 907_460],
    [25 * (1 / 3), 8],
    [262_144_000 * (1 / 3), 87_381_333],
  ])("%d is cut to %d", (value, amount) => {
    expect(amountOf(value)).toBe(amount);
  });
});

describe("estimates", () => {
  test("a target percentile beyond the bounds' takes them along, so that it lies within", () => {
    const spread = { reference: epochMillis(0), buckets: [[10, 97], [50, 3]] as const, total: 100 }; // prettier-ignore
    for (const percentile of [0.01, 0.3, 0.98, 1]) {
      const { target, lowerBound, upperBound } = estimate(CPU_BUCKETS, spread, { ...terms, percentile })!;
      expect(lowerBound).toBeLessThanOrEqual(target);
      expect(upperBound).toBeGreaterThanOrEqual(target);
    }
  });

  test("an empty histogram has none", () => {
    expect(estimate(CPU_BUCKETS, NO_HISTORY.cpu, terms)).toBeUndefined();
  });
});
