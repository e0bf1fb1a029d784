/**
 * A case of the VPA's oracle, lived through by our own history: the same samples, kills and restarts, and then the
 * question that a recommendation is made from.
 */
import { uid } from "../../../src/base/ids.ts";
import { parseTime, timeText } from "../../../src/base/rfc3339.ts";
import type { EpochMillis, Millis, RequestAmounts } from "../../../src/base/units.ts";
import { bytes, epochMillis, milliCores, millis, nanoCores } from "../../../src/base/units.ts";
import type { ContainerPolicy } from "../../../src/policy/vertical/spec.ts";
import type { Buckets } from "../../../src/usage/history/buckets.ts";
import { CPU_BUCKETS, MEMORY_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { DecayingHistogram, YEAR_ONE } from "../../../src/usage/history/decaying-histogram.ts";
import type {
  HistogramSnapshot,
  HistoryCheckpoint,
  HistorySnapshot,
} from "../../../src/usage/history/snapshot.ts";
import type { HistoryStore } from "../../../src/usage/history/store.ts";
import { createHistoryStore } from "../../../src/usage/history/store.ts";
import { asVpaHistogram, closedPeaks, readVpaCheckpoint } from "../../../src/usage/history/vpa-checkpoint.ts";
import type { VerticalQuestion } from "../../../src/vertical/question.ts";
import type {
  AmountsCase,
  CheckpointStatus,
  HistogramStatus,
  PolicyCase,
  RecommendationCase,
  SamplesStep,
} from "./case.ts";

const WORKLOAD = uid("web");
const podOf = (pod: number) => uid(`pod-${pod}`);

export type Replayed = Readonly<{
  histories: ReadonlyMap<string, HistorySnapshot>;
  /** What there was at each restart, by container name. */
  restarts: readonly Restart[];
}>;
export type Restart = Readonly<{ now: EpochMillis; histories: ReadonlyMap<string, HistoryCheckpoint> }>;

export function replay(asked: RecommendationCase): Replayed {
  const restarts: Restart[] = [];
  const alive = new Set(asked.pods.map((_, pod) => podOf(pod)));
  let store = emptyStore(asked);
  for (const step of asked.steps) {
    if ("samples" in step) addSamples(store, asked, step.samples);
    else if ("oom" in step) {
      const { pod, container, at, request } = step.oom;
      const place = { workload: WORKLOAD, container: asked.containers[container]!, pod: podOf(pod) };
      store.addOom({ ...place, at: epochMillis(at), request: bytes(request) }, epochMillis(at));
    } else if ("gone" in step) {
      alive.delete(podOf(step.gone));
      store.keepPods(WORKLOAD, alive);
    } else if ("restart" in step) {
      const restart = { now: epochMillis(step.restart), histories: store.checkpoint(WORKLOAD) };
      restarts.push(restart);
      store = emptyStore(asked);
      store.restore(WORKLOAD, throughVpaCheckpoints(restart));
    } else {
      const written = structuredClone(store.checkpoint(WORKLOAD));
      store = emptyStore(asked);
      store.restore(WORKLOAD, written);
    }
  }
  return { histories: store.snapshots(WORKLOAD), restarts };
}

export function questionOfVpa(asked: RecommendationCase, { histories }: Replayed): VerticalQuestion {
  const { settings, halfLives } = asked;
  return {
    now: epochMillis(0),
    spec: {
      apply: { mode: "Off", minReplicas: 2, windows: [] },
      recommender: {
        cpuPercentile: settings.cpuPercentile,
        memoryPercentile: settings.memoryPercentile,
        margin: settings.margin,
        cpuHalfLife: millis(halfLives.cpu),
        memoryHalfLife: millis(halfLives.memory),
      },
      containers: asked.policies.map(policyOfCase),
    },
    settings: {
      podMinimum: {
        cpu: milliCores(settings.minCPU),
        memory: bytes(settings.minMemoryMb * 2 ** 20),
      },
      maxAllowed: amountsOfCase(settings.maxAllowed),
      roundTo: { cpu: milliCores(settings.roundCPU), memory: bytes(settings.roundMemory) },
    },
    containers: asked.containers.map((name) => ({
      name,
      role: "main",
      history: histories.get(name),
      requests: {},
      limits: {},
    })),
  };
}

export const policyOfCase = (policy: PolicyCase): ContainerPolicy => ({
  ...policy,
  minAllowed: amountsOfCase(policy.minAllowed),
  maxAllowed: amountsOfCase(policy.maxAllowed),
  allowMemoryLimitDecrease: false,
});

export const amountsOfCase = ({ cpu, memory }: AmountsCase): RequestAmounts => ({
  ...(cpu === undefined ? {} : { cpu: milliCores(cpu) }),
  ...(memory === undefined ? {} : { memory: bytes(memory) }),
});

function emptyStore({ halfLives }: RecommendationCase): HistoryStore {
  const store = createHistoryStore();
  const own = { cpu: millis(halfLives.cpu), memory: millis(halfLives.memory) };
  store.useHalfLives(WORKLOAD, own, epochMillis(0));
  return store;
}

function addSamples(store: HistoryStore, asked: RecommendationCase, step: SamplesStep): void {
  const { from, every, count, cpu, memory } = step;
  const place = {
    workload: WORKLOAD,
    container: asked.containers[step.container]!,
    pod: podOf(step.pod),
  };
  for (let i = 0; i < count; i += 1) {
    const at = epochMillis(from + i * every);
    const usage = { cpu: nanoCores(cpu[i % cpu.length]! * 1e6), memory: bytes(memory[i % memory.length]!) };
    store.addSample({ ...place, at, ...usage }, at);
  }
}

/** The status that a VPA would write of this history at this moment. */
export const statusOf = (one: HistoryCheckpoint, now: EpochMillis): CheckpointStatus => ({
  version: "v3",
  cpuHistogram: histogramStatusOf(one.cpu),
  memoryHistogram: histogramStatusOf(closedPeaks(one, now)),
  firstSampleStart: textOf(one.firstSample),
  lastSampleStart: textOf(one.lastSample),
  totalSamplesCount: one.sampleCount,
});

function histogramStatusOf(histogram: HistogramSnapshot): HistogramStatus {
  const { reference, weights, total } = asVpaHistogram(histogram);
  return {
    referenceTimestamp: textOf(reference),
    bucketWeights: Object.fromEntries(weights),
    totalWeight: total,
  };
}

const textOf = (at: EpochMillis | undefined): string | null =>
  at === undefined || at === YEAR_ONE ? null : timeText(at);

function throughVpaCheckpoints({ now, histories }: Restart): ReadonlyMap<string, HistorySnapshot> {
  return new Map(
    Array.from(histories, ([name, one]) => {
      const read = readVpaCheckpoint(JSON.parse(JSON.stringify(statusOf(one, now))));
      if (read.kind === "refused") throw new Error(`our own checkpoint is refused: ${read.because}`);
      return [name, read.history] as const;
    }),
  );
}

/** The same history against a checkpoint's references: what then weighs too little is gone. */
export function againstReferences<T extends HistorySnapshot>(
  history: T,
  { cpuHistogram, memoryHistogram }: CheckpointStatus,
  halfLives: RecommendationCase["halfLives"],
): T {
  return {
    ...history,
    cpu: against(CPU_BUCKETS, history.cpu, {
      reference: cpuHistogram.referenceTimestamp,
      halfLife: millis(halfLives.cpu),
    }),
    memory: against(MEMORY_BUCKETS, history.memory, {
      reference: memoryHistogram.referenceTimestamp,
      halfLife: millis(halfLives.memory),
    }),
  };
}

function against<Unit extends number>(
  scale: Buckets<Unit>,
  histogram: HistogramSnapshot,
  { reference, halfLife }: Readonly<{ reference: string | null; halfLife: Millis }>,
): HistogramSnapshot {
  const [own, empty] = [new DecayingHistogram(scale, halfLife), new DecayingHistogram(scale, halfLife)];
  own.restore(histogram, halfLife);
  empty.restore({ reference: parseTime(reference) ?? YEAR_ONE, buckets: [], total: 0 }, halfLife);
  own.merge(empty);
  return own.snapshot();
}
