/**
 * Text in columns of known width, and colours by meaning.
 *
 * Invariant: what `fit` answers has exactly the asked width; every character here is one column wide.
 */

/** What a colour stands for; each means one thing. */
export type Tone = "above-mark" | "failing" | "calm" | "strong" | "plain";
/** Puts a colour around text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

export const plainly: Paint = (_, text) => text;

/** Cut with an ellipsis, or filled up with blanks at the end. */
export function fit(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  return width < 1 ? "" : `${text.slice(0, width - 1)}…`;
}

/** Control characters, C1 among them, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/** What others wrote (names, messages) so that it steers no terminal: each such run becomes one blank. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, " ");

/**
 * How long ago, in the largest unit that says it well: 0 → `now`, 12 s → `12 s ago`, 95 s → `95 s ago`,
 * 130 s → `2 min ago`, 2 h → `2 h ago`.
 */
export function agoText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 1) return "now";
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

/** 1204 → `1,204`. */
export const countText = (count: number): string => count.toLocaleString("en-US");
