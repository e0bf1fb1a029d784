/**
 * A utilization and the request that it is a percentage of are one decision: whoever changes the request has
 * to change the percentage with it, or else the count of pods moves.
 *
 *   60 % of 500m, tolerance 10 %        carry 300m a pod
 *     recommended 450m                  request 450m   target 66 %
 *     recommended 240m                  request 335m   target 89 %     (floor: ⌊66⌋ + 1 = 67 % of 500m)
 *
 * Invariant: at the new target a pod carries what it carried, or up to one percent of its request less; a
 * percentage is 1 at least.
 */

/** A percentage of a request; amounts are millicores or bytes, summed over the containers that it counts. */
export type Yardstick = Readonly<{ base: number; percent: number }>;

/** What a pod carries at the mark: the `averageValue` that means the same. */
export const carryOf = ({ base, percent }: Yardstick): number => Math.floor((base * percent) / 100);

/** The least request at which horizontal still sees that more is asked for; headroom belongs to it. */
export function floorOf({ base, percent }: Yardstick, tolerance: number): number {
  return (base * (Math.floor(exactly(percent * (1 + tolerance))) + 1)) / 100;
}

/** The percentage that goes with another request. */
export const percentOf = ({ base, percent }: Yardstick, request: number): number =>
  Math.max(1, Math.floor((base * percent) / request));

/** 60 × 1.1 is 66 and not 66.00000000000001. */
const exactly = (product: number): number => Math.round(product * 1e9) / 1e9;
