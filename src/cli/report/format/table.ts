/**
 * The report for a terminal, as wide as it is: names are cut, then columns leave by rank until the rest fits,
 * and never the risk, the name, the changes or the waste.
 *
 * Invariant: no line of the table is wider than the screen; sentences beneath are wrapped to it.
 */
import type { WorkloadReport } from "../../../rightsizing/workload-report.ts";
import { fit, type Paint, printable } from "../../view/text.ts";
import { historyLine, pricesLine, type Printed } from "../printed.ts";
import { adviceLines, totalsWords, workloadName } from "../words.ts";
import { type Cell, type Column, COLUMNS } from "./columns.ts";

export type TableOptions = Readonly<{ width: number; paint: Paint }>;

const GAP = "  ";

export function tableText(printed: Printed, { width, paint }: TableOptions): string {
  const { report, prices, problems } = printed;
  const head = [historyLine(printed), pricesLine(printed), ...problems.map((one) => `Problem: ${one}`)];
  const lines = head.flatMap((line) => wrap(printable(line), width));
  const groups =
    report.groups.length > 0
      ? report.groups
      : [{ name: undefined, workloads: report.workloads, totals: undefined }];
  const columns = choose(report.workloads, width);
  lines.push("", header(columns, paint));
  for (const { name, workloads, totals } of groups) {
    if (name !== undefined && totals !== undefined)
      lines.push(
        ...wrap(printable(`${name}: ${totalsWords(totals, prices.currency)}`), width).map((line) =>
          paint("strong", line),
        ),
      );
    lines.push(...rowLines(workloads, columns, paint));
  }
  lines.push("", ...wrap(`Total: ${totalsWords(report.totals, prices.currency)}`, width));
  const advised = report.workloads.filter((workload) => adviceLines(workload).length > 0);
  for (const workload of advised) {
    lines.push("", fit(workloadName(workload), width).trimEnd());
    lines.push(...adviceLines(workload).flatMap((line) => wrap(line, width, "  ")));
  }
  return `${lines.join("\n")}\n`;
}

type Fitted = Readonly<{ column: Column; width: number }>;

const cellsOf = (workloads: readonly WorkloadReport[], { cell }: Column): readonly Cell[] =>
  workloads.flatMap((workload) => workload.rows.map((row) => cell(workload, row)));

/** Columns leave by rank until the rest fits with its names cut. */
function choose(workloads: readonly WorkloadReport[], width: number): readonly Fitted[] {
  const all = COLUMNS.map((column) => ({ column, width: naturalWidth(workloads, column) }));
  const ranks = [...new Set(COLUMNS.map(({ rank }) => rank))].toSorted((a, b) => b - a);
  let chosen: readonly Fitted[] = all;
  for (const rank of ranks) {
    if (rank === 1 || total(chosen.map(cut)) <= width) break;
    chosen = chosen.filter(({ column }) => column.rank !== rank);
  }
  return narrow(chosen, total(chosen) - width);
}

function naturalWidth(workloads: readonly WorkloadReport[], column: Column): number {
  let widest = column.title.length;
  for (const { text } of cellsOf(workloads, column)) widest = Math.max(widest, text.length);
  return Math.min(column.widthMax, widest);
}

const total = (fitted: readonly Fitted[]): number =>
  fitted.reduce((sum, one) => sum + one.width + GAP.length, -GAP.length);

const cut = ({ column, width }: Fitted): Fitted => ({
  column,
  width: Math.min(width, column.widthMin ?? width),
});

/** Where even that is too wide, what is left of a name. */
const STUMP = 6;

/** Takes the excess from the widest name, letter by letter. */
function narrow(fitted: readonly Fitted[], excess: number): readonly Fitted[] {
  const widths = fitted.map(({ width }) => width);
  const names = fitted.flatMap(({ column }, at) => (column.widthMin === undefined ? [] : [at]));
  for (let left = excess; left > 0; left--) {
    const widest = names.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), names[0] ?? 0);
    const width = widths[widest] ?? 0;
    if (width <= STUMP) break;
    widths[widest] = width - 1;
  }
  return fitted.map(({ column }, at) => ({ column, width: widths[at] ?? STUMP }));
}

function header(columns: readonly Fitted[], paint: Paint): string {
  const titles = columns.map(({ column, width }) => align(column, column.title, width));
  return paint("strong", titles.join(GAP).trimEnd());
}

function rowLines(
  workloads: readonly WorkloadReport[],
  columns: readonly Fitted[],
  paint: Paint,
): readonly string[] {
  return workloads.flatMap((workload) =>
    workload.rows.map((row) =>
      columns
        .map(({ column, width }) => {
          const { text, tone = "plain" } = column.cell(workload, row);
          return paint(tone, align(column, text, width));
        })
        .join(GAP)
        .trimEnd(),
    ),
  );
}

function align({ align: side }: Column, text: string, width: number): string {
  return side === "right" && text.length <= width ? text.padStart(width) : fit(text, width);
}

/** At blanks; a word longer than the screen stays whole, for it may be something to copy. */
export function wrap(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length > width && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = `${indent}${indent}`;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
