/**
 * What is kept of a container name of one workload, as plain data: a checkpoint carries it, a record shows
 * it, and a recommendation is computed from it.
 */
import type { EpochMillis } from "../../base/units.ts";

/** A decaying histogram, as the VPA keeps it: weights by bucket number, relative to `reference`. */
export type HistogramSnapshot = Readonly<{
  reference: EpochMillis;
  /** Bucket and its weight, in the order of buckets; only those with a weight. */
  buckets: readonly (readonly [bucket: number, weight: number])[];
  /** May hold crumbs that no bucket shows. */
  total: number;
}>;

export type HistorySnapshot = Readonly<{
  cpu: HistogramSnapshot;
  memory: HistogramSnapshot;
  /** Of CPU samples only, as in the VPA: they say how much confidence there is. */
  firstSample: EpochMillis | undefined;
  lastSample: EpochMillis | undefined;
  sampleCount: number;
}>;
