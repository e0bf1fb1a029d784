/**
 * What is recommended for the containers of one workload: from what was gathered for this report, by the same
 * recommender as the operator's, or as the operator shows it, whichever saw more days.
 *
 * Invariant: what was never measured is not recommended.
 */
import { must } from "../base/assert.ts";
import { uid } from "../base/ids.ts";
import type { EpochMillis } from "../base/units.ts";
import { readVertical } from "../policy/vertical/read.ts";
import type { VerticalSpec } from "../policy/vertical/spec.ts";
import { createHistoryStore, type HistoryStore } from "../usage/history/store.ts";
import type { VerticalSettings } from "../vertical/question.ts";
import { recommend } from "../vertical/recommend.ts";
import type { UsageCollector } from "./evidence/collector.ts";
import { daysSeen } from "./evidence/confidence.ts";
import { assignPods } from "./evidence/past-pods.ts";
import type { Advice } from "./row.ts";
import type { Observed } from "./workload-report.ts";
import { type Subject, workloadKey } from "./subject.ts";

/** Of a workload without `spec.vertical`: the operator's defaults. */
const DEFAULT_SPEC: VerticalSpec = readVertical({});

export type Gathered = Readonly<{
  now: EpochMillis;
  settings: VerticalSettings;
  collector: UsageCollector;
}>;

/** Workloads of one namespace, with their pods of now and then. */
export function observeAll(subjects: readonly Subject[], gathered: Gathered): readonly Observed[] {
  const [first] = subjects;
  if (first === undefined) return [];
  const pods = assignPods(subjects, gathered.collector.podsIn(first.workload.namespace));
  return subjects.map((subject) => observe(subject, pods.get(subject) ?? [], gathered));
}

/** `pods` are those of now and then. */
export function observe(subject: Subject, pods: readonly string[], gathered: Gathered): Observed {
  const { collector } = gathered;
  const { namespace } = subject.workload;
  const names = subject.containers.map(({ name }) => name);
  const usage = new Map(
    names.flatMap((container) => {
      const found = collector.usage({ namespace, pods, container });
      return found === undefined ? [] : [[container, found] as const];
    }),
  );
  const own = proposalOf(subject, pods, gathered);
  const advice = names.map((name): [string, Advice] => {
    const proposed = must(
      own.containers.find(({ container }) => container === name),
      "an answer for each container",
    );
    const seen = usage.get(name);
    const days = seen === undefined ? 0 : daysSeen(seen.span);
    const mine: Advice =
      proposed.kind === "none"
        ? { kind: "none", because: proposed.because }
        : { kind: "advice", by: "report", amounts: proposed.target, days };
    const shown = subject.shown.find(({ container }) => container === name);
    if (shown === undefined || (mine.kind === "advice" && days > shown.confidence)) return [name, mine];
    return [name, { kind: "advice", by: "operator", amounts: shown.target, days: shown.confidence }];
  });
  return { subject, usage, advice: new Map(advice) };
}

function proposalOf(subject: Subject, pods: readonly string[], { now, settings, collector }: Gathered) {
  const workload = uid(workloadKey(subject.workload));
  const spec = subject.vertical ?? DEFAULT_SPEC;
  const store = createHistoryStore();
  const { cpuHalfLife: cpu, memoryHalfLife: memory } = spec.recommender;
  store.useHalfLives(workload, { cpu, memory }, now);
  const places = subject.containers.map(({ name }) => ({
    namespace: subject.workload.namespace,
    pods,
    container: name,
  }));
  for (const place of places) replay(store, { workload, ...place }, { collector, now });
  for (const { name, oomKills } of subject.containers)
    for (const { pod, at, request } of oomKills)
      store.addOom({ workload, container: name, pod: uid(pod), at, request }, now);
  const histories = store.snapshots(workload);
  return recommend({
    now,
    spec,
    settings,
    containers: subject.containers.map(({ name, role, requests, limits }) => ({
      name,
      role,
      requests,
      limits,
      history: histories.get(name),
    })),
  });
}

type Replay = Readonly<{
  workload: ReturnType<typeof uid>;
  namespace: string;
  pods: readonly string[];
  container: string;
}>;

/** In the order of time, over all pods, as they would have come. */
function replay(
  store: HistoryStore,
  { workload, ...places }: Replay,
  { collector, now }: Pick<Gathered, "collector" | "now">,
): void {
  const readings = collector
    .columns(places)
    .flatMap((column) => [...column.readings()].map((reading) => ({ pod: uid(column.pod), ...reading })))
    .toSorted((a, b) => a.at - b.at);
  const { container } = places;
  for (const { pod, at, cpu, memory } of readings)
    if (cpu !== undefined && memory !== undefined)
      store.addSample({ workload, container, pod, at, cpu, memory }, now);
}
