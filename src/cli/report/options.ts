/**
 * `plimsoll report`: its flags, and what they mean together.
 *
 * Invariant: what contradicts itself is a complaint with a way out, before anything is asked of a cluster.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { bytes, milliCores, type Millis, millis } from "../../base/units.ts";
import { parseSelector } from "../../cluster/selector.ts";
import type { GroupBy } from "../../rightsizing/report.ts";
import { parseThreshold, type Threshold } from "../../rightsizing/threshold.ts";
import type { VerticalSettings } from "../../vertical/question.ts";
import { VERTICAL_SETTINGS } from "../../vertical/recommend.ts";
import { durationOf } from "../arguments.ts";
import type { PriceFlags } from "./prices.ts";

export const FORMATS = ["table", "json", "yaml", "csv", "html", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

export type ReportOptions = Readonly<{
  kubeconfig: string | undefined;
  context: string | undefined;
  /** undefined: that of the context. */
  namespace: string | undefined;
  allNamespaces: boolean;
  selector: string;
  format: Format;
  /** undefined: as wide as the terminal. */
  width: number | undefined;
  groupBy: GroupBy;
  thresholds: readonly Threshold[];
  compat: "krr" | undefined;
  sample: Millis;
  prometheus: PrometheusFlags | undefined;
  prices: PriceFlags;
  settings: VerticalSettings;
}>;

export type PrometheusFlags = Readonly<{
  address: string;
  bearerTokenFile: string | undefined;
  certificateAuthority: string | undefined;
  insecure: boolean;
  timeout: Millis;
  length: Millis;
  resolution: Millis;
  labels: Readonly<{ namespace: string; pod: string; container: string }>;
}>;

type Flags = Readonly<{
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  allNamespaces?: true;
  selector: string;
  output: Format;
  width?: number;
  groupBy?: GroupBy;
  threshold: readonly Threshold[];
  compat?: "krr";
  sample?: Millis;
  prometheusAddress?: string;
  prometheusBearerTokenFile?: string;
  prometheusCertificateAuthority?: string;
  prometheusInsecure?: true;
  prometheusQueryTimeout: Millis;
  historyLength: Millis;
  historyResolution: Millis;
  containerNamespaceLabel: string;
  containerPodNameLabel: string;
  containerNameLabel: string;
  priceFile?: string;
  cpuPrice?: number;
  memoryPrice?: number;
  currency?: string;
  podRecommendationMinCpuMillicores: number;
  podRecommendationMinMemoryMb: number;
}>;

const DESCRIPTION = `Prices and ranks every workload: what it asks for, what it uses, what it should ask for,
and what the difference costs or risks. Needs no policy and no operator; writes nothing.
Usage comes from
  a Prometheus      --prometheus-address, days of it at once
  metrics.k8s.io    --sample 10m looks for a while; without it, one look
and, where a ScalePolicy shows a recommendation, from the operator's own history.
Exit codes: 0 fine, 1 a --threshold is crossed, 2 wrong usage, 3 the cluster cannot be reached.`;

export function addReport(program: Command, run: (options: ReportOptions) => Promise<void>): void {
  const command = program
    .command("report")
    .summary("what workloads waste and risk with their requests, in money; writes nothing")
    .description(DESCRIPTION);
  for (const option of [...scopeOptions(), ...outputOptions(), ...sourceOptions(), ...priceOptions()])
    command.addOption(option);
  command.action(async (flags: Flags) => {
    const wrong = contradictionOf(flags);
    if (wrong !== undefined) command.error(`error: ${wrong}`);
    await run(optionsOf(flags));
  });
}

const flag = (flags: string, meaning: string, parse?: (text: string) => unknown): Option => {
  const option = new Option(flags, meaning);
  return parse === undefined ? option : option.argParser(parse);
};

const inGroup = (heading: string, options: readonly Option[]): readonly Option[] =>
  options.map((option) => option.helpGroup(heading));

const scopeOptions = (): readonly Option[] =>
  inGroup("Which workloads:", [
    flag("-n, --namespace <name>", "one namespace; without it, that of the context"),
    flag("-A, --all-namespaces", "all that you may see"),
    flag(
      "-l, --selector <labels>",
      "workloads with these labels, such as team=web,tier!=test",
      selectorOf,
    ).default(""),
    flag("--kubeconfig <file>", "instead of KUBECONFIG and ~/.kube/config"),
    flag("--context <name>", "a context of the kubeconfig"),
  ]);

const outputOptions = (): readonly Option[] =>
  inGroup("What comes out:", [
    flag("-o, --output <format>", "how to print it")
      .choices([...FORMATS])
      .default("table"),
    flag("--group-by <what>", "namespace, or label:KEY for the value of a label", groupOf),
    flag("--width <columns>", "of the table; without it, as wide as the terminal", widthOf),
    flag(
      "--threshold <limit>",
      "exit code 1 when it is crossed: risk=high, waste=500 (a month) or waste=30%; may be repeated",
      undefined,
    )
      .argParser((text: string, before: readonly Threshold[]) => [...before, thresholdOf(text)])
      .default([], "none"),
    flag("--compat <tool>", "krr: the figures, severities and shapes of KRR's simple strategy").choices([
      "krr",
    ]),
  ]);

