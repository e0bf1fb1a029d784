/**
 * The report as one HTML file: works offline, prints well, needs no script and fetches nothing.
 *
 * Invariant: what others wrote is text, never markup; the page's own policy forbids scripts and every
 * request, so that even a mistake here could do nothing.
 */
import type { WorkloadReport } from "../../../rightsizing/workload-report.ts";
import type { ResourceRow } from "../../../rightsizing/row.ts";
import { timeText } from "../../../base/rfc3339.ts";
import { printable } from "../../view/text.ts";
import { historyLine, pricesLine, type Printed } from "../printed.ts";
import { adviceLines, totalsWords, workloadName } from "../words.ts";
import { COLUMNS } from "./columns.ts";

export function htmlText(printed: Printed): string {
  const { report, prices, problems, now } = printed;
  const groups =
    report.groups.length > 0
      ? report.groups.map(({ name, workloads, totals }) => ({
          title: name,
          words: totalsWords(totals, prices.currency),
          workloads,
        }))
      : [{ title: "Workloads", words: "", workloads: report.workloads }];
  const advised = report.workloads.filter((workload) => adviceLines(workload).length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Right-sizing, ${escape(timeText(now))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Right-sizing</h1>
<p class="totals">${escape(totalsWords(report.totals, prices.currency))}</p>
<p>${escape(historyLine(printed))}<br>${escape(pricesLine(printed))}</p>
${problems.map((one) => `<p class="problem">${escape(one)}</p>`).join("\n")}
${groups.map(sectionOf).join("\n")}
${advised.length === 0 ? "" : `<h2>Beside the requests</h2>\n${advised.map(adviceOf).join("\n")}`}
<p class="small">Bars: what a pod uses (cpu p95, memory max) against its request, the mark.
Waste and increases are separate figures; neither is taken off the other.</p>
</body>
</html>
`;
}

type Section = Readonly<{ title: string; words: string; workloads: readonly WorkloadReport[] }>;

function sectionOf({ title, words, workloads }: Section): string {
  const head = COLUMNS.map(({ title: of, align }) => `<th scope="col" class="${align}">${escape(of)}</th>`);
  const body = workloads.flatMap((workload) =>
    workload.rows.map((row) => {
      const cells = COLUMNS.map(({ cell, align, title: of }) => {
        const { text } = cell(workload, row);
        const mark = of === "RISK" ? ` risk-${row.risk}` : "";
        const gauge =
          of === "CPU" ? gaugeOf(row.resources.cpu) : of === "MEMORY" ? gaugeOf(row.resources.memory) : "";
        return `<td class="${align}${mark}">${escape(text)}${gauge}</td>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    }),
  );
  return `<section>
<h2>${escape(title)}</h2>
${words === "" ? "" : `<p>${escape(words)}</p>`}
<table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>
</section>`;
}

/** The level against the mark, which stands at two thirds; nothing where either is unknown. */
function gaugeOf({ resource, usage, request }: ResourceRow): string {
  if (usage === undefined || request === undefined || request === 0) return "";
  const level = (resource === "cpu" ? usage.p95 : usage.max) / request;
  const width = Math.min(100, Math.round((level * 200) / 3));
  const words = `${Math.round(level * 100)} % of the request`;
  const bar = `<i class="${level > 1 ? "over" : "under"}" style="width:${width}%"></i>`;
  return `<span class="gauge" title="${words}">${bar}</span>`;
}

const adviceOf = (workload: WorkloadReport): string =>
  `<h3>${escape(workloadName(workload))}</h3>\n<ul>${adviceLines(workload)
    .map((line) => `<li>${escape(line)}</li>`)
    .join("")}</ul>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escape = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2733, #dbe3ec); --paper: light-dark(#fff, #14191f);
  --line: light-dark(#d5dce4, #333d48); --over: light-dark(#b45309, #fbbf24);
  --bad: light-dark(#b91c1c, #f87171); --level: light-dark(#2b6cb0, #63a4e8); }
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
.right { text-align: right; }
section { overflow-x: auto; }
.totals { font-size: 1.2rem; font-weight: 600; }
.problem, .risk-high { color: var(--over); }
.risk-critical { color: var(--bad); font-weight: 600; }
.small { font-size: .85rem; }
.gauge { display: block; position: relative; height: .3rem; margin-top: .15rem; min-width: 6rem; }
.gauge { background: var(--line); }
.gauge::after { content: ""; position: absolute; left: 66.7%; top: -2px; bottom: -2px; }
.gauge::after { border-left: 2px solid var(--ink); }
.gauge i { display: block; height: 100%; background: var(--level); }
.gauge i.over { background: var(--over); }
@media print {
  :root { color-scheme: light; }
  @page { size: A4 landscape; margin: 12mm; }
  body { margin: 0; font-size: 9px; }
  th, td { padding: 1px 4px; white-space: normal; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, h2, h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  section { overflow: visible; }
  .gauge, .gauge i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
