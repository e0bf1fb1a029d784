/**
 * Usage for a report, from the source that its flags name.
 *
 * Invariant: a source that answers nothing is told, and the report is made of what there is: unknown is a
 * finding, too. Only a source that was asked for by name and cannot be reached ends it.
 */
import { formatDuration } from "../../base/duration.ts";
import type { Clock } from "../../base/clock.ts";
import type { Failure } from "../../base/outcome.ts";
import { epochMillis, type Millis, seconds } from "../../base/units.ts";
import { createUsageNow } from "../../real/apiserver/survey/usage-now.ts";
import type { ApiTransport } from "../../real/apiserver/transport.ts";
import { createUsageHistory } from "../../real/prometheus/history.ts";
import { openPrometheus } from "../../real/prometheus/wire.ts";
import { observeAll } from "../../rightsizing/advise.ts";
import { UsageCollector } from "../../rightsizing/evidence/collector.ts";
import type { Span } from "../../rightsizing/evidence/confidence.ts";
import { quantile } from "../../rightsizing/evidence/figures.ts";
import { KRR_SETTINGS, krrQuantile } from "../../rightsizing/krr/strategy.ts";
import type { KrrFigure } from "../../rightsizing/port.ts";
import type { Observed } from "../../rightsizing/workload-report.ts";
import { runSampling } from "../../rightsizing/sample-driver.ts";
import type { Subject } from "../../rightsizing/subject.ts";
import { VERSION } from "../../version.ts";
import type { PrometheusFlags, ReportOptions } from "./options.ts";
import type { Progress } from "./progress.ts";

/** Between two looks at `metrics.k8s.io`, whose numbers are renewed no faster. */
const LOOK_EVERY = seconds(15);

export type Gathering = Readonly<{
  options: ReportOptions;
  namespace: string | undefined;
  subjects: readonly Subject[];
  clock: Clock;
  transport: ApiTransport;
  progress: Progress;
  signal: AbortSignal;
}>;

export type Gathered = Readonly<{
  kind: "gathered";
  source: string;
  step: Millis;
  /** Of all that was seen; undefined: nothing was. */
  span: Span | undefined;
  observed: readonly Observed[];
  /** With `--compat krr`, and nothing is observed. */
  krr: readonly KrrFigure[];
  problems: readonly string[];
}>;

export function gather(gathering: Gathering): Promise<Gathered | Failure> {
  const { prometheus } = gathering.options;
  return prometheus === undefined ? fromMetricsApi(gathering) : fromPrometheus(gathering, prometheus);
}

async function fromMetricsApi(gathering: Gathering): Promise<Gathered> {
  const { options, namespace, clock, transport, progress, signal } = gathering;
  const collector = new UsageCollector(LOOK_EVERY);
  const outcome = await runSampling(
    { clock, usage: createUsageNow(transport), collector },
    {
      namespace,
      length: options.sample,
      every: LOOK_EVERY,
      progress: ({ elapsed, looks, failed }) => {
        if (options.sample === 0) return;
        const missed = failed === 0 ? "" : `, ${failed} without an answer`;
        const time = `${formatDuration(elapsed)} of ${formatDuration(options.sample)}`;
        progress.show(`sampling metrics.k8s.io: ${time}, ${looks} looks${missed}`);
      },
    },
    signal,
  );
  progress.end();
  const common = {
    kind: "gathered",
    source: "metrics.k8s.io",
    step: LOOK_EVERY,
    span: collector.span(),
    problems: sampledProblems(outcome),
  } as const;
  if (options.compat === "krr") return { ...common, observed: [], krr: krrFigures(gathering, collector) };
  const known = { now: clock.wall(), settings: options.settings, collector };
  const observed = byNamespace(gathering).flatMap(([, subjects]) => observeAll(subjects, known));
  return { ...common, observed, krr: [] };
}

const byNamespace = ({ subjects }: Gathering): readonly (readonly [string, readonly Subject[]])[] =>
  [...Map.groupBy(subjects, ({ workload }) => workload.namespace)].toSorted(([a], [b]) => (a < b ? -1 : 1));

