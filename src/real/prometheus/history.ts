/**
 * What a Prometheus remembers of usage, a namespace and a day at a time: a day of a large namespace is as
 * much as one answer should hold.
 *
 * Invariant: a moment of the window belongs to one day, so no sample is read twice; a value that is no number
 * is a gap.
 */
import type { Failure, ReadOutcome } from "../../base/outcome.ts";
import { bytes, type EpochMillis, epochMillis, nanoCores } from "../../base/units.ts";
import type { UsageCollector } from "../../rightsizing/evidence/collector.ts";
import type { KrrFigure, KrrFigures, UsageHistory, Window } from "../../rightsizing/port.ts";
import { type Raw, record, records, text } from "../apiserver/watch/trim/raw.ts";
import { type KrrQueryName, krrQueries, type LabelNames, usageQueries } from "./queries.ts";
import type { PrometheusWire } from "./wire.ts";

const DAY_MS = 86_400_000;
const NANO = 1_000_000_000;

export function createUsageHistory(wire: PrometheusWire, labels: LabelNames): UsageHistory & KrrFigures {
  return {
    async load({ namespace, window, signal }, collector) {
      let samples = 0;
      for (const day of daysOf(window)) {
        const outcome = await loadDay({ wire, labels, namespace, signal }, day, collector);
        if (outcome.kind !== "read") return outcome;
        samples += outcome.value;
      }
      return { kind: "read", value: samples };
    },
    figures: (namespace, now, signal) => krrFigures({ wire, labels, namespace, signal }, now),
  };
}

type Asking = Readonly<{
  wire: PrometheusWire;
  labels: LabelNames;
  namespace: string;
  signal: AbortSignal;
}>;

/** The first moment is a multiple of the step, so that the same day gives the same answer. */
export function daysOf({ from, to, step }: Window): readonly Window[] {
  const first = Math.ceil(from / step) * step;
  const perDay = Math.max(1, Math.floor(DAY_MS / step));
  const days: Window[] = [];
  for (let start = first; start <= to; start += perDay * step) {
    const end = Math.min(start + (perDay - 1) * step, Math.floor(to / step) * step);
    days.push({ from: epochMillis(start), to: epochMillis(end), step });
  }
  return days;
}

async function loadDay(
  { wire, labels, namespace, signal }: Asking,
  { from, to, step }: Window,
  collector: UsageCollector,
): Promise<ReadOutcome<number>> {
  const queries = usageQueries(namespace, { labels, step });
  const range = { start: `${from / 1000}`, end: `${to / 1000}`, step: `${step / 1000}` };
  const cpu = await wire.ask("query_range", { query: queries.cpu, ...range }, signal);
  if (cpu.kind !== "read") return cpu;
  const memory = await wire.ask("query_range", { query: queries.memory, ...range }, signal);
  if (memory.kind !== "read") return memory;
  const memories = new Map(seriesOf(memory.value, labels).map((one) => [keyOf(one), new Map(one.points)]));
  let samples = 0;
  const add = (one: Found, at: EpochMillis, values: Readonly<{ cpu?: number; memory?: number }>): void => {
    const reading = {
      at,
      cpu: values.cpu === undefined ? undefined : nanoCores(Math.ceil(values.cpu * NANO)),
      memory: values.memory === undefined ? undefined : bytes(values.memory),
    };
    collector.add({ namespace, pod: one.pod, container: one.container }, reading, at / step);
    samples++;
  };
  for (const one of seriesOf(cpu.value, labels)) {
    const beside = memories.get(keyOf(one));
    for (const [at, value] of one.points) {
      const amount = beside?.get(at);
      add(one, at, { cpu: value, ...(amount !== undefined && { memory: amount }) });
    }
  }
  return { kind: "read", value: samples };
}

type Point = readonly [at: EpochMillis, value: number];
type Found = Readonly<{ pod: string; container: string; job: string; points: readonly Point[] }>;

const keyOf = ({ pod, container }: Found): string => `${pod}/${container}`;

/** Series of a matrix, or single points of a vector. */
function seriesOf(data: Raw, labels: LabelNames): readonly Found[] {
  return records(data["result"]).flatMap(({ metric, values, value }) => {
    const of = record(metric);
    const [pod, container] = [text(of[labels.pod]), text(of[labels.container])];
    if (pod === undefined || container === undefined) return [];
    const points = Array.isArray(values) ? values : [value];
    return [{ pod, container, job: text(of["job"]) ?? "", points: points.flatMap(pointOf) }];
  });
}

function pointOf(point: unknown): readonly Point[] {
  if (!Array.isArray(point)) return [];
  const [at, value] = [Number(point[0]), Number(point[1])];
  return Number.isFinite(at) && Number.isFinite(value) && value >= 0
    ? [[epochMillis(Math.round(at * 1000)), value]]
    : [];
}

const KRR_PARTS: readonly KrrQueryName[] = ["cpu", "cpuPoints", "memory", "memoryPoints"];

async function krrFigures(
  { wire, labels, namespace, signal }: Asking,
  now: EpochMillis,
): Promise<Failure | ReadOutcome<readonly KrrFigure[]>> {
  const queries = krrQueries(namespace, labels);
  const pods = new Map<
    string,
    { place: KrrFigure["place"]; pod: Record<KrrQueryName, number | undefined> }
  >();
  for (const part of KRR_PARTS) {
    const answer = await wire.ask("query", { query: queries[part], time: `${now / 1000}` }, signal);
    if (answer.kind !== "read") return answer;
    for (const one of ofOneJob(seriesOf(answer.value, labels))) {
      const [, value] = one.points[0] ?? [];
      const known = pods.get(keyOf(one)) ?? {
        place: { namespace, pod: one.pod, container: one.container },
        pod: { cpu: undefined, cpuPoints: undefined, memory: undefined, memoryPoints: undefined },
      };
      known.pod[part] = value;
      pods.set(keyOf(one), known);
    }
  }
  const value = [...pods.values()].map(({ place, pod }) => ({
    place,
    pod: { ...pod, cpuPoints: pod.cpuPoints ?? 0, memoryPoints: pod.memoryPoints ?? 0 },
  }));
  return { kind: "read", value };
}

/** Several jobs may expose a container: the kubelet's counts, else the first by name. */
function ofOneJob(found: readonly Found[]): readonly Found[] {
  const rank = ({ job }: Found): string => (job === "kubelet" ? "" : job);
  return [...Map.groupBy(found, keyOf).values()].map((same) =>
    same.reduce((first, other) => (rank(other) < rank(first) ? other : first)),
  );
}
