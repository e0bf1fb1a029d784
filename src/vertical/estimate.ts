/**
 * From a histogram to three amounts, in the VPA's order: percentile, margin, confidence, minimum, each cut
 * to a whole amount.
 *
 *   step          target           lower bound            upper bound
 *   percentile    0.90             0.50                   0.95
 *   margin        a + ⌊a · 0.15⌋   the same               the same
 *   confidence    —                ÷ (1 + 0.001/c)²       × (1 + 1/c)
 *   minimum       the container's share of the pod's, for all three
 *
 * Invariant: without confidence (one sample) the lower bound is the minimum and the upper bound is
 * AMOUNT_MAX, so neither says anything yet.
 *
 *   history    upper bound ×    lower bound ×
 *   none       ∞                0
 *   5 min      289              0.60
 *   1 h        25               0.95
 *   24 h       2                0.998
 *   7 days     1.14             0.9997
 */
import type { EpochMillis, Millis } from "../base/units.ts";
import { elapsed, minutes } from "../base/units.ts";
import type { Buckets } from "../usage/history/buckets.ts";
import { percentileOf } from "../usage/history/percentile.ts";
import type { HistogramSnapshot, HistorySnapshot } from "../usage/history/snapshot.ts";
import { amountOf } from "./amount.ts";

const LOWER_PERCENTILE = 0.5;
const UPPER_PERCENTILE = 0.95;
/** `--confidence-interval-cpu`, `--confidence-interval-memory`. */
const CONFIDENCE_INTERVAL = minutes(24 * 60);

export type EstimateTerms = Readonly<{
  /** Of the target, as a fraction. */
  percentile: number;
  margin: number;
  confidence: number;
  minimum: number;
}>;
export type Estimate = Readonly<{ target: number; lowerBound: number; upperBound: number }>;

/**
 * undefined when the histogram is empty. A target percentile outside of the bounds' takes them along (our
 * decision: the VPA's target may lie above its upper bound, and then flaps).
 */
export function estimate<Unit extends number>(
  scale: Buckets<Unit>,
  histogram: HistogramSnapshot,
  { percentile, margin, confidence, minimum }: EstimateTerms,
): Estimate | undefined {
  if (percentileOf(scale, histogram, percentile) === undefined) return undefined;
  const base = (share: number): number => withMargin(percentileOf(scale, histogram, share) ?? 0, margin);
  const floored = (value: number): number => Math.max(amountOf(value), minimum);
  const lower = base(Math.min(LOWER_PERCENTILE, percentile));
  const upper = base(Math.max(UPPER_PERCENTILE, percentile));
  return {
    target: floored(base(percentile)),
    lowerBound: floored(lower * lowerFactor(confidence)),
    upperBound: floored(upper * upperFactor(confidence)),
  };
}

/**
 * Days of steady samples, one a minute: the shorter of the time they span and the time they would fill. By
 * CPU samples for both resources, as in the VPA.
 *
 *   9 samples, 2 minutes apart → 9/1440 = 0.00625      1440 samples over a day → 1439/1440
 */
export function confidenceOf({ firstSample, lastSample, sampleCount }: HistorySnapshot): number {
  if (firstSample === undefined || lastSample === undefined) return 0;
  return Math.min(daysBetween(firstSample, lastSample), sampleCount / minutesIn(CONFIDENCE_INTERVAL));
}

/** 258 m and 15 % → 296 m. */
const withMargin = (amount: number, margin: number): number => amount + amountOf(amount * margin);

const upperFactor = (confidence: number): number => 1 + 1 / confidence;
function lowerFactor(confidence: number): number {
  const base = 1 + 0.001 / confidence;
  return 1 / (base * base);
}

/** As upstream divides: nanoseconds, each rounded to a double. */
function daysBetween(first: EpochMillis, last: EpochMillis): number {
  return (elapsed(first, last) * 1e6) / (CONFIDENCE_INTERVAL * 1e6);
}

const minutesIn = (span: Millis): number => span / minutes(1);
