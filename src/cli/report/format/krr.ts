/**
 * A scan in KRR's own shapes: its columns, its JSON. What it prints is KRR's advice, not ours.
 */
import { krrCell, krrDifference } from "../../../rightsizing/krr/amount-text.ts";
import type { KrrRow, KrrScan } from "../../../rightsizing/krr/scan.ts";
import { krrSeverity } from "../../../rightsizing/krr/severity.ts";
import { KRR_SETTINGS, type KrrValue } from "../../../rightsizing/krr/strategy.ts";
import { RESOURCES } from "../../../rightsizing/row.ts";
import { fit, printable } from "../../view/text.ts";
import { csvCell, csvLines } from "./csv.ts";
import { escape } from "./markdown.ts";

const TITLES = [
  "Number", "Namespace", "Name", "Pods", "Old Pods", "Type", "Container", "CPU Diff", "CPU Requests",
  "CPU Limits", "Memory Diff", "Memory Requests", "Memory Limits", "Severity",
]; // prettier-ignore

function cellsOf(row: KrrRow, number: number): readonly string[] {
  const { subject, container, pods, oldPods, current, answer, severity } = row;
  const { namespace, name, kind } = subject.workload;
  const resources = RESOURCES.flatMap((resource) => [
    krrDifference(resource, {
      current: current.requests[resource],
      recommended: answer.requests[resource],
      pods: pods.length,
    }),
    krrCell(resource, current.requests[resource], answer.requests[resource]),
    krrCell(resource, current.limits[resource], answer.limits[resource]),
  ]);
  const names = [`${number}.`, namespace, name, `${pods.length}`, `${oldPods.length}`, kind, container];
  return [...names, ...resources, severity].map(printable);
}

export function krrTable({ rows, score, letter }: KrrScan): string {
  const lines = [TITLES, ...rows.map((row, at) => cellsOf(row, at + 1))];
  const widths = TITLES.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, at) => fit(cell, widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${text.join("\n")}\n\n${score} points - ${letter}\n`;
}

export function krrMarkdown({ rows, score, letter }: KrrScan): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(" | ")} |`;
  const table = [line(TITLES), `|${" --- |".repeat(TITLES.length)}`];
  table.push(...rows.map((row, at) => line(cellsOf(row, at + 1))));
  return `${table.join("\n")}\n\n${score} points - ${letter}\n`;
}

/** Unlike KRR's, every line names its workload. */
export const krrCsv = ({ rows }: KrrScan): string =>
  csvLines([TITLES, ...rows.map((row, at) => cellsOf(row, at + 1))].map((line) => line.map(csvCell)));

/** `null` is "set none", "?" is unknown, as in KRR. Unrounded numbers, in cores and bytes. */
export function krrDocument({ rows, score }: KrrScan): object {
  const { historyHours, stepSeconds, cpuPercentile, memoryBufferPercent, pointsRequired } = KRR_SETTINGS;
  return {
    scans: rows.map(scanOf),
    score,
    resources: RESOURCES,
    description: "KRR's simple strategy, computed by plimsoll report --compat krr",
    strategy: {
      name: "simple",
      settings: {
        history_duration: historyHours,
        timeframe_duration: stepSeconds / 60,
        cpu_percentile: cpuPercentile,
        memory_buffer_percentage: memoryBufferPercent,
        points_required: pointsRequired,
        allow_hpa: false,
        use_oomkill_data: false,
      },
    },
    errors: [],
  };
}

function scanOf({ subject, container, pods, oldPods, current, answer, severity }: KrrRow): object {
  const { namespace, name, kind } = subject.workload;
  const cell = (resource: "cpu" | "memory", now: number | undefined, value: KrrValue): object => ({
    value: value ?? null,
    severity: krrSeverity(resource, now, value),
  });
  const part = (of: "requests" | "limits"): object =>
    Object.fromEntries(
      RESOURCES.map((resource) => [resource, cell(resource, current[of][resource], answer[of][resource])]),
    );
  const allocated = (of: "requests" | "limits"): object => ({
    cpu: current[of].cpu ?? null,
    memory: current[of].memory ?? null,
  });
  return {
    object: {
      cluster: null,
      name,
      container,
      pods: [
        ...pods.map((pod) => ({ name: pod, deleted: false })),
        ...oldPods.map((pod) => ({ name: pod, deleted: true })),
      ],
      hpa: hpaOf(subject.scalers),
      namespace,
      kind,
      allocations: { requests: allocated("requests"), limits: allocated("limits"), info: {} },
      warnings: [],
      labels: subject.labels,
    },
    recommended: {
      requests: part("requests"),
      limits: part("limits"),
      info: { cpu: answer.info.cpu ?? null, memory: answer.info.memory ?? null },
    },
    severity,
  };
}

function hpaOf(scalers: KrrRow["subject"]["scalers"]): object | null {
  const [first] = scalers;
  if (first === undefined) return null;
  const of = (resource: "cpu" | "memory"): number | null =>
    first.marks.find((mark) => mark.resource === resource)?.percent ?? null;
  return {
    min_replicas: first.minReplicas,
    max_replicas: first.maxReplicas,
    target_cpu_utilization_percentage: of("cpu"),
    target_memory_utilization_percentage: of("memory"),
  };
}
