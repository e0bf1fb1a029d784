/**
 * The columns of a report for people, in the order in which they stand, and which of them stay when room is
 * short.
 */
import type { WorkloadReport } from "../../../rightsizing/report.ts";
import { increaseCents, type Row, wasteCents } from "../../../rightsizing/row.ts";
import { printable, type Tone } from "../../view/text.ts";
import { changeWords, confidenceWords, moneyWords, riskWords, usageWords } from "../words.ts";

export type Cell = Readonly<{ text: string; tone?: Tone }>;

export type Column = Readonly<{
  title: string;
  align: "left" | "right";
  /** 1 stays to the last. */
  rank: number;
  /** The most that it takes of a narrow screen. */
  widthMax: number;
  cell(workload: WorkloadReport, row: Row): Cell;
}>;

const RISK_TONES: Readonly<Partial<Record<Row["risk"], Tone>>> = {
  critical: "failing",
  high: "above-mark",
  low: "calm",
  none: "calm",
};

const left = (title: string, rank: number, cell: (workload: WorkloadReport, row: Row) => string): Column => ({
  title,
  align: "left",
  rank,
  widthMax: 40,
  cell: (workload, row) => ({ text: printable(cell(workload, row)) }),
});
const right = (title: string, rank: number, cell: (workload: WorkloadReport, row: Row) => string): Column => ({
  ...left(title, rank, cell),
  align: "right",
});

export const COLUMNS: readonly Column[] = [
  {
    ...left("RISK", 1, () => ""),
    cell: (_, { risk }) => ({ text: risk, tone: RISK_TONES[risk] ?? "plain" }),
  },
  { ...left("NAMESPACE", 1, ({ workload }) => workload.namespace), widthMax: 20 },
  left("KIND", 6, ({ workload }) => workload.kind),
  left("WORKLOAD", 1, ({ workload }) => workload.name),
  { ...left("CONTAINER", 2, (_, { container }) => container), widthMax: 24 },
  right("PODS", 3, ({ replicas }) => String(replicas.now)),
  left("CPU", 1, (_, { resources }) => changeWords(resources.cpu)),
  right("P95", 7, (_, { resources }) => usageWords(resources.cpu)),
  left("MEMORY", 1, (_, { resources }) => changeWords(resources.memory)),
  right("MAX", 7, (_, { resources }) => usageWords(resources.memory)),
  right("WASTE", 1, (_, row) => moneyWords(wasteCents(row))),
  right("INCREASE", 4, (_, row) => moneyWords(increaseCents(row))),
  left("CONFIDENCE", 5, (_, row) => confidenceWords(row)),
  left("WHY", 8, (_, row) => riskWords(row)),
];
