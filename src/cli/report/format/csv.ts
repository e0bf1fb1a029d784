/**
 * The report as CSV (RFC 4180), one container a line, for spreadsheets and scripts: raw numbers, in units
 * that the header names.
 *
 * Invariants: tidy, so every line stands by itself; no cell is a formula, whatever somebody named a label or
 * a namespace. Empty is not known or not set.
 */
import type { WorkloadReport } from "../../../rightsizing/workload-report.ts";
import { RESOURCES, type ResourceRow, type Row } from "../../../rightsizing/row.ts";
import type { Printed } from "../printed.ts";
import { adviceLines } from "../words.ts";

type Value = string | number | undefined;
type Field = readonly [title: string, value: (workload: WorkloadReport, row: Row) => Value];

const NAMES: readonly Field[] = [
  ["namespace", ({ workload }) => workload.namespace],
  ["kind", ({ workload }) => workload.kind],
  ["workload", ({ workload }) => workload.name],
  ["container", (_, { container }) => container],
  ["role", (_, { role }) => role],
  ["replicas", ({ replicas }) => replicas.now],
  ["replicas_mean", ({ replicas }) => replicas.mean],
  ["risk", (_, { risk }) => risk],
  ["waste", (_, { waste }) => waste],
  ["confidence", (_, { confidence }) => confidence.level],
  ["history_days", (_, { confidence }) => confidence.days],
  ["restarts", (_, { restarts }) => restarts],
  ["oom_kills", (_, { oomKills }) => oomKills],
];

const OF_RESOURCE: readonly (readonly [title: string, value: (row: ResourceRow) => Value])[] = [
  ["request", ({ request }) => request],
  ["limit", ({ limit }) => limit],
  ["p50", ({ usage }) => usage?.p50],
  ["p95", ({ usage }) => usage?.p95],
  ["p99", ({ usage }) => usage?.p99],
  ["max", ({ usage }) => usage?.max],
  ["recommended", ({ recommended }) => recommended],
];
const UNITS = { cpu: "millicores", memory: "bytes" } as const;

const fieldsOf = (currency: string): readonly Field[] => [
  ...NAMES,
  ...RESOURCES.flatMap((resource): readonly Field[] => [
    ...OF_RESOURCE.map(([title, value]): Field => [
      `${resource}_${title}_${UNITS[resource]}`,
      (_, { resources }) => value(resources[resource]),
    ]),
    [`${resource}_direction`, (_, { resources }) => resources[resource].direction],
    [`${resource}_risk_because`, (_, { resources }) => resources[resource].risk.because],
    [`${resource}_waste_${currency}_month`, (_, { resources }) => resources[resource].waste.cents / 100],
    [`${resource}_increase_${currency}_month`, (_, { resources }) => resources[resource].increase / 100],
  ]),
  ["advice", (workload) => adviceLines(workload).join(" ")],
];

export function csvText({ report, prices }: Printed): string {
  const groups = new Map(
    report.groups.flatMap(({ name, workloads }) => workloads.map((one) => [one, name] as const)),
  );
  const fields = fieldsOf(prices.currency.toLowerCase());
  const grouped: readonly Field[] =
    groups.size === 0 ? fields : [["group", (workload) => groups.get(workload)], ...fields];
  const lines = [grouped.map(([title]) => csvCell(title))];
  for (const workload of report.workloads)
    for (const row of workload.rows) lines.push(grouped.map(([, value]) => csvCell(value(workload, row))));
  return csvLines(lines);
}

export const csvLines = (lines: readonly (readonly string[])[]): string =>
  `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;

/** Spreadsheets compute what begins like this. */
const FORMULA = /^[=+\-@\t\r]/;

export function csvCell(value: Value): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Math.round(value * 10_000) / 10_000);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
