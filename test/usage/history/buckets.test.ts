import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, milliCores } from "../../../src/base/units.ts";
import {
  BUCKET_COUNT,
  bucketOf,
  CPU_BUCKETS,
  endOf,
  MEMORY_BUCKETS,
} from "../../../src/usage/history/buckets.ts";

describe("buckets", () => {
  test.each([
    [0, 0],
    [9, 0],
    [10, 1],
    [250, 16],
    [1000, 36],
    [1_021_110, 175],
    [1e14, 175],
  ])("%i m of CPU is in bucket %i", (amount, bucket) => {
    expect(bucketOf(CPU_BUCKETS, milliCores(amount))).toBe(bucket);
  });

  test.each([
    [0, 0],
    [9_999_999, 0],
    [100 * 2 ** 20, 8],
    [2 ** 30, 37],
    [1_021_109_408_905, 175],
    [1e14, 175],
  ])("%i bytes are in bucket %i", (amount, bucket) => {
    expect(bucketOf(MEMORY_BUCKETS, bytes(amount))).toBe(bucket);
  });

  test.each([
    [CPU_BUCKETS, 0, 10],
    [CPU_BUCKETS, 15, 236],
    [CPU_BUCKETS, 174, 1_021_109],
    [CPU_BUCKETS, 175, 1_021_109],
    [MEMORY_BUCKETS, 3, 43_101_249],
    [MEMORY_BUCKETS, 174, 1_021_109_408_904],
    [MEMORY_BUCKETS, 175, 1_021_109_408_904],
  ])("a bucket's end is Go's, cut to a whole amount (%#)", (scale, bucket, end) => {
    expect(endOf<number>(scale, bucket)).toBe(end);
  });

  test.each([CPU_BUCKETS, MEMORY_BUCKETS])(
    "there are 175 ends, each 5 % of its distance further (%#)",
    (scale) => {
      expect(scale.ends).toHaveLength(BUCKET_COUNT - 1);
      for (const [at, end] of scale.ends.entries())
        expect(end).toBeCloseTo(
          Math.trunc((scale.first * scale.perUnit * (1.05 ** (at + 1) - 1)) / 0.05),
          -1,
        );
    },
  );

  test("an amount is never over the end of its bucket, and never 5 % and a first bucket under it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_021_109 }), (milli) => {
        const end = endOf(CPU_BUCKETS, bucketOf(CPU_BUCKETS, milliCores(milli)));
        expect(end).toBeGreaterThanOrEqual(milli);
        expect(end).toBeLessThanOrEqual(milli * 1.05 + 11);
      }),
    );
  });
});
