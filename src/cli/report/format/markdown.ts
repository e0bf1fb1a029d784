/**
 * The report as Markdown, for a comment on a pull request or a wiki.
 *
 * Invariant: what others wrote is text: it ends no cell, opens no tag, and mentions nobody.
 */
import type { WorkloadReport } from "../../../rightsizing/workload-report.ts";
import { printable } from "../../view/text.ts";
import { historyLine, pricesLine, type Printed } from "../printed.ts";
import { adviceLines, totalsWords, workloadName } from "../words.ts";
import { COLUMNS } from "./columns.ts";

export function markdownText(printed: Printed): string {
  const { report, prices, problems } = printed;
  const parts = [
    "## Right-sizing",
    `**${escape(totalsWords(report.totals, prices.currency))}**`,
    `${escape(historyLine(printed))}  \n${escape(pricesLine(printed))}`,
    ...problems.map((one) => `> ${escape(one)}`),
  ];
  if (report.groups.length === 0) parts.push(tableOf(report.workloads));
  for (const { name, workloads, totals } of report.groups)
    parts.push(`### ${escape(name)}`, escape(totalsWords(totals, prices.currency)), tableOf(workloads));
  const advised = report.workloads.filter((workload) => adviceLines(workload).length > 0);
  if (advised.length > 0) parts.push("### Beside the requests", advised.map(adviceOf).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

function tableOf(workloads: readonly WorkloadReport[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(COLUMNS.map(({ title }) => title)),
    row(COLUMNS.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...workloads.flatMap((workload) =>
      workload.rows.map((one) => row(COLUMNS.map(({ cell }) => escape(cell(workload, one).text)))),
    ),
  ].join("\n");
}

const adviceOf = (workload: WorkloadReport): string =>
  adviceLines(workload)
    .map((line) => `- ${escape(workloadName(workload))}: ${escape(line)}`)
    .join("\n");

/** Everything that Markdown (GitHub's too) gives a meaning. */
const MEANINGFUL = /[\\`*_{}[\]<>()#+!|~@$&]/g;

export const escape = (text: string): string => printable(text).replace(MEANINGFUL, "\\$&");
