/**
 * Values on a command line that several commands take.
 *
 * Invariant: what is not accepted is answered with what to write instead.
 */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../base/duration.ts";
import type { Millis } from "../base/units.ts";

export function seedOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number of at most nine digits.");
}

export function durationOf(text: string): Millis {
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return duration;
  throw new InvalidArgumentError("Write a duration such as 90s, 30m or 2h.");
}
