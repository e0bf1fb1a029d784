/**
 * How long to wait after trouble: 0.8 s, doubled each time, after client-go's reflector; spread by chance so
 * that a fleet of watches does not come back as one.
 *
 *   trouble in a row   1         2         3         4          5          6…
 *   seconds to wait    0.8–1.6   1.6–3.2   3.2–6.4   6.4–12.8   12.8–25.6  15–30
 *
 * Invariant: a wait is never longer than 30 s on our own account, and two minutes without trouble forget it.
 */
import { elapsed, millis, type Millis, minutes, type MonoMillis, seconds } from "../../../base/units.ts";

export type Backoff = Readonly<{
  /** The shortest wait after the next trouble. */
  base: Millis;
  lastTroubleAt: MonoMillis | undefined;
}>;

const SHORTEST = millis(800);
/** Half of the longest wait, because chance may double it. */
const BASE_MAX = seconds(15);
const FORGOTTEN_AFTER = minutes(2);
/** A server that says "come back tomorrow" is not taken at its word. */
const RETRY_AFTER_MAX = minutes(2);

export const CALM: Backoff = { base: SHORTEST, lastTroubleAt: undefined };

/** The wait after trouble at `now`, at least as long as the server asked; `chance` is in [0, 1). */
export function backOff(
  backoff: Backoff,
  { now, chance, retryAfter }: Readonly<{ now: MonoMillis; chance: number; retryAfter: Millis | undefined }>,
): Readonly<{ wait: Millis; backoff: Backoff }> {
  const { lastTroubleAt } = backoff;
  const calm = lastTroubleAt === undefined || elapsed(lastTroubleAt, now) >= FORGOTTEN_AFTER;
  const base = calm ? SHORTEST : backoff.base;
  const asked = Math.min(retryAfter ?? 0, RETRY_AFTER_MAX);
  return {
    wait: millis(Math.max(base * (1 + chance), asked)),
    backoff: { base: millis(Math.min(base * 2, BASE_MAX)), lastTroubleAt: now },
  };
}
