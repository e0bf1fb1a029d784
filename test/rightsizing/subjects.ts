/**
 * Workloads, usage and reports for tests of the report, each with as much as its test says.
 */
import {
  bytes,
  epochMillis,
  milliCores,
  minutes,
  nanoCores,
  type RequestAmounts,
} from "../../src/base/units.ts";
import { UsageCollector } from "../../src/rightsizing/evidence/collector.ts";
import { DEFAULT_PRICES } from "../../src/rightsizing/judge/money.ts";
import { observe } from "../../src/rightsizing/advise.ts";
import { type GroupBy, makeReport, type Report } from "../../src/rightsizing/report.ts";
import type { Mark, Scaler, Subject, SubjectContainer } from "../../src/rightsizing/subject.ts";
import { VERTICAL_SETTINGS } from "../../src/vertical/recommend.ts";

export const MIB = 2 ** 20;
/** 2026-11-25T12:00:00Z. */
export const NOW = epochMillis(Date.UTC(2026, 10, 25, 12));
export const DAY = minutes(24 * 60);
export const STEP = minutes(5);

/** CPU in millicores, memory in MiB; absent: not set. */
export const amounts = (cpu?: number, memory?: number): RequestAmounts => ({
  ...(cpu !== undefined && { cpu: milliCores(cpu) }),
  ...(memory !== undefined && { memory: bytes(memory * MIB) }),
});

export const aContainer = (parts: Partial<SubjectContainer> = {}): SubjectContainer => ({
  name: "app",
  role: "main",
  requests: amounts(500, 1024),
  limits: {},
  restarts: 0,
  oomKills: [],
  ...parts,
});

export type SubjectParts = Partial<Omit<Subject, "workload" | "pods">> &
  Readonly<{ namespace?: string; kind?: string; name?: string; replicas?: number }>;

export function aSubject({
  namespace = "shop",
  kind = "Deployment",
  name = "web",
  ...parts
}: SubjectParts = {}): Subject {
  const { replicas = 3, ...rest } = parts;
  return {
    workload: { namespace, kind, name },
    labels: {},
    pods: Array.from({ length: replicas }, (_, at) => `${name}-7d4b9c6f5-${"bcdfghjklm"[at]}x2x7`),
    containers: [aContainer()],
    scalers: [],
    vertical: undefined,
    shown: [],
    annotated: false,
    ...rest,
  };
}

export const aMark = (parts: Partial<Mark> = {}): Mark => ({
  resource: "cpu",
  container: undefined,
  percent: 60,
  current: undefined,
  ...parts,
});

export const aScaler = (parts: Partial<Scaler> = {}): Scaler => ({
  kind: "HorizontalPodAutoscaler",
  name: "web",
  minReplicas: 2,
  maxReplicas: 10,
  createdAt: epochMillis(NOW - 30 * DAY),
  lastScaledAt: epochMillis(NOW - DAY),
  marks: [aMark()],
  followsMore: false,
  limitedByMax: false,
  ...parts,
});

/** Usage of every container of a pod: millicores and MiB at the nth moment. */
export type Load = (moment: number, pod: number) => Readonly<{ cpu: number; memory: number }>;

export const steady =
  (cpu: number, memory: number): Load =>
  () => ({ cpu, memory });

/** `days` of history of these workloads, five minutes apart, up to now. */
export function collect(loads: readonly (readonly [Subject, Load])[], days = 8): UsageCollector {
  const collector = new UsageCollector(STEP);
  const places = loads.flatMap(([{ workload, pods, containers }, load]) =>
    pods.flatMap((pod, at) =>
      containers.map(({ name }) => ({
        place: { namespace: workload.namespace, pod, container: name },
        load,
        at,
      })),
    ),
  );
  const moments = Math.round((days * DAY) / STEP);
  for (let moment = 0; moment <= moments; moment++)
    for (const { place, load, at } of places) {
      const { cpu, memory } = load(moment, at);
      const stamp = epochMillis(NOW - (moments - moment) * STEP);
      collector.add(
        place,
        { at: stamp, cpu: nanoCores(cpu * 1_000_000), memory: bytes(memory * MIB) },
        moment,
      );
    }
  return collector;
}

export type Loaded = readonly (readonly [Subject, Load | undefined])[];

/** The report on these workloads; those without a load were never measured. */
export function reportOn(
  loaded: Loaded,
  { days = 8, groupBy }: Readonly<{ days?: number; groupBy?: GroupBy }> = {},
): Report {
  const collector = collect(
    loaded.flatMap(([subject, load]) => (load === undefined ? [] : [[subject, load] as const])),
    days,
  );
  return makeReport({
    now: NOW,
    prices: DEFAULT_PRICES,
    groupBy,
    observed: loaded.map(([subject]) =>
      observe(subject, subject.pods, { now: NOW, settings: VERTICAL_SETTINGS, collector }),
    ),
  });
}
