/**
 * What is asked of a workload as a whole, over time. It is shared by the pods that are ready, so that more
 * pods mean less each: this closes the loop.
 *
 * Invariant: the same seed, workload and moment give the same demand, whoever asks and however often.
 */
import { unreachable } from "../../base/assert.ts";
import type { Millis } from "../../base/units.ts";
import { chanceOf } from "../chance.ts";

/**
 * Demand in the base unit of a resource (cores, bytes) for the whole workload. Moments are milliseconds
 * since the world began.
 */
export type Shape =
  | Readonly<{ kind: "steady"; level: number }>
  /** A sine from `low` to `high` once a `period`; `phase` (a fraction of it) shifts the low point from 0. */
  | Readonly<{ kind: "daily"; low: number; high: number; period: Millis; phase: number }>
  /** `low`, and once in every span of `every`, at a moment that chance picks, `high` for `length`. */
  | Readonly<{ kind: "bursty"; low: number; high: number; every: Millis; length: Millis }>
  | Readonly<{ kind: "growing"; from: number; perHour: number }>
  /** Around `level`, every 30 s elsewhere, at most `spread` (a fraction) away. */
  | Readonly<{ kind: "noisy"; level: number; spread: number }>
  /** Holds each level from its moment on. */
  | Readonly<{ kind: "step"; points: readonly Point[] }>
  /** Straight lines from point to point. */
  | Readonly<{ kind: "trace"; points: readonly Point[] }>;
export type Point = Readonly<{ at: Millis; level: number }>;

/** Which run and which workload: where noise and bursts come from. */
export type Source = Readonly<{ seed: number; name: string }>;

const HOUR = 3_600_000;
const NOISE_SPAN = 30_000;

/**
 *   steady 2                         → 2
 *   daily 1..3, period 24 h, phase 0 → 1 at 0 h, 2 at 6 h, 3 at 12 h
 *   growing from 1, 0.5 per hour     → 2 at 2 h
 *   step 0: 1, 10 min: 4             → 1 before 10 min, 4 from then on
 *   trace 0: 1, 10 min: 4            → 2.5 at 5 min
 */
export function demandAt(shape: Shape, at: Millis, source: Source): number {
  switch (shape.kind) {
    case "steady":
      return shape.level;
    case "daily": {
      const turn = 2 * Math.PI * (at / shape.period + shape.phase);
      return shape.low + ((shape.high - shape.low) * (1 - Math.cos(turn))) / 2;
    }
    case "bursty":
      return isBursting(shape, at, source) ? shape.high : shape.low;
    case "growing":
      return shape.from + (shape.perHour * at) / HOUR;
    case "noisy":
      return shape.level * (1 + shape.spread * swing(at, source));
    case "step":
      return onStairs(shape.points, at);
    case "trace":
      return onLine(shape.points, at);
    default:
      return unreachable(shape);
  }
}

/** A number in [-1, 1) that changes every 30 s. */
export function swing(at: Millis, { seed, name }: Source): number {
  return chanceOf(seed, `${name}/${Math.floor(at / NOISE_SPAN)}`).next() * 2 - 1;
}

function isBursting(shape: Extract<Shape, { kind: "bursty" }>, at: Millis, source: Source): boolean {
  const span = Math.floor(at / shape.every);
  const room = Math.max(0, shape.every - shape.length);
  const start = span * shape.every + chanceOf(source.seed, `${source.name}/burst/${span}`).next() * room;
  return at >= start && at < start + shape.length;
}

function onStairs(points: readonly Point[], at: Millis): number {
  return points.findLast((point) => point.at <= at)?.level ?? 0;
}

function onLine(points: readonly Point[], at: Millis): number {
  const next = firstAfter(points, at);
  const after = points[Math.min(next, points.length - 1)];
  const before = points[Math.min(next, points.length) - 1];
  if (after === undefined) return 0;
  if (before === undefined || after.at <= before.at) return after.level;
  return before.level + ((after.level - before.level) * (at - before.at)) / (after.at - before.at);
}

/** Index of the first point after a moment, by halves: a trace has many thousands. */
function firstAfter(points: readonly Point[], at: Millis): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
