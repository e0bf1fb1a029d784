/**
 * A trace file → load over time: two columns, moment and amount, separated by comma, semicolon or tab. The
 * first row may be a head. Moments are seconds, or times of day with a date; the first one is the start.
 *
 * Invariant: points come in the order of time; a row that cannot be read is a complaint with its number.
 */
import type { Millis } from "../../base/units.ts";
import { millis } from "../../base/units.ts";
import type { Point } from "../../sim/kubelet/load.ts";

export type Trace =
  Readonly<{ kind: "trace"; points: readonly Point[] }> | Readonly<{ kind: "unreadable"; message: string }>;

/** `peak` in cores makes the highest amount that many, whatever the unit of the file. */
export function readTrace(text: string, peak: number | undefined): Trace {
  const rows = rowsOf(text);
  const points: Point[] = [];
  for (const { number, cells } of rows) {
    const read = readRow(cells);
    if (read === undefined) return complaint(number, "is not a moment and an amount");
    const since = millis(read.when - (readRow(rows[0]?.cells ?? [])?.when ?? 0));
    if (points.length > 0 && since <= lengthOf(points)) return complaint(number, "does not come later");
    points.push({ at: since, level: read.level });
  }
  if (points.length > 1) return { kind: "trace", points: scaled(points, peak) };
  return { kind: "unreadable", message: "has fewer than two rows of moment and amount" };
}

type Row = Readonly<{ number: number; cells: readonly string[] }>;

/** Without empty rows, and without a first one that is a head. */
function rowsOf(text: string): readonly Row[] {
  const lines = text.split(/\r?\n/).map((line, at) => ({ number: at + 1, line }));
  const rows = lines
    .filter(({ line }) => line.trim() !== "")
    .map(({ number, line }) => ({ number, cells: line.split(/[,;\t]/).map((cell) => cell.trim()) }));
  const headed = rows[0] !== undefined && readRow(rows[0].cells) === undefined;
  return headed ? rows.slice(1) : rows;
}

function readRow(row: readonly string[]): Readonly<{ when: number; level: number }> | undefined {
  const [moment = "", amount = ""] = row;
  const when = momentOf(moment);
  const level = Number(amount);
  return when === undefined || amount === "" || !(level >= 0 && level < Infinity)
    ? undefined
    : { when, level };
}

export const lengthOf = (points: readonly Point[]): Millis => points.at(-1)?.at ?? millis(0);

/** Seconds as a number, or anything that names a day and a time. */
function momentOf(text: string): number | undefined {
  const seconds = Number(text);
  if (text !== "" && Number.isFinite(seconds)) return seconds * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function scaled(points: readonly Point[], peak: number | undefined): readonly Point[] {
  const highest = points.reduce((most, { level }) => Math.max(most, level), 0);
  if (peak === undefined || highest === 0) return points;
  return points.map(({ at, level }) => ({ at, level: (level * peak) / highest }));
}

const complaint = (row: number, what: string): Trace => ({
  kind: "unreadable",
  message: `row ${row} ${what}; write rows such as \`60,1.5\` (seconds, cores) in the order of time`,
});
