/**
 * The histories of all workloads: fed with what kubelets measured and with OOM kills, read by
 * recommendations, checkpoints and the report.
 *
 * Invariant: of each pod's container one sample a minute counts, whatever the resolution, as the VPA sees
 * them; and nothing from the future does, since one such sample would make all others weigh nothing.
 *
 *   what runs in a pod                        counted
 *   containers                                yes
 *   init containers that run beside them      yes; the VPA leaves native sidecars out
 *   other init containers                     no: they have ended before usage says anything
 *   ephemeral containers                      no: they are not in the pod's spec when it starts
 *   requests of the pod as a whole            left alone; its containers are counted as ever
 */
import type { Uid } from "../../base/ids.ts";
import type { Bytes, EpochMillis, NanoCores } from "../../base/units.ts";
import { elapsed, milliCores, minutes } from "../../base/units.ts";
import type { ContainerRole } from "../../cluster/pod.ts";
import { ContainerHistory } from "./container-history.ts";
import type { HalfLives, HistoryCheckpoint, HistorySnapshot, OomKill } from "./snapshot.ts";

/** `--cpu-histogram-decay-half-life`, `--memory-histogram-decay-half-life`. */
export const HALF_LIVES: HalfLives = { cpu: minutes(24 * 60), memory: minutes(24 * 60) };
/** `--memory-aggregation-interval` × `--memory-aggregation-interval-count`. */
export const KEPT_FOR = minutes(8 * 24 * 60);

const MINUTE = minutes(1);
/** Clocks of nodes differ; our decision. */
const AHEAD_MAX = minutes(5);
const NANO_PER_MILLI = 1_000_000;

/** Which containers have a history, by their role in the pod. */
export const isCounted = (role: ContainerRole): boolean => role !== "init";

/** A container name of a workload, and the pod it ran in. */
type Place = Readonly<{ workload: Uid; container: string; pod: Uid }>;
export type UsageSample = Place & Readonly<{ at: EpochMillis; cpu: NanoCores; memory: Bytes }>;
/** `request` is what the container asked for when it was killed. */
export type OomReport = Place & Readonly<{ at: EpochMillis; request: Bytes | undefined }>;

export type HistoryReader = Readonly<{
  /** By container name; empty when nothing is known. */
  snapshots(workload: Uid): ReadonlyMap<string, HistorySnapshot>;
  /** The largest memory sample of the last 24 h. */
  memoryPeak(workload: Uid, container: string, now: EpochMillis): Bytes | undefined;
  lastOom(workload: Uid, container: string): OomKill | undefined;
  workloads(): Iterable<Uid>;
}>;

export type HistoryStore = HistoryReader &
  Readonly<{
    /** False when nothing of it counts: its minute has one, a later one was there, or it is ahead. */
    addSample(sample: UsageSample, now: EpochMillis): boolean;
    /** False when this kill is known, too old, or in the future. May be told of one kill again and again. */
    addOom(kill: OomReport, now: EpochMillis): boolean;
    /** How fast this workload's history fades, from now on. */
    useHalfLives(workload: Uid, halfLives: HalfLives, now: EpochMillis): void;
    /** The workload's pods: others give nothing any more, and what was noted of them is dropped. */
    keepPods(workload: Uid, pods: ReadonlySet<Uid>): void;
    /** All that is needed to go on elsewhere; by container name. */
    checkpoint(workload: Uid): ReadonlyMap<string, HistoryCheckpoint>;
    /** Puts these containers' histories in place of what is here. */
    restore(
      workload: Uid,
      histories: ReadonlyMap<string, HistorySnapshot & Partial<HistoryCheckpoint>>,
    ): void;
    forget(workload: Uid): void;
    /** Drops containers of which nothing was heard for KEPT_FOR. */
    dropSilent(now: EpochMillis): void;
  }>;

/** One workload's half-lives, and its histories by container name. */
type Shelf = { halfLives: HalfLives; readonly containers: Map<string, ContainerHistory> };

export function createHistoryStore(): HistoryStore {
  const shelves = new Map<Uid, Shelf>();

  const shelfOf = (workload: Uid): Shelf => {
    const known = shelves.get(workload);
    if (known !== undefined) return known;
    const shelf: Shelf = { halfLives: HALF_LIVES, containers: new Map() };
    shelves.set(workload, shelf);
    return shelf;
  };
  const historyOf = (workload: Uid, container: string): ContainerHistory => {
    const { containers, halfLives } = shelfOf(workload);
    const known = containers.get(container);
    if (known !== undefined) return known;
    const history = new ContainerHistory(halfLives);
    containers.set(container, history);
    return history;
  };
  const find = (workload: Uid, container: string): ContainerHistory | undefined =>
    shelves.get(workload)?.containers.get(container);
  const each = <T>(workload: Uid, of: (history: ContainerHistory) => T): ReadonlyMap<string, T> =>
    new Map(Array.from(shelves.get(workload)?.containers ?? [], ([name, history]) => [name, of(history)]));

  return {
    addSample({ workload, container, pod, at, cpu, memory }, now) {
      if (isAhead(at, now)) return false;
      const history = historyOf(workload, container);
      const last = history.lastCpuOf(pod);
      if (last !== undefined && minuteOf(at) === minuteOf(last)) return false;
      const isCpuNew = history.addCpu(pod, at, milliCores(Math.ceil(cpu / NANO_PER_MILLI)));
      return history.addMemory(pod, at, memory) || isCpuNew;
    },
    addOom: ({ workload, container, pod, at, request }, now) =>
      !isAhead(at, now) && historyOf(workload, container).addOom(pod, at, request),
    useHalfLives(workload, halfLives, now) {
      const shelf = shelfOf(workload);
      if (isSame(shelf.halfLives, halfLives)) return;
      shelf.halfLives = halfLives;
      for (const history of shelf.containers.values()) history.changeHalfLives(halfLives, now);
    },
    keepPods(workload, pods) {
      for (const history of shelves.get(workload)?.containers.values() ?? []) history.keepPods(pods);
    },
    snapshots: (workload) => each(workload, (history) => history.snapshot()),
    checkpoint: (workload) => each(workload, (history) => history.checkpoint()),
    restore(workload, histories) {
      const { containers, halfLives } = shelfOf(workload);
      for (const [container, from] of histories) {
        const history = new ContainerHistory(halfLives);
        history.restore(from);
        containers.set(container, history);
      }
    },
    memoryPeak: (workload, container, now) => find(workload, container)?.memoryPeak(now),
    lastOom: (workload, container) => find(workload, container)?.lastOom,
    workloads: () => shelves.keys(),
    forget: (workload) => void shelves.delete(workload),
    dropSilent(now) {
      for (const [workload, { containers }] of shelves) {
        for (const [name, { lastHeard }] of containers)
          if (lastHeard === undefined || elapsed(lastHeard, now) >= KEPT_FOR) containers.delete(name);
        if (containers.size === 0) shelves.delete(workload);
      }
    },
  };
}

const minuteOf = (at: EpochMillis): number => Math.floor(at / MINUTE);
const isAhead = (at: EpochMillis, now: EpochMillis): boolean => elapsed(now, at) > AHEAD_MAX;
const isSame = (a: HalfLives, b: HalfLives): boolean => a.cpu === b.cpu && a.memory === b.memory;
