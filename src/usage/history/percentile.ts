/**
 * What a histogram says: the end of the bucket in which a share of all weight is reached.
 *
 * Invariant: there is no interpolation, so an answer is a bucket's end, up to 5 % over what was measured.
 *
 *   one sample of 250 m         every percentile is 258 m
 *   only crumbs, or nothing     no answer
 */
import type { Buckets } from "./buckets.ts";
import { endOf } from "./buckets.ts";
import type { HistogramSnapshot } from "./snapshot.ts";
import { EPSILON } from "./weights.ts";

/** `share` is a fraction: 0.9 is the 90th percentile. undefined when the histogram is empty. */
export function percentileOf<Unit extends number>(
  scale: Buckets<Unit>,
  { buckets, total }: HistogramSnapshot,
  share: number,
): Unit | undefined {
  const seen = withoutCrumbs(buckets);
  const threshold = share * total;
  let sum = 0;
  const reached = seen.find(([, weight]) => (sum += weight) >= threshold) ?? seen.at(-1);
  return reached && endOf(scale, reached[0]);
}

/** From the first bucket that counts to the last; crumbs between them stay. */
export function withoutCrumbs(buckets: HistogramSnapshot["buckets"]): HistogramSnapshot["buckets"] {
  const counts = ([, weight]: readonly [number, number]): boolean => weight >= EPSILON;
  return buckets.slice(Math.max(0, buckets.findIndex(counts)), buckets.findLastIndex(counts) + 1);
}
