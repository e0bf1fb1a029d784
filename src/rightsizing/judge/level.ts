/**
 * The words in which waste and risk are graded, from worst to best. `unknown` is no grade: it says that there
 * is not enough history to give a good one.
 */

export const LEVELS = ["critical", "high", "medium", "low", "none", "unknown"] as const;
export type Level = (typeof LEVELS)[number];

/** Smaller is worse; unknown stands between medium and low, for it may be either. */
const RANK: Readonly<Record<Level, number>> = {
  critical: 0,
  high: 1,
  medium: 2,
  unknown: 3,
  low: 4,
  none: 5,
};

export const compareLevels = (a: Level, b: Level): number => RANK[a] - RANK[b];

export const worstOf = (levels: readonly Level[]): Level => levels.toSorted(compareLevels)[0] ?? "none";
