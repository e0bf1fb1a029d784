/**
 * Durations as fields of a policy: texts such as `24h` or `1h30m`, hours before minutes before seconds.
 *
 * Invariant: what passes is read alike by CEL's `duration()` and by base/duration.ts.
 */
import { parseDuration } from "../../base/duration.ts";
import { must } from "../../base/assert.ts";
import type { Millis } from "../../base/units.ts";
import { type Rule, ruled } from "../rules.ts";
import { z } from "zod";

const PART = "[0-9]{1,6}";
const FORM = new RegExp(`^(${PART}h(${PART}m)?(${PART}s)?|${PART}m(${PART}s)?|${PART}s)$`);
const TEXT_LENGTH_MAX = 32;

/** `least` and `most` are such texts themselves. */
export function durationField({ least, most }: Readonly<{ least: string; most: string }>): z.ZodString {
  const form: Rule<string> = {
    cel: `self.matches(r'${FORM.source}')`,
    message: "must be a duration such as 24h or 1h30m",
    holds: (text) => FORM.test(text),
  };
  return ruled(z.string().max(TEXT_LENGTH_MAX), [
    form,
    {
      cel: `!${form.cel} || duration(self) >= duration('${least}')`,
      message: `must be at least ${least}`,
      holds: (text) => !FORM.test(text) || durationOf(text) >= durationOf(least),
    },
    {
      cel: `!${form.cel} || duration(self) <= duration('${most}')`,
      message: `must be at most ${most}`,
      holds: (text) => !FORM.test(text) || durationOf(text) <= durationOf(most),
    },
  ]);
}

/** The duration of a field that has passed its form. */
export const durationOf = (text: string): Millis =>
  must(parseDuration(text), `a checked duration, got ${text}`);
