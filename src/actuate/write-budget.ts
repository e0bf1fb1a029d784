/**
 * How often one object may be written (our decision): decreases, and any write
 * after someone else has reverted ours, at most 6 in 10 minutes and 2 in one. An uncontested increase is
 * bounded by `behavior` alone, for load does not wait.
 *
 * Invariant: with a second writer that undoes each write at once, at most 6 of ours happen in any 10 minutes;
 * and from the third reversion on no two within 100 s, so that the end of it is never noticed late.
 */
import { elapsed, later, minutes, type Millis, type MonoMillis, seconds } from "../base/units.ts";

/** A write of ours that counts. */
export type OwnWrite = Readonly<{ at: MonoMillis; from: number; to: number }>;

/**
 * Whether our writes are taken back by someone else: not in the last ten minutes; lately; or so often that it
 * is no accident (three times in ten minutes, and for as long as ten minutes never pass without another).
 */
export type Contention = "none" | "lately" | "constant";
/** Reversions within ten minutes that are no accident any more. */
export const CONSTANT_FROM = 3;

type WriteLimit = Readonly<{ count: number; window: Millis }>;
const LIMITS: readonly WriteLimit[] = [
  { count: 2, window: minutes(1) },
  { count: 6, window: minutes(10) },
];
/** The six of ten minutes, evenly. */
const SPACED: WriteLimit = { count: 1, window: seconds(100) };
const REMEMBERED = minutes(10);

/** The writes that still count at `now`, oldest first. */
export function recentWrites(writes: readonly OwnWrite[], now: MonoMillis): readonly OwnWrite[] {
  return writes.filter(({ at }) => elapsed(at, now) < REMEMBERED);
}

/** Whether a change from what we wrote last to `replicas` takes that write back. */
export function isReversion(writes: readonly OwnWrite[], replicas: number): boolean {
  const last = writes.at(-1);
  return (
    last !== undefined &&
    replicas !== last.to &&
    Math.sign(replicas - last.to) === Math.sign(last.from - last.to)
  );
}

/** When the next write of this kind is allowed; `undefined`: now. */
export function allowedAt(
  writes: readonly OwnWrite[],
  next: Readonly<{ from: number; to: number; contention: Contention }>,
  now: MonoMillis,
): MonoMillis | undefined {
  if (next.to > next.from && next.contention === "none") return undefined;
  const limits = next.contention === "constant" ? [SPACED, ...LIMITS] : LIMITS;
  const waits = limits.flatMap(({ count, window }) => {
    const within = writes.filter(({ at }) => elapsed(at, now) < window);
    const blocking = within.length >= count ? within[within.length - count] : undefined;
    return blocking === undefined ? [] : [later(blocking.at, window)];
  });
  return waits.length === 0 ? undefined : waits.reduce((a, b) => (a > b ? a : b));
}
