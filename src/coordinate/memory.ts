/**
 * What a policy's next decision needs to know of its earlier ones. A value: deciding returns the next one.
 * Times are wall times, for they outlive the process; a jump of the wall clock is handled where it is seen.
 */
import type { Uid } from "../base/ids.ts";
import type { EpochMillis } from "../base/units.ts";

/** A number that the `behavior` rail remembers for its windows. */
export type Recommendation = Readonly<{ at: EpochMillis; low: number; high: number }>;

/** A change of the replica count by anyone, ours or someone else's. */
export type ScaleEvent = Readonly<{ at: EpochMillis; added: number; removed: number }>;

export type DecisionMemory = Readonly<{
  /** The target that this memory is of; another uid means no memory. */
  target: Uid;
  /** Oldest first. */
  recommendations: readonly Recommendation[];
  scaleEvents: readonly ScaleEvent[];
  lastScaleAt: EpochMillis | undefined;
  /** Since when recommendations are complete: the start, or the end of the last gap. */
  completeSince: EpochMillis;
  /** Evidence has been missing since; undefined while it is complete. */
  missingSince: EpochMillis | undefined;
  /** After a silence of more than 5 min: complete rounds still needed before a decrease. */
  roundsOwed: number;
  /** The policy's generation of the last decision, and a first large move that waits for its period. */
  generation: number;
  announced: Readonly<{ at: EpochMillis; to: number; generation: number }> | undefined;
  /** The last decision was a take-over (new leader, end of a standby): the first move never goes down. */
  tookOver: boolean;
  /** Replicas refused by quota or admission: not asked for again before. */
  refused: Readonly<{ above: number; since: EpochMillis; retryAt: EpochMillis }> | undefined;
}>;