function sampledProblems(outcome: Awaited<ReturnType<typeof runSampling>>): readonly string[] {
  if (outcome.kind === "sampled")
    return outcome.failed === 0 ? [] : [`${outcome.failed} of ${outcome.looks} looks got no answer`];
  if (outcome.kind === "absent")
    return [
      "nobody serves metrics.k8s.io here: run plimsoll or metrics-server, or name a --prometheus-address",
    ];
  return [`metrics.k8s.io gave no usage: ${outcome.message}`];
}

/** KRR's figures of what was sampled; it wants a hundred points, or says "Not enough data". */
function krrFigures({ subjects }: Gathering, collector: UsageCollector): readonly KrrFigure[] {
  return subjects.flatMap(({ workload: { namespace }, pods, containers }) =>
    containers.flatMap(({ name: container }) =>
      collector.columns({ namespace, pods, container }).map((column) => {
        const readings = [...column.readings()];
        const cpu = readings.flatMap((one) => one.cpu ?? []).toSorted((a, b) => a - b);
        const memory = readings.flatMap((one) => one.memory ?? []).toSorted((a, b) => a - b);
        const p = krrQuantile(KRR_SETTINGS.cpuPercentile);
        return {
          place: { namespace, pod: column.pod, container },
          pod: {
            cpu: cpu.length === 0 ? undefined : quantile(cpu, p) / 1e9,
            cpuPoints: cpu.length,
            memory: memory.at(-1),
            memoryPoints: memory.length,
          },
        };
      }),
    ),
  );
}

async function fromPrometheus(gathering: Gathering, flags: PrometheusFlags): Promise<Gathered | Failure> {
  const opened = await openPrometheus({
    address: flags.address,
    bearerTokenFile: flags.bearerTokenFile,
    certificateAuthority: flags.certificateAuthority,
    insecureTls: flags.insecure,
    timeout: flags.timeout,
    userAgent: `plimsoll/${VERSION}`,
  });
  if (opened.kind !== "read") return opened;
  const wire = opened.value;
  try {
    return await ask(gathering, flags, createUsageHistory(wire, flags.labels));
  } finally {
    gathering.progress.end();
    await wire.close();
  }
}

/** A namespace is judged before the next is asked for, so that one history is held at a time. */
async function ask(
  gathering: Gathering,
  { address, length, resolution: step }: PrometheusFlags,
  history: ReturnType<typeof createUsageHistory>,
): Promise<Gathered | Failure> {
  const { options, clock, progress, signal } = gathering;
  const now = clock.wall();
  const window = { from: epochMillis(now - length), to: now, step };
  const source = `Prometheus at ${URL.parse(address)?.origin ?? address}`;
  const [krr, observed, empty]: [KrrFigure[], Observed[], string[]] = [[], [], []];
  let span: Span | undefined;
  const namespaces = byNamespace(gathering);
  for (const [at, [namespace, subjects]] of namespaces.entries()) {
    progress.show(`asking ${source}: namespace ${at + 1} of ${namespaces.length}`);
    if (options.compat === "krr") {
      const figures = await history.figures(namespace, now, signal);
      if (figures.kind !== "read") return figures;
      krr.push(...figures.value);
      continue;
    }
    const collector = new UsageCollector(step);
    const loaded = await history.load({ namespace, window, signal }, collector);
    if (loaded.kind !== "read") return loaded;
    if (loaded.value === 0) empty.push(namespace);
    observed.push(...observeAll(subjects, { now, settings: options.settings, collector }));
    span = widest(span, collector.span());
  }
  const problems = empty.length === 0 ? [] : [`Prometheus has no usage of namespaces ${empty.join(", ")}`];
  return { kind: "gathered", source, step, span, observed, krr, problems };
}

function widest(a: Span | undefined, b: Span | undefined): Span | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    ...a,
    from: epochMillis(Math.min(a.from, b.from)),
    to: epochMillis(Math.max(a.to, b.to)),
    moments: Math.max(a.moments, b.moments),
  };
}