const sourceOptions = (): readonly Option[] =>
  inGroup("Where usage comes from:", [
    flag("--sample <duration>", "look at metrics.k8s.io every 15 s for so long, such as 10m", spanOf),
    flag(
      "--prometheus-address <url>",
      "a Prometheus, Thanos, Mimir or VictoriaMetrics with cAdvisor's series",
      urlOf,
    ),
    flag("--prometheus-bearer-token-file <file>", "what to say who you are with"),
    flag("--prometheus-certificate-authority <file>", "who vouches for its certificate"),
    flag("--prometheus-insecure", "take any certificate"),
    flag("--prometheus-query-timeout <duration>", "for one query", spanOf).default(millis(300_000), "5m"),
    flag("--history-length <duration>", "how far back, such as 8d", spanOf).default(
      millis(8 * 86_400_000),
      "8d",
    ),
    flag("--history-resolution <duration>", "of the history; shorter is truer and slower", spanOf).default(
      millis(300_000),
      "5m",
    ),
    flag("--container-namespace-label <name>", "of the series").default("namespace"),
    flag("--container-pod-name-label <name>", "of the series").default("pod"),
    flag("--container-name-label <name>", "of the series").default("container"),
    flag("--pod-recommendation-min-cpu-millicores <n>", "least cpu recommended for a pod", numberOf).default(
      25,
    ),
    flag(
      "--pod-recommendation-min-memory-mb <n>",
      "least memory (MiB) recommended for a pod",
      numberOf,
    ).default(250),
  ]);

const priceOptions = (): readonly Option[] =>
  inGroup("What it costs:", [
    flag("--price-file <file>", "YAML: currency, cpuCoreHour, memoryGiBHour, source, date"),
    flag("--cpu-price <number>", "of a core for an hour", numberOf),
    flag("--memory-price <number>", "of a GiB for an hour", numberOf),
    flag("--currency <code>", "three letters; what the prices are in", currencyOf),
  ]);

function contradictionOf(flags: Flags): string | undefined {
  const prometheus = flags.prometheusAddress !== undefined;
  const rules: readonly (readonly [boolean, string])[] = [
    [
      flags.namespace !== undefined && flags.allNamespaces === true,
      "--namespace and --all-namespaces exclude each other",
    ],
    [prometheus && flags.sample !== undefined, "--sample and --prometheus-address exclude each other"],
    [
      flags.compat === "krr" && flags.output === "html",
      "--compat krr has no html; use table, json, yaml, csv or markdown",
    ],
    [
      flags.compat === "krr" && (flags.threshold.length > 0 || flags.groupBy !== undefined),
      "--compat krr knows neither --threshold nor --group-by",
    ],
    [flags.historyResolution > flags.historyLength, "--history-resolution must not exceed --history-length"],
  ];
  return rules.find(([broken]) => broken)?.[1];
}

function optionsOf(flags: Flags): ReportOptions {
  return {
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    namespace: flags.namespace,
    allNamespaces: flags.allNamespaces === true,
    selector: flags.selector,
    format: flags.output,
    width: flags.width,
    groupBy: flags.groupBy,
    thresholds: flags.threshold,
    compat: flags.compat,
    sample: flags.sample ?? millis(0),
    prometheus: prometheusOf(flags),
    prices: {
      file: flags.priceFile,
      cpu: flags.cpuPrice,
      memory: flags.memoryPrice,
      currency: flags.currency,
    },
    settings: {
      ...VERTICAL_SETTINGS,
      podMinimum: {
        cpu: milliCores(flags.podRecommendationMinCpuMillicores),
        memory: bytes(flags.podRecommendationMinMemoryMb * 2 ** 20),
      },
    },
  };
}

function prometheusOf(flags: Flags): PrometheusFlags | undefined {
  if (flags.prometheusAddress === undefined) return undefined;
  return {
    address: flags.prometheusAddress,
    bearerTokenFile: flags.prometheusBearerTokenFile,
    certificateAuthority: flags.prometheusCertificateAuthority,
    insecure: flags.prometheusInsecure === true,
    timeout: flags.prometheusQueryTimeout,
    length: flags.historyLength,
    resolution: flags.historyResolution,
    labels: {
      namespace: flags.containerNamespaceLabel,
      pod: flags.containerPodNameLabel,
      container: flags.containerNameLabel,
    },
  };
}

/** As other flags take it, and whole days as Prometheus writes them. */
function spanOf(text: string): Millis {
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const span = days === undefined ? durationOf(text) : millis(Number(days) * 86_400_000);
  if (span >= 1000) return span;
  throw new InvalidArgumentError("Write a second or more.");
}

function numberOf(text: string): number {
  const number = Number(text);
  if (/^[\d.]+$/.test(text) && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("Write a number of 0 or more.");
}

function widthOf(text: string): number {
  const width = Number(text);
  if (Number.isInteger(width) && width >= 60 && width <= 1000) return width;
  throw new InvalidArgumentError("Write a whole number from 60 to 1000.");
}

function currencyOf(text: string): string {
  if (/^[A-Z]{3}$/.test(text)) return text;
  throw new InvalidArgumentError("Write three letters, such as EUR.");
}

function selectorOf(text: string): string {
  if (parseSelector(text) !== undefined) return text;
  throw new InvalidArgumentError("Write labels as kubectl takes them, such as app=web,tier in (a,b).");
}

function urlOf(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return text;
  throw new InvalidArgumentError("Write an http or https URL, such as http://localhost:9090.");
}

function groupOf(text: string): GroupBy {
  if (text === "namespace") return { kind: "namespace" };
  if (text.startsWith("label:") && text.length > 6) return { kind: "label", key: text.slice(6) };
  throw new InvalidArgumentError("Write namespace, or label:KEY such as label:team.");
}

function thresholdOf(text: string): Threshold {
  const threshold = parseThreshold(text);
  if (threshold !== undefined) return threshold;
  throw new InvalidArgumentError("Write risk=critical, risk=high, risk=medium, waste=500 or waste=30%.");
}
