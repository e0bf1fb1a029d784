/**
 * How far a history is to be trusted: days that were really seen, as the VPA counts them, and the part by
 * which the VPA would trust its upper bound, `days / (1 + days)`.
 *
 *   seen for    fraction   level
 *   nothing     0          none
 *   10 minutes  0.007      low       a first look, nothing to act on
 *   1 day       0.5        medium
 *   7 days      0.875      high      weekends are in it
 *   14 days     0.933      high
 *
 * Invariant: more history never lowers it.
 */
import { type EpochMillis, elapsed, type Millis } from "../../base/units.ts";

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

export type ConfidenceLevel = "none" | "low" | "medium" | "high";
export type Confidence = Readonly<{ level: ConfidenceLevel; fraction: number; days: number }>;

/** What was seen of a container: from when to when, and at how many moments, so far apart. */
export type Span = Readonly<{ from: EpochMillis; to: EpochMillis; moments: number; step: Millis }>;

/** Gaps do not count: ten moments a minute apart in a day are ten minutes. */
export const daysSeen = ({ from, to, moments, step }: Span): number =>
  Math.min(elapsed(from, to), moments * step) / DAY_MS;

export function confidenceOf(days: number): Confidence {
  const fraction = days / (1 + days);
  if (days <= 0) return { level: "none", fraction: 0, days: 0 };
  return { level: days < 1 ? "low" : days < WEEK_DAYS ? "medium" : "high", fraction, days };
}
