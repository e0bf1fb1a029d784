/**
 * What a number of storms came to together.
 *
 * Invariant: totals are sums of results; nothing is counted that did not run.
 */
import { markdownTable } from "../../../generate/markdown.ts";
import { must } from "../../../src/base/assert.ts";
import { minutes } from "../../../src/base/units.ts";
import { FAULTS } from "../../../src/sim/faults/faults.ts";
import { INVARIANTS } from "../../../src/sim/invariants/invariants.ts";
import { MEBI } from "./heap.ts";
import { SHAPES } from "./shapes.ts";
import type { StormResult } from "./storm.ts";

export type Totals = {
  seeds: number;
  hours: number;
  writes: number;
  processes: number;
  planned: number;
  /** How often each kind took effect. */
  faults: Record<string, number>;
  checks: Record<string, number>;
  shapes: Record<string, number>;
  failed: number[];
  /** Of runs of days. */
  long: Pick<StormResult, "seed" | "simulated" | "writes" | "processes" | "heap">[];
};

export const noStorms = (): Totals => ({
  seeds: 0,
  hours: 0,
  writes: 0,
  processes: 0,
  planned: 0,
  faults: {},
  checks: {},
  shapes: {},
  failed: [],
  long: [],
});

export function addStorm(
  totals: Totals,
  { seed, problems, simulated, planned, faults, checks, shapes, writes, processes, heap }: StormResult,
): void {
  totals.seeds += 1;
  totals.hours += simulated / minutes(60);
  totals.planned += planned;
  totals.writes += writes;
  totals.processes += processes;
  addCounts(totals.faults, faults);
  addCounts(totals.checks, checks);
  addCounts(totals.shapes, shapes);
  if (problems.length > 0) totals.failed.push(seed);
  if (heap !== undefined) totals.long.push({ seed, simulated, writes, processes, heap });
}

function addCounts(into: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) into[name] = (into[name] ?? 0) + count;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((a, b) => a + b, 0);

/** `300 storms, 405 simulated hours, 1,950 faults, 1,800 of which took effect, of 53 kinds, 8,100 writes, 240,000 judgements by 13 invariants, 0 failed` */
export function sentenceOf({ seeds, hours, planned, faults, checks, writes, failed }: Totals): string {
  const figures = [
    `${seeds} storms`,
    `${hours.toFixed(0)} simulated hours`,
    `${planned} faults`,
    `${sum(faults)} of which took effect, of ${Object.keys(faults).length} kinds`,
    `${writes} writes`,
    `${sum(checks)} judgements by ${Object.keys(checks).length} invariants`,
    `${failed.length} failed`,
  ];
  return figures.join(", ");
}

/** `kind Deployment 340, kind Fleet 105, follows memory Utilization 38 …` */
export const sentenceOfShapes = ({ shapes }: Totals): string =>
  SHAPES.map((shape) => `${shape} ${shapes[shape] ?? 0}`).join(", ");

/** Kinds of faults that never took effect, shapes that were not there, and invariants that never had anything to judge. */
export function missingIn({ faults, checks, shapes }: Totals): readonly string[] {
  const kinds = FAULTS.map(({ kind }) => kind).filter((kind) => (faults[kind] ?? 0) === 0);
  const judged = INVARIANTS.map(({ name }) => name).filter((name) => name !== OF_DAYS);
  const unseen = SHAPES.filter((shape) => (shapes[shape] ?? 0) === 0);
  return [...kinds, ...unseen, ...judged.filter((name) => (checks[name] ?? 0) === 0)];
}

/** Runs of days alone have a heap to judge. */
const OF_DAYS = "heap";
const DAY = minutes(24 * 60);
const mebi = (bytes: number): string => (bytes / MEBI).toFixed(2);

/** How each long run went. */
export function tableOfDays({ long }: Totals): string {
  const rows = long.map(({ seed, simulated, writes, processes, heap }) => {
    const { settled, end } = must(heap, "a long run measures its heap");
    const growth = (100 * (end / settled - 1)).toFixed(1);
    return [seed, (simulated / DAY).toFixed(1), writes, processes, mebi(settled), mebi(end), `${growth} %`];
  });
  return markdownTable(
    ["seed", "days", "writes", "processes", "heap on day 2, MiB", "heap at the end, MiB", "growth"],
    rows.map((row) => row.map(String)),
  );
}

export function tableOf({ faults, checks, shapes }: Totals): string {
  const happened = FAULTS.map(({ kind, what }) => [`\`${kind}\``, what, String(faults[kind] ?? 0)]);
  const judged = INVARIANTS.map(({ name, statement }) => [name, statement, String(checks[name] ?? 0)]);
  const there = SHAPES.map((shape) => [shape, String(shapes[shape] ?? 0)]);
  return [
    markdownTable(["fault", "what happens", "took effect"], happened),
    markdownTable(["invariant", "what must be true", "judged"], judged),
    markdownTable(["workloads", "times"], there),
  ].join("\n\n");
}
