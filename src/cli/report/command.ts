/**
 * `plimsoll report`, from flags to an exit code: look at the cluster, gather usage, judge, print.
 *
 * Invariants: nothing is written to any cluster. Exit codes: 0 fine, 1 a threshold is crossed, 2 wrong usage,
 * 3 no way to the cluster (or to the Prometheus that was named).
 */
import { stringify } from "yaml";
import type { Failure } from "../../base/outcome.ts";
import { type Connection, loadConnection } from "../../real/apiserver/connection/connection.ts";
import type { Environment } from "../../real/apiserver/connection/proxy.ts";
import { createTransport } from "../../real/apiserver/http-transport.ts";
import { createSurveySource } from "../../real/apiserver/survey/survey.ts";
import { createClock } from "../../real/clock.ts";
import type { Prices } from "../../rightsizing/judge/money.ts";
import { scanAsKrr } from "../../rightsizing/krr/scan.ts";
import { makeReport } from "../../rightsizing/report.ts";
import type { Survey } from "../../rightsizing/subject.ts";
import { crossed } from "../../rightsizing/threshold.ts";
import { VERSION } from "../../version.ts";
import { type createOutput } from "../output.ts";
import { EXIT } from "../program.ts";
import { documentOf } from "./document.ts";
import { csvText } from "./format/csv.ts";
import { htmlText } from "./format/html.ts";
import { krrCsv, krrDocument, krrMarkdown, krrTable } from "./format/krr.ts";
import { markdownText } from "./format/markdown.ts";
import { tableText } from "./format/table.ts";
import { type Gathered, gather } from "./gather.ts";
import type { Format, ReportOptions } from "./options.ts";
import { pricesFrom } from "./prices.ts";
import type { Printed } from "./printed.ts";
import { createProgress } from "./progress.ts";

export type ReportRun = Readonly<{
  options: ReportOptions;
  environment: Environment;
  output: ReturnType<typeof createOutput>;
  stderr: NodeJS.WriteStream;
  signal: AbortSignal;
}>;

/** Wide enough for most, where nobody says how wide. */
const WIDTH = 120;

export async function runReport(run: ReportRun): Promise<number> {
  const { options, environment, output } = run;
  const priced = await pricesFrom(options.prices);
  if (priced.kind === "wrong") {
    output.complain(`plimsoll report: ${priced.message}`);
    return EXIT.usage;
  }
  const loaded = await loadConnection({
    kubeconfig: options.kubeconfig,
    context: options.context,
    environment,
    ports: { clock: createClock(), log: () => undefined },
  });
  if (loaded.kind === "unusable") {
    output.complain(`plimsoll report: ${loaded.message}`);
    return EXIT.unreachable;
  }
  return reportOn(loaded.connection, priced.prices, run);
}

async function reportOn(connection: Connection, prices: Prices, run: ReportRun): Promise<number> {
  const { options, output, signal } = run;
  const clock = createClock();
  const transport = createTransport(connection, { userAgent: `plimsoll/${VERSION}` });
  const progress = createProgress(run.stderr, clock);
  const namespace = options.allNamespaces
    ? undefined
    : (options.namespace ?? connection.namespace ?? "default");
  try {
    const scope = { namespace, selector: options.selector };
    const surveyed = await createSurveySource(transport, clock).survey(scope, signal);
    if (surveyed.kind !== "read") return fail(output, "the cluster", surveyed);
    const { subjects } = surveyed.value;
    const gathered = await gather({ options, namespace, subjects, clock, transport, progress, signal });
    if (gathered.kind !== "gathered") return fail(output, "Prometheus", gathered);
    const now = clock.wall();
    if (options.compat === "krr") {
      output.write(krrText(options.format, surveyed.value, gathered));
      return EXIT.fine;
    }
    return print({ survey: surveyed.value, gathered, prices, now }, run);
  } finally {
    progress.end();
    await transport.close();
  }
}

type Found = Readonly<{ survey: Survey; gathered: Gathered; prices: Prices; now: Printed["now"] }>;

function print({ survey, gathered, prices, now }: Found, { options, output }: ReportRun): number {
  const { observed, source, span, step } = gathered;
  const report = makeReport({ now, prices, groupBy: options.groupBy, observed });
  const printed: Printed = {
    now,
    report,
    prices,
    history: { source, span, step },
    problems: [...emptiness(survey), ...survey.problems, ...gathered.problems],
  };
  const width = options.width ?? output.terminal?.columns ?? WIDTH;
  output.write(textOf(options.format, printed, { width, paint: output.paint }));
  const over = crossed(report, options.thresholds);
  for (const sentence of over) output.complain(`plimsoll report: ${sentence}`);
  return over.length === 0 ? EXIT.fine : EXIT.no;
}

/** A report on nothing says so: the namespace may be misspelt. */
const emptiness = ({ subjects }: Survey): readonly string[] =>
  subjects.length > 0 ? [] : ["nothing here runs pods; is it the right namespace and selector?"];

function textOf(format: Format, printed: Printed, table: Parameters<typeof tableText>[1]): string {
  const texts: Readonly<Record<Format, () => string>> = {
    table: () => tableText(printed, table),
    json: () => `${JSON.stringify(documentOf(printed), undefined, 2)}\n`,
    yaml: () => yamlOf(documentOf(printed)),
    csv: () => csvText(printed),
    html: () => htmlText(printed),
    markdown: () => markdownText(printed),
  };
  return texts[format]();
}

function krrText(format: Format, { subjects }: Survey, { krr }: Gathered): string {
  const scan = scanAsKrr(subjects, krr);
  switch (format) {
    case "json":
      return `${JSON.stringify(krrDocument(scan), undefined, 2)}\n`;
    case "yaml":
      return yamlOf(krrDocument(scan));
    case "csv":
      return krrCsv(scan);
    case "markdown":
      return krrMarkdown(scan);
    case "table":
    case "html":
      return krrTable(scan);
  }
}

const yamlOf = (document: object): string =>
  stringify(document, { lineWidth: 110, aliasDuplicateObjects: false });

function fail(output: ReportRun["output"], what: string, failure: Failure): number {
  output.complain(`plimsoll report: ${what}: ${failure.message}`);
  return EXIT.unreachable;
}
