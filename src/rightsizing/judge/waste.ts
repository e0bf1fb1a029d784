/**
 * Requested and not needed. Graded by what it costs and by its part of the request, whichever is milder, so
 * that neither a large part of little nor a small part of much makes noise.
 *
 *   of the request   a month    waste
 *   under 10 %       any        none     a change of 10 % is worth nobody's time
 *   60 %             0.80       low
 *   60 %             12.00      medium   from 25 % and 5.00
 *   60 %             80.00      high     from 50 % and 50.00
 *   20 %             80.00      low
 *
 * Invariant: waste says nothing about risk, and never pays for it.
 */
import type { Cents } from "./money.ts";
import type { Level } from "./level.ts";

/** The least change that counts, of the request: the significance of a vertical change. */
export const SIGNIFICANT = 0.1;

const MEDIUM = { part: 0.25, cents: 500 };
const HIGH = { part: 0.5, cents: 5_000 };

export function wasteOf({ part, cents }: Readonly<{ part: number; cents: Cents }>): Level {
  if (part < SIGNIFICANT) return "none";
  const reaches = (bound: typeof HIGH): boolean => part >= bound.part && cents >= bound.cents;
  if (reaches(HIGH)) return "high";
  return reaches(MEDIUM) ? "medium" : "low";
}
