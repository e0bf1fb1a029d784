/**
 * The two arithmetics: where they agree, and each place where float64 rounds differently.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXACT, type Ratio, sumOf, UPSTREAM } from "../../src/horizontal/arithmetic.ts";

const ratio = (numerator: number, denominator: number): Ratio => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
});
const INT32_MAX = 2 ** 31 - 1;

test("25/3 of 15 pods is 125, and 126 in float64", () => {
  expect([EXACT, UPSTREAM].map((one) => one.replicasFor(ratio(25, 3), 15))).toEqual([125, 126]);
});

test.each([
  { start: 50, percent: 10, exact: 55, upstream: 56 },
  { start: 90, percent: 10, exact: 99, upstream: 100 },
  { start: 200, percent: 10, exact: 220, upstream: 221 },
  { start: 25, percent: 12, exact: 28, upstream: 29 },
  { start: 10, percent: 10, exact: 11, upstream: 11 },
  { start: -15, percent: 10, exact: -16, upstream: -16 },
])("$start and $percent % more is $exact, in float64 $upstream", ({ start, percent, exact, upstream }) => {
  expect([EXACT, UPSTREAM].map((one) => one.raised(start, percent))).toEqual([exact, upstream]);
});

test.each([
  { start: 5, percent: 80, exact: 1, upstream: 0 },
  { start: 10, percent: 80, exact: 2, upstream: 1 },
  { start: 10, percent: 90, exact: 1, upstream: 0 },
  { start: 50, percent: 90, exact: 5, upstream: 4 },
  { start: 100, percent: 90, exact: 10, upstream: 9 },
  { start: 5, percent: 20, exact: 4, upstream: 4 },
  { start: 10, percent: 1000, exact: -90, upstream: -90 },
])("$start and $percent % fewer is $exact, in float64 $upstream", ({ start, percent, exact, upstream }) => {
  expect([EXACT, UPSTREAM].map((one) => one.lowered(start, percent))).toEqual([exact, upstream]);
});

describe("tolerance", () => {
  test.each([
    { of: [11, 10], within: true },
    { of: [88, 80], within: true },
    { of: [9, 10], within: true },
    { of: [112, 100], within: false },
    { of: [89, 100], within: false },
  ])("of 10 % takes $of in: $within, in both", ({ of: [numerator = 0, denominator = 1], within }) => {
    const tolerance = { down: 0.1, up: 0.1 };
    for (const one of [EXACT, UPSTREAM])
      expect(one.withinTolerance(ratio(numerator, denominator), tolerance)).toBe(within);
  });

  test("of 83 % takes 17/100 in, which float64 leaves out", () => {
    const edge = { down: 0.83, up: 0 };
    expect([EXACT, UPSTREAM].map((one) => one.withinTolerance(ratio(17, 100), edge))).toEqual([true, false]);
  });

  test("both agree on every whole utilization below 400 and target up to 200 at 10 %", () => {
    const tolerance = { down: 0.1, up: 0.1 };
    const differing: string[] = [];
    for (let target = 1; target <= 200; target += 1)
      for (let level = 0; level < 400; level += 1) {
        const of = ratio(level, target);
        if (EXACT.withinTolerance(of, tolerance) !== UPSTREAM.withinTolerance(of, tolerance))
          differing.push(`${level}/${target}`);
      }
    expect(differing).toEqual([]);
  });
});

test("in 1,663 of 1.5 million combinations up to 100 %, 300 % and 50 pods float64 asks for one pod too many", () => {
  const surplus = new Map<number, number>();
  for (let target = 1; target <= 100; target += 1)
    for (let level = 0; level <= 300; level += 1) {
      const of = ratio(level, target);
      for (let count = 1; count <= 50; count += 1) {
        const more = UPSTREAM.replicasFor(of, count) - EXACT.replicasFor(of, count);
        surplus.set(more, (surplus.get(more) ?? 0) + 1);
      }
    }
  expect([...surplus]).toEqual([
    [0, 1_503_337],
    [1, 1663],
  ]);
}, 30_000);

test("results are whole numbers within int32, whatever is asked", () => {
  const any = fc.bigInt({ min: 0n, max: 2n ** 80n });
  const positive = fc.bigInt({ min: 1n, max: 2n ** 80n });
  const count = fc.integer({ min: 0, max: INT32_MAX });
  fc.assert(
    fc.property(any, positive, count, count, (numerator, denominator, pods, percent) => {
      for (const one of [EXACT, UPSTREAM]) {
        const replicas = one.replicasFor({ numerator, denominator }, pods);
        expect(Number.isInteger(replicas) && replicas >= 0 && replicas <= INT32_MAX).toBe(true);
        for (const step of [one.raised(pods, percent), one.lowered(pods, percent)])
          expect(Number.isInteger(step) && Math.abs(step) <= INT32_MAX + 1).toBe(true);
      }
    }),
  );
});

test("the exact count is the smallest that is enough", () => {
  const whole = fc.bigInt({ min: 0n, max: 2n ** 40n });
  const count = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(whole, fc.bigInt({ min: 1n, max: 2n ** 40n }), count, (numerator, denominator, pods) => {
      const replicas = EXACT.replicasFor({ numerator, denominator }, pods);
      fc.pre(replicas < INT32_MAX);
      const needed = numerator * BigInt(pods);
      expect(BigInt(replicas) * denominator >= needed).toBe(true);
      expect(BigInt(replicas - 1) * denominator < needed).toBe(true);
    }),
  );
});

test("sums are exact beyond what a Number holds", () => {
  const max = Number.MAX_SAFE_INTEGER;
  expect(sumOf([max, max, 1], (amount) => amount)).toBe(2n * BigInt(max) + 1n);
  expect(sumOf([0.2, 1e300], (amount) => amount)).toBe(1n + BigInt(max));
});
