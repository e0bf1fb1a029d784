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
import { UsageCollector } from "../../rightsizing/evidence/collector.ts";
import { quantile } from "../../rightsizing/evidence/figures.ts";
import { KRR_SETTINGS, krrQuantile } from "../../rightsizing/krr/strategy.ts";
import type { KrrFigure } from "../../rightsizing/port.ts";
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
  collector: UsageCollector;
  /** With `--compat krr`. */
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
  const problems = sampledProblems(outcome);
  const common = { kind: "gathered", source: "metrics.k8s.io", step: LOOK_EVERY, collector } as const;
  return { ...common, krr: options.compat === "krr" ? krrFigures(gathering, collector) : [], problems };
}

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
      collector.series({ namespace, pods, container }).map(({ pod, readings }) => {
        const cpu = readings.flatMap((one) => one.cpu ?? []).toSorted((a, b) => a - b);
        const memory = readings.flatMap((one) => one.memory ?? []).toSorted((a, b) => a - b);
        const p = krrQuantile(KRR_SETTINGS.cpuPercentile);
        return {
          place: { namespace, pod, container },
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

async function ask(
  gathering: Gathering,
  { address, length, resolution: step }: PrometheusFlags,
  history: ReturnType<typeof createUsageHistory>,
): Promise<Gathered | Failure> {
  const { options, subjects, clock, progress, signal } = gathering;
  const collector = new UsageCollector(step);
  const krr: KrrFigure[] = [];
  const to = clock.wall();
  const window = { from: epochMillis(to - length), to, step };
  const namespaces = [...new Set(subjects.map(({ workload }) => workload.namespace))].toSorted();
  const empty: string[] = [];
  const source = `Prometheus at ${URL.parse(address)?.origin ?? address}`;
  for (const [at, namespace] of namespaces.entries()) {
    progress.show(`asking ${source}: namespace ${at + 1} of ${namespaces.length}`);
    const outcome =
      options.compat === "krr"
        ? await history.figures(namespace, to, signal)
        : await history.load({ namespace, window, signal }, collector);
    if (outcome.kind !== "read") return outcome;
    if (typeof outcome.value !== "number") krr.push(...outcome.value);
    else if (outcome.value === 0) empty.push(namespace);
  }
  const problems = empty.length === 0 ? [] : [`Prometheus has no usage of namespaces ${empty.join(", ")}`];
  return { kind: "gathered", source, step, collector, krr, problems };
}
