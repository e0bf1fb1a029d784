/**
 * Stabilization windows: a change goes only as far as every recommendation within the window agrees with,
 * as in the HPA of Kubernetes 1.37.
 *
 * Invariant: with `behavior`, the result lies between the current and the desired count.
 *
 *   now 100, wants 3, scale-down window 3 min that has seen 4 and 5    →  5
 *   now 1, wants 7, scale-up window 5 min that has seen 4 and 5        →  4
 *   now 2, wants 1, both windows 5 min, seen 3 within                  →  2   (1 … 3 holds the 2)
 */
import { type EpochMillis, later, type Millis } from "../base/units.ts";

/**
 * A count that was wanted at a moment. What was read back from a summary is a range over a span: `at` is the
 * latest moment it may be of and `notBefore` the earliest. It holds a change back until its latest moment has
 * left the window, and moves one only while its earliest has not.
 */
export type Recommendation = Readonly<{
  at: EpochMillis;
  notBefore: EpochMillis;
  low: number;
  high: number;
}>;

export type Stabilized = Readonly<{
  replicas: number;
  /** When the recommendation that holds the count leaves its window; undefined when nothing is held. */
  until: EpochMillis | undefined;
}>;

type Wish = Readonly<{
  current: number;
  desired: number;
  now: EpochMillis;
  recommendations: readonly Recommendation[];
}>;

export function stabilizeReplicas(
  wish: Wish & Readonly<{ upWindow: Millis; downWindow: Millis }>,
): Stabilized {
  const { current, desired, now, recommendations, upWindow, downWindow } = wish;
  const within = (window: Millis): readonly Recommendation[] =>
    recommendations.filter(({ at }) => later(at, window) > now);
  const [up, down] = [within(upWindow), within(downWindow)];
  const lowest = Math.min(desired, ...up.map(({ low }) => low));
  const highest = Math.max(desired, ...down.map(({ high }) => high));
  const replicas = Math.min(Math.max(current, lowest), highest);
  if (replicas === desired) return { replicas, until: undefined };
  const [holders, window] =
    replicas < desired
      ? [up.filter(({ low }) => low <= replicas), upWindow]
      : [down.filter(({ high }) => high >= replicas), downWindow];
  return { replicas, until: lastOf(holders, window) };
}

/**
 * Without `behavior`: the largest recommendation of the window, its edge included; it may be over the current
 * count, which then rises further although less is wanted now (as upstream).
 */
export function stabilizeWithoutBehavior(wish: Wish & Readonly<{ window: Millis }>): Stabilized {
  const { current, desired, now, recommendations, window } = wish;
  const holders = recommendations.filter(({ at }) => later(at, window) >= now);
  const raisers = recommendations.filter(({ notBefore }) => later(notBefore, window) >= now);
  const held = Math.min(current, Math.max(0, ...holders.map(({ high }) => high)));
  const replicas = Math.max(desired, held, ...raisers.map(({ high }) => high));
  if (replicas === desired) return { replicas, until: undefined };
  const responsible = holders.filter(({ high }) => high >= replicas);
  return { replicas, until: lastOf(responsible, window) };
}

/** When the youngest of the recommendations that hold a count leaves the window. */
function lastOf(holders: readonly Recommendation[], window: Millis): EpochMillis | undefined {
  let youngest: EpochMillis | undefined;
  for (const { at } of holders) if (youngest === undefined || at > youngest) youngest = at;
  return youngest === undefined ? undefined : later(youngest, window);
}
