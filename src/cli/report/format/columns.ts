/**
 * The columns of a report for people, in the order in which they stand, and which of them stay when room is
 * short.
 */
import type { WorkloadReport } from "../../../rightsizing/workload-report.ts";
import { increaseCents, type Row, wasteCents } from "../../../rightsizing/row.ts";
import { printable, type Tone } from "../../view/text.ts";
import { changeWords, confidenceWords, moneyWords, riskWords, usageWords } from "../words.ts";

export type Cell = Readonly<{ text: string; tone?: Tone }>;

export type Column = Readonly<{
  title: string;
  align: "left" | "right";
  /** 1 stays to the last. */
  rank: number;
  widthMax: number;
  /** Names give way down to this before a column leaves; undefined: never. */
  widthMin: number | undefined;
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
  widthMax: 60,
  widthMin: undefined,
  cell: (workload, row) => ({ text: printable(cell(workload, row)) }),
});
const right = (
  title: string,
  rank: number,
  cell: (workload: WorkloadReport, row: Row) => string,
): Column => ({
  ...left(title, rank, cell),
  align: "right",
});

const name = (title: string, rank: number, cell: (workload: WorkloadReport, row: Row) => string): Column => ({
  ...left(title, rank, cell),
  widthMin: 12,
});

export const COLUMNS: readonly Column[] = [
  {
    ...left("RISK", 1, () => ""),
    cell: (_, { risk }) => ({ text: risk, tone: RISK_TONES[risk] ?? "plain" }),
  },
  name("NAMESPACE", 1, ({ workload }) => workload.namespace),
  left("KIND", 6, ({ workload }) => workload.kind),
  name("WORKLOAD", 1, ({ workload }) => workload.name),
  name("CONTAINER", 2, (_, { container }) => container),
  right("PODS", 3, ({ replicas }) => String(replicas.now)),
  left("CPU", 1, (_, { resources }) => changeWords(resources.cpu)),
  right("P95", 7, (_, { resources }) => usageWords(resources.cpu)),
  left("MEMORY", 1, (_, { resources }) => changeWords(resources.memory)),
  right("MAX", 7, (_, { resources }) => usageWords(resources.memory)),
  right("WASTE/MO", 1, (_, row) => moneyWords(wasteCents(row))),
  right("INCREASE/MO", 4, (_, row) => moneyWords(increaseCents(row))),
  left("CONFIDENCE", 5, (_, row) => confidenceWords(row)),
  left("WHY", 8, (_, row) => riskWords(row)),
];
