/**
 * How often one object may be written (our decision): decreases, and any write
 * after someone else has reverted ours, at most 6 in 10 minutes and 2 in one. An uncontested increase is
 * bounded by `behavior` alone, for load does not wait.
 *
 * Invariant: with a second writer that undoes each write at once, at most 6 of ours happen in any 10 minutes.
 */
import { elapsed, later, minutes, type Millis, type MonoMillis } from "../base/units.ts";

/** A write of ours that counts. */
export type OwnWrite = Readonly<{ at: MonoMillis; from: number; to: number }>;

const LIMITS: readonly Readonly<{ count: number; window: Millis }>[] = [
  { count: 2, window: minutes(1) },
  { count: 6, window: minutes(10) },
];
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
  next: Readonly<{ from: number; to: number; contested: boolean }>,
  now: MonoMillis,
): MonoMillis | undefined {
  if (next.to > next.from && !next.contested) return undefined;
  const waits = LIMITS.flatMap(({ count, window }) => {
    const within = writes.filter(({ at }) => elapsed(at, now) < window);
    const blocking = within.length >= count ? within[within.length - count] : undefined;
    return blocking === undefined ? [] : [later(blocking.at, window)];
  });
  return waits.length === 0 ? undefined : waits.reduce((a, b) => (a > b ? a : b));
}
