/**
 * Figures of one or several policies as a table that is read from top to bottom: a line for each figure, a
 * column for each policy.
 */
import type { Figures } from "../../figures/tally.ts";

export type Column = Readonly<{ title: string; figures: Figures }>;

type Row = readonly [label: string, value: (figures: Figures) => string];

const ROWS: readonly Row[] = [
  ["replicas, mean", ({ replicas }) => replicas.mean.toFixed(2)],
  ["replicas, lowest and highest", ({ replicas }) => `${replicas.min} … ${replicas.max}`],
  ["pod-hours", ({ podHours }) => podHours.toFixed(1)],
  ["core-hours requested", ({ coreHours }) => coreHours.toFixed(1)],
  ["core-hours asked for by the load", ({ demandCoreHours }) => demandCoreHours.toFixed(1)],
  ["minutes under-provisioned", ({ shortMinutes }) => shortMinutes.toFixed(1)],
  ["minutes at maxReplicas", ({ atMaxMinutes }) => atMaxMinutes.toFixed(1)],
  ["minutes censored (at the CPU limit)", ({ censoredMinutes }) => censoredMinutes.toFixed(1)],
  ["increases, decreases", ({ increases, decreases }) => `${increases}, ${decreases}`],
  ["turns within 10 minutes", ({ reversals }) => `${reversals}`],
];

export function tableOf(columns: readonly Column[]): string {
  const cells = [
    ["", ...columns.map(({ title }) => title)],
    ...ROWS.map(([label, value]) => [label, ...columns.map(({ figures }) => value(figures))]),
  ];
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))),
    )
    .map((row) => `${row.join("   ").trimEnd()}\n`)
    .join("");
}

export const NOTE = `Under-provisioned: the load asks for more than 90 % of what the ready pods request.
A simulated cluster: pods start when they are told to, nodes never lack room, and the load does not
depend on how well it is served.
`;
