/**
 * What is kept of a container name of one workload, as plain data: a checkpoint carries it, a record shows
 * it, and a recommendation is computed from it.
 */
import type { Uid } from "../../base/ids.ts";
import type { Bytes, EpochMillis, Millis } from "../../base/units.ts";

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

/** A history with all that it takes to go on as if nothing had happened. */
export type HistoryCheckpoint = HistorySnapshot &
  Readonly<{
    halfLives: HalfLives;
    /** Of pods that still count, one each. */
    pods: readonly PodSnapshot[];
    /** The largest memory sample of each clock hour (hours since the epoch), of the last day. */
    hourlyPeaks: readonly (readonly [hour: number, peak: Bytes])[];
    lastOom: OomKill | undefined;
  }>;

export type HalfLives = Readonly<{ cpu: Millis; memory: Millis }>;

/** A kill for lack of memory, and what the VPA says the container would have needed. */
export type OomKill = Readonly<{ at: EpochMillis; needed: Bytes }>;

/** One pod's container: how far its samples are counted, and its open memory window. */
export type PodSnapshot = Readonly<{
  pod: Uid;
  lastCpu: EpochMillis | undefined;
  lastMemory: EpochMillis | undefined;
  lastOom: EpochMillis | undefined;
  window: MemoryWindow | undefined;
}>;

/** One peak per window counts; 0 is none yet. */
export type MemoryWindow = Readonly<{ end: EpochMillis; peak: Bytes; oomPeak: Bytes }>;
