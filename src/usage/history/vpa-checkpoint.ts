/**
 * Histories as the VPA stores them (VerticalPodAutoscalerCheckpoint, version v3): read, so that a team that
 * comes from the VPA keeps its history; and made, with the VPA's rounding, so that both can be compared.
 *
 * Invariant: what is read is a history that could have been gathered: known buckets, finite weights, none
 * negative.
 */
import { parseTime } from "../../base/rfc3339.ts";
import type { EpochMillis } from "../../base/units.ts";
import { BUCKET_COUNT, MEMORY_BUCKETS } from "./buckets.ts";
import { DecayingHistogram, YEAR_ONE } from "./decaying-histogram.ts";
import { withoutCrumbs } from "./percentile.ts";
import { withdrawPeak } from "./pod-memory.ts";
import type { HistogramSnapshot, HistoryCheckpoint, HistorySnapshot } from "./snapshot.ts";

/** The largest bucket's weight in a checkpoint; the others are in proportion, in whole numbers. */
const WEIGHT_MAX = 10_000;
const VERSION = "v3";

/** Weights relative to the largest bucket's; what rounds to 0 is left out. */
export type VpaHistogram = Readonly<{
  reference: EpochMillis;
  weights: readonly (readonly [bucket: number, weight: number])[];
  total: number;
}>;

/**
 * A histogram with the rounding of a VPA's checkpoint; buckets under 0.005 % of the largest are lost.
 *
 *   0.1, 0.05, 0.000004 → 10000, 5000, and nothing
 */
export function asVpaHistogram({ reference, buckets, total }: HistogramSnapshot): VpaHistogram {
  const seen = withoutCrumbs(buckets);
  const ratio = WEIGHT_MAX / Math.max(...seen.map(([, weight]) => weight));
  const weights = seen.map(([bucket, weight]) => [bucket, Math.floor(weight * ratio + 0.5)] as const);
  return { reference, weights: weights.filter(([, weight]) => weight > 0), total };
}

/** The weights that the VPA would go on with. */
export function fromVpaHistogram({ reference, weights, total }: VpaHistogram): HistogramSnapshot {
  const sum = weights.reduce((all, [, weight]) => all + weight, 0);
  if (sum === 0) return { reference, buckets: [], total: 0 };
  const ratio = total / sum;
  const buckets = weights.map(([bucket, weight]) => [bucket, weight * ratio] as const);
  return { reference, buckets: buckets.toSorted(([a], [b]) => a - b), total };
}

/** Memory as the VPA writes it: the peaks of windows that are still open are not in it. */
export function closedPeaks(
  { memory, pods, halfLives }: HistoryCheckpoint,
  now: EpochMillis,
): HistogramSnapshot {
  const histogram = new DecayingHistogram(MEMORY_BUCKETS, halfLives.memory);
  histogram.restore(memory, halfLives.memory);
  for (const { window } of pods) if (window !== undefined) withdrawPeak(histogram, window, now);
  return histogram.snapshot();
}

export type VpaCheckpoint =
  | Readonly<{ kind: "history"; history: HistorySnapshot }>
  /** Never trusted in part. */
  | Readonly<{ kind: "refused"; because: "another-version" | "malformed" }>;

/** Reads `status` of a VerticalPodAutoscalerCheckpoint. */
export function readVpaCheckpoint(status: unknown): VpaCheckpoint {
  const fields = recordOf(status);
  if (fields["version"] !== VERSION) return { kind: "refused", because: "another-version" };
  const [cpu, memory] = [readHistogram(fields["cpuHistogram"]), readHistogram(fields["memoryHistogram"])];
  const sampleCount = fields["totalSamplesCount"] ?? 0;
  if (cpu === undefined || memory === undefined || !isCount(sampleCount))
    return { kind: "refused", because: "malformed" };
  const [firstSample, lastSample] = [timeIn(fields["firstSampleStart"]), timeIn(fields["lastSampleStart"])];
  return { kind: "history", history: { cpu, memory, firstSample, lastSample, sampleCount } };
}

/** An empty one is written as nothing at all. */
function readHistogram(value: unknown): HistogramSnapshot | undefined {
  const fields = recordOf(value);
  const weights = Object.entries(recordOf(fields["bucketWeights"])).map(
    ([bucket, weight]) => [Number(bucket), weight] as const,
  );
  const total = fields["totalWeight"] ?? 0;
  const isKnown = weights.every(([bucket]) => isCount(bucket) && bucket < BUCKET_COUNT);
  if (!isKnown || !isWeight(total) || !weights.every(isWhole)) return undefined;
  const reference = timeIn(fields["referenceTimestamp"]);
  if (reference === undefined && weights.length > 0) return undefined;
  return fromVpaHistogram({ reference: reference ?? YEAR_ONE, weights: weights.filter(isWhole), total });
}

const isWhole = (entry: readonly [number, unknown]): entry is readonly [number, number] => isCount(entry[1]);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isWeight = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;

/** The API writes "no time yet" as null, a Go program may write the year 1. */
function timeIn(value: unknown): EpochMillis | undefined {
  const time = parseTime(value);
  return time === YEAR_ONE ? undefined : time;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
