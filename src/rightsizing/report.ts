/**
 * The report: every workload judged, ranked, grouped and added up.
 *
 * Invariants: rows add up to the totals, to the cent; waste, increases and idle replicas are totals of their
 * own and none is taken off another; a workload is in one group only, and in the report whatever is known
 * of it.
 */
import type { EpochMillis } from "../base/units.ts";
import { compareLevels, type Level } from "./judge/level.ts";
import { addCents, type Cents, type Prices } from "./judge/money.ts";
import { judgeWorkload, type Observed, type Totals, type WorkloadReport } from "./workload-report.ts";

/** `namespace`, or the value of a label of the workload; undefined: no groups. */
export type GroupBy = Readonly<{ kind: "namespace" }> | Readonly<{ kind: "label"; key: string }> | undefined;

export type ReportQuestion = Readonly<{
  now: EpochMillis;
  prices: Prices;
  groupBy: GroupBy;
  observed: readonly Observed[];
}>;

export type Group = Readonly<{ name: string; totals: Totals; workloads: readonly WorkloadReport[] }>;

export type Report = Readonly<{
  /** Ranked: what is at risk first, then by waste. */
  workloads: readonly WorkloadReport[];
  /** By waste; none without `groupBy`. */
  groups: readonly Group[];
  totals: Totals;
}>;

export function makeReport(question: ReportQuestion): Report {
  const workloads = question.observed.map((one) => judgeWorkload(one, question)).toSorted(compareWorkloads);
  return { workloads, groups: groupsOf(workloads, question.groupBy), totals: totalsOf(workloads) };
}

function compareWorkloads(a: WorkloadReport, b: WorkloadReport): number {
  return (
    Number(isAtRisk(b)) - Number(isAtRisk(a)) ||
    (isAtRisk(a) ? compareLevels(a.risk, b.risk) : 0) ||
    b.totals.waste - a.totals.waste ||
    compareTexts(nameOf(a), nameOf(b))
  );
}

export const isAtRisk = ({ risk }: Readonly<{ risk: Level }>): boolean =>
  risk === "critical" || risk === "high";

const nameOf = ({ workload: { namespace, kind, name } }: WorkloadReport): string =>
  `${namespace}/${name}/${kind}`;
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Workloads without the label are a group of their own. */
const NO_LABEL = "(none)";

function groupsOf(workloads: readonly WorkloadReport[], groupBy: GroupBy): readonly Group[] {
  if (groupBy === undefined) return [];
  const nameFor = ({ workload, labels }: WorkloadReport): string => {
    if (groupBy.kind === "namespace") return workload.namespace;
    return Object.hasOwn(labels, groupBy.key) ? (labels[groupBy.key] ?? NO_LABEL) : NO_LABEL;
  };
  return [...Map.groupBy(workloads, nameFor)]
    .map(([name, members]) => ({ name, workloads: members, totals: totalsOf(members) }))
    .toSorted((a, b) => b.totals.waste - a.totals.waste || compareTexts(a.name, b.name));
}

function totalsOf(workloads: readonly WorkloadReport[]): Totals {
  const sum = (of: (totals: Totals) => Cents): Cents =>
    addCents(...workloads.map(({ totals }) => of(totals)));
  return {
    cost: sum(({ cost }) => cost),
    waste: sum(({ waste }) => waste),
    increase: sum(({ increase }) => increase),
    idleReplicas: sum(({ idleReplicas }) => idleReplicas),
  };
}
