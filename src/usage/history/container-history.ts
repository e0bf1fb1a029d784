/**
 * The history of one container name of one workload, over all of its pods and revisions: how much CPU it
 * used, sample by sample, and the memory peaks of its pods, day by day.
 *
 * Invariant: a sample counts once. What a pod has given is remembered with its time, and a checkpoint
 * carries that, so neither a restart nor a second look at the same OOM kill counts anything twice.
 */
import type { Uid } from "../../base/ids.ts";
import type { Bytes, EpochMillis, MilliCores } from "../../base/units.ts";
import { bytes } from "../../base/units.ts";
import { CPU_BUCKETS, MEMORY_BUCKETS } from "./buckets.ts";
import { DecayingHistogram } from "./decaying-histogram.ts";
import { HourlyPeaks } from "./hourly-peaks.ts";
import type { PodMemory } from "./pod-memory.ts";
import { addMemorySample, addOomKill } from "./pod-memory.ts";
import type { HalfLives, HistoryCheckpoint, HistorySnapshot, OomKill, PodSnapshot } from "./snapshot.ts";

/** Every sample weighs the same, whatever the request (the VPA since 1.4). */
const CPU_WEIGHT = 0.1;

/** A pod's container: the last CPU sample that counted, and its memory. */
type PodRecord = PodMemory & { lastCpu: EpochMillis | undefined };

export class ContainerHistory {
  readonly #cpu: DecayingHistogram<MilliCores>;
  readonly #memory: DecayingHistogram<Bytes>;
  readonly #pods = new Map<Uid, PodRecord>();
  readonly #hourly = new HourlyPeaks();
  #halfLives: HalfLives;
  #firstSample: EpochMillis | undefined;
  #lastSample: EpochMillis | undefined;
  #sampleCount = 0;
  #lastOom: OomKill | undefined;
  /** Of whatever kind the last thing was that counted. */
  #lastHeard: EpochMillis | undefined;

  constructor(halfLives: HalfLives) {
    this.#halfLives = halfLives;
    this.#cpu = new DecayingHistogram(CPU_BUCKETS, halfLives.cpu);
    this.#memory = new DecayingHistogram(MEMORY_BUCKETS, halfLives.memory);
  }

  get lastHeard(): EpochMillis | undefined {
    return this.#lastHeard;
  }

  get lastOom(): OomKill | undefined {
    return this.#lastOom;
  }

  /** When this pod's last CPU sample was taken. */
  lastCpuOf(pod: Uid): EpochMillis | undefined {
    return this.#pods.get(pod)?.lastCpu;
  }

  /** False when it is not later than the pod's last one. */
  addCpu(pod: Uid, at: EpochMillis, usage: MilliCores): boolean {
    const record = this.#recordOf(pod);
    if (record.lastCpu !== undefined && at <= record.lastCpu) return false;
    record.lastCpu = at;
    this.#cpu.add(usage, CPU_WEIGHT, at);
    this.#firstSample = earlier(this.#firstSample, at);
    this.#lastSample = latest(this.#lastSample, at);
    this.#sampleCount += 1;
    this.#hear(at);
    return true;
  }

  /** False when it is older than the pod's last one. */
  addMemory(pod: Uid, at: EpochMillis, usage: Bytes): boolean {
    if (!addMemorySample(this.#recordOf(pod), this.#memory, at, usage)) return false;
    this.#hourly.add(at, usage);
    this.#hear(at);
    return true;
  }

  /** False when this kill is known, or too old. */
  addOom(pod: Uid, at: EpochMillis, request: Bytes | undefined): boolean {
    const needed = addOomKill(this.#recordOf(pod), this.#memory, at, request ?? bytes(0));
    if (needed === undefined) return false;
    if (this.#lastOom === undefined || at >= this.#lastOom.at) this.#lastOom = { at, needed };
    this.#hear(at);
    return true;
  }

  /** The largest memory sample of the last 24 h; undefined without any. */
  memoryPeak(now: EpochMillis): Bytes | undefined {
    return this.#hourly.peak(now);
  }

  changeHalfLives(halfLives: HalfLives, at: EpochMillis): void {
    this.#cpu.changeHalfLife(halfLives.cpu, at);
    this.#memory.changeHalfLife(halfLives.memory, at);
    this.#halfLives = halfLives;
  }

  /** Forgets how far the samples of other pods were counted; what they gave stays. */
  keepPods(pods: ReadonlySet<Uid>): void {
    for (const pod of this.#pods.keys()) if (!pods.has(pod)) this.#pods.delete(pod);
  }

  snapshot(): HistorySnapshot {
    return {
      cpu: this.#cpu.snapshot(),
      memory: this.#memory.snapshot(),
      firstSample: this.#firstSample,
      lastSample: this.#lastSample,
      sampleCount: this.#sampleCount,
    };
  }

  checkpoint(): HistoryCheckpoint {
    return {
      ...this.snapshot(),
      halfLives: this.#halfLives,
      pods: Array.from(this.#pods, ([pod, record]) => snapshotOf(pod, record)),
      hourlyPeaks: this.#hourly.entries(),
      lastOom: this.#lastOom,
    };
  }

  /** Instead of whatever was here; what a snapshot lacks beside the histograms is taken for empty. */
  restore(from: HistorySnapshot & Partial<HistoryCheckpoint>): void {
    const { cpu, memory } = from.halfLives ?? this.#halfLives;
    this.#cpu.restore(from.cpu, cpu);
    this.#memory.restore(from.memory, memory);
    this.#firstSample = from.firstSample;
    this.#lastSample = from.lastSample;
    this.#sampleCount = from.sampleCount;
    this.#hourly.load(from.hourlyPeaks ?? []);
    this.#lastOom = from.lastOom;
    this.#pods.clear();
    for (const { pod, lastMemory: lastSample, ...rest } of from.pods ?? [])
      this.#pods.set(pod, { ...rest, lastSample });
    const times = [from.lastSample, from.lastOom?.at, ...(from.pods ?? []).map((pod) => pod.lastMemory)];
    this.#lastHeard = times.reduce(latest, undefined);
    if (this.#lastHeard !== undefined) this.changeHalfLives(this.#halfLives, this.#lastHeard);
  }

  #recordOf(pod: Uid): PodRecord {
    const known = this.#pods.get(pod);
    if (known !== undefined) return known;
    const record = { lastCpu: undefined, lastSample: undefined, lastOom: undefined, window: undefined };
    this.#pods.set(pod, record);
    return record;
  }

  #hear(at: EpochMillis): void {
    this.#lastHeard = latest(this.#lastHeard, at);
  }
}

const snapshotOf = (pod: Uid, { lastSample, ...rest }: PodRecord): PodSnapshot => ({
  ...rest,
  pod,
  lastMemory: lastSample,
});

const earlier = (a: EpochMillis | undefined, b: EpochMillis): EpochMillis =>
  a === undefined || b < a ? b : a;
function latest(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
