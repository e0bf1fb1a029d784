/**
 * From samples to the figures of a row.
 *
 * Invariant: without samples there are no figures; a percentile is between the samples beside it, as
 * Prometheus' `quantile_over_time` and numpy's default compute it.
 */

/** Of one resource of one container name, over all pods and the whole window; in the unit of the samples. */
export type Figures = Readonly<{
  samples: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  /** Sorted, of at most SHAPE_MAX samples; for questions of how often something was exceeded. */
  shape: Float64Array;
}>;

/** More samples than these are thinned, evenly by rank: a share is then off by 0.05 % at most. */
const SHAPE_MAX = 2_000;

export function figuresOf(samples: Iterable<number>): Figures | undefined {
  const sorted = Float64Array.from(samples).sort();
  if (sorted.length === 0) return undefined;
  const at = (fraction: number): number => quantile(sorted, fraction);
  return {
    samples: sorted.length,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    shape: thinned(sorted),
  };
}

/**
 * The value below which `fraction` of the samples are, linear between two.
 *
 *   [10 20 30 40]   0.5 → 25     0.95 → 38.5     1 → 40
 *   [7]             any → 7
 */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const rank = fraction * (sorted.length - 1);
  const [low, part] = [Math.floor(rank), rank - Math.floor(rank)];
  const [below = NaN, above = below] = [sorted[low], sorted[low + 1]];
  return part === 0 ? below : below + (above - below) * part;
}

/**
 * How much of the samples lie above a bound, 0 to 1.
 *
 *   [10 20 30 40] above 25 → 0.5     above 40 → 0     above 5 → 1
 */
export function shareAbove({ shape }: Figures, bound: number): number {
  let [low, high] = [0, shape.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((shape[middle] ?? Infinity) > bound) high = middle;
    else low = middle + 1;
  }
  return (shape.length - low) / shape.length;
}

/** The middle one of each of SHAPE_MAX parts. */
function thinned(sorted: Float64Array): Float64Array {
  const part = sorted.length / SHAPE_MAX;
  if (part <= 1) return sorted;
  return Float64Array.from({ length: SHAPE_MAX }, (_, at) => sorted[Math.floor((at + 0.5) * part)] ?? NaN);
}
