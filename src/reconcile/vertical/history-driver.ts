/**
 * Keeps the histories of all workloads, with a policy or without: goes through the pods again and again and
 * hands on what they were measured to use, and at once when one is killed for want of memory.
 *
 * Invariant: a replica that does not lead keeps the same histories, so that a new leader has them; a workload
 * is forgotten once its pods have been gone for long, and there are never more than `WORKLOADS_MAX`.
 */
import type { Clock } from "../../base/clock.ts";
import { type ObjectKey, objectKey, type Uid } from "../../base/ids.ts";
import type { Meter } from "../../base/meter.ts";
import {
  bytes,
  elapsed,
  type EpochMillis,
  millis,
  minutes,
  type MonoMillis,
  seconds,
} from "../../base/units.ts";
import type { Change } from "../../cluster/cache.ts";
import { keyOf } from "../../cluster/object.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { PolicyObject } from "../../cluster/workload.ts";
import type { SampleReader } from "../../store/reader.ts";
import { HALF_LIVES, type HistoryStore, isCounted, KEPT_FOR } from "../../usage/history/store.ts";
import { cutToNode } from "../../usage/plausible.ts";
import { type WorkloadIdentity, workloadOf } from "../../usage/workload-of.ts";

/** One sample a minute counts; whoever looks more often meets each minute. */
const PASS_EVERY = seconds(20);
const UNTIL_READY = seconds(1);
/** A pass gives way to other work after this long. */
const SLICE = millis(10);
/** Our decision: 20,000 workloads of two containers are below 100 MB. */
const WORKLOADS_MAX = 20_000;
/** What comes back under its name; anything else, such as a Job or a workflow, is run once. */
const LASTING: ReadonlySet<string> = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "CronJob",
  "ReplicaSet",
]);
const ONCE_KEPT_FOR = minutes(60);
/** A kill of long ago says little of today; the VPA's memory window. */
const KILL_AGE_MAX = minutes(24 * 60);
/** Failed pods are told again after each new listing: so many are remembered. */
const FAILED_MAX = 10_000;
/** How often pods that are gone, and silent histories, are looked for. */
const SWEEP_EVERY = minutes(10);

/** A workload that has, or lately had, pods. */
export type Member = Readonly<{
  uid: Uid;
  kind: string;
  podCount: number;
  /** The newest of its pods, or of those that it had last. */
  newest: Pod;
  seenAt: MonoMillis;
}>;

export type HistoryKeeperParts = Readonly<{
  clock: Clock;
  view: ClusterView;
  samples: SampleReader;
  histories: HistoryStore;
  meter: Meter;
}>;

type Moment = Readonly<{ wall: EpochMillis; mono: MonoMillis }>;

export class HistoryKeeper {
  readonly #parts: HistoryKeeperParts;
  #members = new Map<ObjectKey, Member>();
  #sweptAt: MonoMillis | undefined;
  /** Failed pods whose kills were counted: nothing else remembers a pod that is gone. */
  readonly #failed = new Set<Uid>();

  constructor(parts: HistoryKeeperParts) {
    this.#parts = parts;
  }

  /** As of the last pass; undefined for a workload that never had a pod while this process ran. */
  member(workload: ObjectKey): Member | undefined {
    return this.#members.get(workload);
  }

