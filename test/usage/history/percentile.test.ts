import { expect, test } from "vitest";
import { epochMillis } from "../../../src/base/units.ts";
import { CPU_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { percentileOf } from "../../../src/usage/history/percentile.ts";

const ends = CPU_BUCKETS.ends;
const at = (share: number, total: number, ...buckets: readonly (readonly [number, number])[]) =>
  percentileOf(CPU_BUCKETS, { reference: epochMillis(0), buckets, total }, share);

test.each([
  [
    "the bucket where the sum reaches the share",
    0.5,
    2,
    [
      [3, 1],
      [7, 1],
    ],
    ends[3],
  ],
  [
    "the next one when it is just missed",
    0.51,
    2,
    [
      [3, 1],
      [7, 1],
    ],
    ends[7],
  ],
  ["the only bucket, for every share", 0, 1, [[9, 1]], ends[9]],
  [
    "the last bucket when crumbs in the total keep the sum under the share",
    1,
    9,
    [
      [3, 1],
      [7, 1],
    ],
    ends[7],
  ],
  [
    "the last bucket that counts, not a crumb behind it",
    1,
    2,
    [
      [3, 1],
      [8, 0.00009],
    ],
    ends[3],
  ],
  [
    "the first bucket that counts, not a crumb before it",
    0,
    1,
    [
      [1, 0.00009],
      [8, 1],
    ],
    ends[8],
  ],
  ["the start of the open bucket", 0.9, 1, [[175, 1]], ends[174]],
  ["nothing when only crumbs are left", 0.9, 1, [[3, 0.00009]], undefined],
  ["nothing when nothing was measured", 0.9, 0, [], undefined],
] as const)("a percentile is %s", (_, share, total, buckets, end) => {
  expect(at(share, total, ...buckets)).toBe(end);
});
