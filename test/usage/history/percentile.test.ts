import { expect, test } from "vitest";
import { epochMillis } from "../../../src/base/units.ts";
import { CPU_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { percentileOf } from "../../../src/usage/history/percentile.ts";

type Buckets = readonly (readonly [bucket: number, weight: number])[];
const two: Buckets = [[3, 1], [7, 1]]; // prettier-ignore
const withCrumbBehind: Buckets = [[3, 1], [8, 0.00009]]; // prettier-ignore
const withCrumbBefore: Buckets = [[1, 0.00009], [8, 1]]; // prettier-ignore

test.each<{ is: string; share: number; total: number; buckets: Buckets; end: number | undefined }>([
  { is: "the bucket where the sum reaches the share", share: 0.5, total: 2, buckets: two, end: 3 },
  { is: "the next one when it is just missed", share: 0.51, total: 2, buckets: two, end: 7 },
  { is: "the only bucket, for every share", share: 0, total: 1, buckets: [[9, 1]], end: 9 },
  {
    is: "the last bucket, when crumbs in the total keep the sum under the share",
    share: 1,
    total: 9,
    buckets: two,
    end: 7,
  },
  {
    is: "the last bucket that counts, not a crumb behind it",
    share: 1,
    total: 2,
    buckets: withCrumbBehind,
    end: 3,
  },
  {
    is: "the first bucket that counts, not a crumb before it",
    share: 0,
    total: 1,
    buckets: withCrumbBefore,
    end: 8,
  },
  { is: "the start of the open bucket", share: 0.9, total: 1, buckets: [[175, 1]], end: 174 },
  { is: "nothing when only crumbs are left", share: 0.9, total: 1, buckets: [[3, 0.00009]], end: undefined },
  { is: "nothing when nothing was measured", share: 0.9, total: 0, buckets: [], end: undefined },
])("a percentile is $is", ({ share, total, buckets, end }) => {
  const found = percentileOf(CPU_BUCKETS, { reference: epochMillis(0), buckets, total }, share);
  expect(found).toBe(end === undefined ? undefined : CPU_BUCKETS.ends[end]);
});