  /** A pod is not what it was; the workload, if a container was killed for want of memory and that is new. */
  saw({ object, previous }: Change<Pod>): ObjectKey | undefined {
    if (object === undefined || object.oomKills.length === 0 || object.oomKills === previous?.oomKills)
      return undefined;
    const workload = workloadOf(object, this.#parts.view.of.replicasets);
    if (workload === undefined || !this.#admits(workload)) return undefined;
    if (!this.#addKills(object, workload, this.#parts.clock.wall())) return undefined;
    // It may end before it is met in a pass: a run of a CronJob that is killed at once.
    if (!this.#members.has(workload.key))
      this.#remember(workload, object, { podCount: 0, seenAt: this.#parts.clock.mono() });
    return workload.key;
  }

  /** A pod that has ended badly says so once, and may be told again; as `saw`. */
  sawFailed(pod: Pod): ObjectKey | undefined {
    const { uid } = pod.meta;
    if (pod.oomKills.length === 0 || this.#failed.has(uid)) return undefined;
    const workload = this.saw({ key: keyOf(pod), object: pod, previous: undefined });
    if (workload === undefined) return undefined;
    this.#failed.add(uid);
    const [oldest] = this.#failed;
    if (this.#failed.size > FAILED_MAX && oldest !== undefined) this.#failed.delete(oldest);
    return workload;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const isReady = this.#isReady();
      if (isReady) await this.#pass(signal);
      await clock.sleep(isReady ? PASS_EVERY : UNTIL_READY, signal);
    }
  }

  #isReady(): boolean {
    const { pods, replicasets, nodes } = this.#parts.view.of;
    return [pods, replicasets, nodes].every((reader) => reader.synced());
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, view } = this.#parts;
    const now = { wall: clock.wall(), mono: clock.mono() };
    const pods = new Map<Uid, Set<Uid>>();
    let sliceStart = now.mono;
    for (const pod of view.of.pods.all()) {
      this.#look(pod, now, pods);
      if (elapsed(sliceStart, clock.mono()) < SLICE) continue;
      await clock.sleep(millis(0), signal);
      if (signal.aborted) return;
      sliceStart = clock.mono();
    }
    this.#close(now, pods);
  }

  #look(pod: Pod, now: Moment, pods: Map<Uid, Set<Uid>>): void {
    const workload = workloadOf(pod, this.#parts.view.of.replicasets);
    if (workload === undefined || isOver(pod) || !this.#admits(workload)) return;
    const siblings = pods.get(workload.uid) ?? new Set();
    const known = siblings.size === 0 ? undefined : this.#members.get(workload.key);
    siblings.add(pod.meta.uid);
    pods.set(workload.uid, siblings);
    const newest =
      known === undefined || known.newest.meta.createdAt <= pod.meta.createdAt ? pod : known.newest;
    this.#remember(workload, newest, { podCount: siblings.size, seenAt: now.mono });
    this.#feed(pod, workload, now.wall);
  }

  #remember(
    { key, uid, kind }: WorkloadIdentity,
    newest: Pod,
    seen: Pick<Member, "podCount" | "seenAt">,
  ): void {
    this.#members.set(key, { uid, kind, newest, ...seen });
  }

  /** Another object of a known name takes the old one's place. */
  #admits({ key, uid }: WorkloadIdentity): boolean {
    const known = this.#members.get(key);
    if (known === undefined) return this.#members.size < WORKLOADS_MAX;
    if (known.uid !== uid) this.#parts.histories.forget(known.uid);
    return true;
  }

  #feed(pod: Pod, workload: WorkloadIdentity, now: EpochMillis): void {
    const { samples, view, histories } = this.#parts;
    if (pod.oomKills.length > 0) this.#addKills(pod, workload, now);
    const answer = samples.pod(pod.meta.uid);
    if (answer.kind !== "usage") return;
    const node = pod.node === undefined ? undefined : view.of.nodes.get(objectKey("", pod.node));
    const containers = (node && cutToNode(answer.containers, node.capacity)) ?? answer.containers;
    const place = { workload: workload.uid, pod: pod.meta.uid };
    for (const { container, at, cpu, memory } of containers)
      if (isCountedIn(pod, container)) histories.addSample({ ...place, container, at, cpu, memory }, now);
  }

  /** Whether any of them was not known yet. */
  #addKills(pod: Pod, workload: WorkloadIdentity, now: EpochMillis): boolean {
    const { histories, meter } = this.#parts;
    const place = { workload: workload.uid, pod: pod.meta.uid };
    let news = false;
    for (const { container, at, request } of pod.oomKills) {
      if (elapsed(at, now) > KILL_AGE_MAX) continue;
      const inBytes = request === undefined ? undefined : bytes(Math.ceil(request / 1000));
      if (!histories.addOom({ ...place, container, at, request: inBytes }, now)) continue;
      meter.count("plimsoll_oom_kills_total");
      news = true;
    }
    return news;
  }

  #close(now: Moment, pods: ReadonlyMap<Uid, ReadonlySet<Uid>>): void {
    const { histories, meter } = this.#parts;
    for (const [key, member] of this.#members) {
      if (member.seenAt === now.mono) continue;
      if (member.podCount > 0) this.#members.set(key, { ...member, podCount: 0 });
      if (elapsed(member.seenAt, now.mono) <= this.#keptFor(key, member)) continue;
      histories.forget(member.uid);
      this.#members.delete(key);
    }
    meter.set("plimsoll_history_workloads", this.#members.size);
    if (this.#sweptAt !== undefined && elapsed(this.#sweptAt, now.mono) < SWEEP_EVERY) return;
    this.#sweptAt = now.mono;
    for (const [workload, present] of pods) histories.keepPods(workload, present);
    histories.dropSilent(now.wall);
    for (const [key, { uid }] of this.#members)
      if (keeperOfHistory(this.#parts.view, key) === undefined)
        histories.useHalfLives(uid, HALF_LIVES, now.wall);
  }

  #keptFor(key: ObjectKey, { kind }: Member): typeof KEPT_FOR {
    const isLasting = LASTING.has(kind) || this.#parts.view.policiesTargeting(key).length > 0;
    return isLasting ? KEPT_FOR : ONCE_KEPT_FOR;
  }
}

const isOver = ({ meta, phase }: Pod): boolean =>
  meta.deleting || phase === "Succeeded" || phase === "Failed";

/** A container that the spec does not list, such as an ephemeral one, is nobody's to size. */
const isCountedIn = ({ shape }: Pod, container: string): boolean =>
  shape.containers.some(({ name, role }) => name === container && isCounted(role));

/** A workload has one history: of all policies that recommend, the oldest says how fast it fades. */
export function keeperOfHistory(view: ClusterView, workload: ObjectKey): PolicyObject | undefined {
  return view.policiesTargeting(workload).find(({ spec }) => isRecord(spec) && isRecord(spec["vertical"]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
