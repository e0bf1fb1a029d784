/**
 * A Deployment's rolling update as arithmetic: how many replicas each of its ReplicaSets should have next.
 *
 * Invariant: never more than `replicas + surge` pods are wanted, and old pods that serve are given up only
 * while at least `replicas - unavailable` others do.
 */

/** How many replicas a ReplicaSet wants, and how many of its pods are ready. */
export type SetCounts = Readonly<{ replicas: number; ready: number }>;
export type RolloutCounts = Readonly<{
  /** spec.replicas of the Deployment. */
  wanted: number;
  newest: SetCounts;
  /** Oldest first. */
  older: readonly SetCounts[];
}>;
export type RolloutStep = Readonly<{ newest: number; older: readonly number[] }>;

/**
 * With the API's defaults, 25 % surge rounded up and 25 % unavailable rounded down.
 *
 *   wanted  newest  older   → newest  older
 *   4       4/4     -         4       -      nothing to do
 *   6       4/4     -         6       -      scaled
 *   4       0/0     4/4       1       4      surge first
 *   4       1/0     4/4       1       3      one may be unavailable, and the new one is none yet to lose
 *   4       1/1     3/3       2       3      room under the surge
 */
export function nextStep({ wanted, newest, older }: RolloutCounts): RolloutStep {
  const kept = older.map(({ replicas }) => replicas);
  const olderTotal = sum(kept);
  if (olderTotal === 0) return { newest: wanted, older: kept };
  const surge = Math.ceil(wanted / 4);
  const room = Math.max(0, wanted + surge - newest.replicas - olderTotal);
  const grown = Math.min(wanted, newest.replicas + room);
  if (grown !== newest.replicas) return { newest: grown, older: kept };
  return { newest: grown, older: shrink({ wanted, newest, older }) };
}

/**
 * While the Deployment is paused: what is missing or too much goes to its largest ReplicaSet, and none takes
 * another's place. (The real controller spreads it in proportion; the sum is the same.)
 *
 *   wanted  newest  older   → newest  older
 *   8       2       6         2       6      nothing moves on
 *   10      2       6         2       8
 *   4       2       6         2       2
 */
export function pausedStep({ wanted, newest, older }: RolloutCounts): RolloutStep {
  const sizes = [newest.replicas, ...older.map(({ replicas }) => replicas)];
  const largest = sizes.indexOf(Math.max(...sizes));
  const change = wanted - sum(sizes);
  const [first = 0, ...rest] = sizes.map((size, at) => (at === largest ? Math.max(0, size + change) : size));
  return { newest: first, older: rest };
}

function shrink({ wanted, newest, older }: RolloutCounts): number[] {
  const servingMin = wanted - Math.floor(wanted / 4);
  const total = newest.replicas + sum(older.map(({ replicas }) => replicas));
  let room = total - servingMin - (newest.replicas - newest.ready);
  // Pods that do not serve are given up first, for nobody misses them.
  const afterSick = older.map(({ replicas, ready }) => {
    const dropped = Math.max(0, Math.min(replicas - ready, room));
    room -= dropped;
    return replicas - dropped;
  });
  let spare = Math.min(room, newest.ready + sum(older.map(({ ready }) => ready)) - servingMin);
  return afterSick.map((replicas) => {
    const dropped = Math.max(0, Math.min(replicas, spare));
    spare -= dropped;
    return replicas - dropped;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
