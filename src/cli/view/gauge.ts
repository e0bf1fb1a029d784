/**
 * The level against the mark.
 *
 * Invariant: the mark always stands at the same place, so that a column of gauges can be read at a glance.
 */
/** What a pod carries, as a part of what it should carry; the words are `90/60%` or `310Mi/512Mi`. */
export type Level = Readonly<{ ratio: number; words: string }>;

/** The mark stands after two thirds, so that half as much again still shows. */
const MARK_AT = 2 / 3;
const FILLED = "▇";
const BEYOND = "»";

/**
 * With 12 cells, of which 8 are below the mark:
 *
 *   41/60 %   ▇▇▇▇▇   │
 *   60/60 %   ▇▇▇▇▇▇▇▇│
 *   90/60 %   ▇▇▇▇▇▇▇▇│▇▇▇▇
 *   200/60 %  ▇▇▇▇▇▇▇▇│▇▇▇»
 *
 * `paintAbove` colours what is above the mark; the width is `cells` + 1.
 */
export function gauge({ ratio }: Level, cells: number, paintAbove: (text: string) => string): string {
  const below = Math.round(cells * MARK_AT);
  const filled = Math.max(ratio > 0 ? 1 : 0, Math.round(ratio * below));
  const under = FILLED.repeat(Math.min(filled, below)).padEnd(below);
  const room = cells - below;
  const over = Math.max(0, filled - below);
  const above = over > room ? FILLED.repeat(room - 1) + BEYOND : FILLED.repeat(over);
  return `${under}│${above === "" ? "" : paintAbove(above)}${" ".repeat(room - above.length)}`;
}
