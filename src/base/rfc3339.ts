/**
 * Moments as the Kubernetes API writes them, RFC 3339 in UTC: `metav1.Time` to the second, `MicroTime` to
 * the microsecond. Formatting a given moment is pure; nothing here reads a clock.
 */
import type { EpochMillis } from "./units.ts";
import { epochMillis } from "./units.ts";

/** Day and second; fraction; offset. */
const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-]\d\d:\d\d))$/;

/** `2026-11-25T03:12:07Z`: parts of a second are cut off, as `metav1.Time` does. */
export const timeText = (moment: EpochMillis): string => `${isoOf(moment).slice(0, 19)}Z`;

/** `2026-11-25T03:12:07.250000Z`, for Leases and Events. */
export const microTimeText = (moment: EpochMillis): string => `${isoOf(moment).slice(0, 23)}000Z`;

/**
 * The moment, to the millisecond (finer parts are cut off); undefined for what is not RFC 3339 or names a
 * day or an hour that does not exist. Leap seconds are refused, as Go refuses them.
 */
export function parseTime(text: unknown): EpochMillis | undefined {
  const match = typeof text === "string" ? RFC3339.exec(text) : null;
  if (match === null) return undefined;
  const [, day, second, fraction, offset] = match;
  const local = Date.parse(`${day}T${second}Z`);
  // A 30 February becomes a day in March, and 24:00 midnight: what does not read back was no such moment.
  if (Number.isNaN(local) || new Date(local).toISOString() !== `${day}T${second}.000Z`) return undefined;
  const east = offset === undefined ? 0 : offsetOf(offset);
  if (east === undefined) return undefined;
  return epochMillis(local - east + Math.floor(Number(fraction ?? 0) * 1000));
}

/** `+05:30` in milliseconds; undefined beyond 23:59. */
function offsetOf(text: string): number | undefined {
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

const isoOf = (moment: EpochMillis): string => new Date(Math.floor(moment)).toISOString();
