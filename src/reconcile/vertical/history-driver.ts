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
/** Our decision: a day of one container is 3.3 kB, so 20,000 workloads of two are 130 MB. */
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

/** What one pass has met so far; it counts once the pass is over, for a count must not be one of a part. */
type Pass = Readonly<{
  now: Moment;
  members: Map<ObjectKey, Member>;
  pods: Map<Uid, Set<Uid>>;
}>;

export class HistoryKeeper {
  readonly #parts: HistoryKeeperParts;
  readonly #members = new Map<ObjectKey, Member>();
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
    const { clock } = this.#parts;
    if (workload === undefined || !this.#admits(workload, this.#members.size)) return undefined;
    if (!this.#addKills(object, workload, clock.wall())) return undefined;
    const { key, uid, kind } = workload;
    // It may end before it is met in a pass: a run of a CronJob that is killed at once.
    if (!this.#members.has(key))
      this.#members.set(key, { uid, kind, podCount: 0, newest: object, seenAt: clock.mono() });
    return key;
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
    const pass: Pass = { now, members: new Map(), pods: new Map() };
    let sliceStart = now.mono;
    for (const pod of view.of.pods.all()) {
      this.#look(pod, pass);
      if (elapsed(sliceStart, clock.mono()) < SLICE) continue;
      await clock.sleep(millis(0), signal);
      if (signal.aborted) return;
      sliceStart = clock.mono();
    }
    this.#close(pass);
  }

  #look(pod: Pod, { now, members, pods }: Pass): void {
    const workload = workloadOf(pod, this.#parts.view.of.replicasets);
    if (workload === undefined || isOver(pod)) return;
    if (!this.#admits(workload, Math.max(this.#members.size, members.size))) return;
    const { key, uid, kind } = workload;
    const siblings = pods.get(uid) ?? new Set();
    pods.set(uid, siblings.add(pod.meta.uid));
    const known = members.get(key)?.newest;
    const newest = known !== undefined && known.meta.createdAt > pod.meta.createdAt ? known : pod;
    members.set(key, { uid, kind, podCount: siblings.size, newest, seenAt: now.mono });
    this.#feed(pod, workload, now.wall);
  }

  /** Another object of a known name takes the old one's place. */
  #admits({ key, uid }: WorkloadIdentity, count: number): boolean {
    const known = this.#members.get(key);
    if (known === undefined) return count < WORKLOADS_MAX;
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

  #close({ now, members, pods }: Pass): void {
    const { histories, meter } = this.#parts;
    for (const [key, member] of members) this.#members.set(key, member);
    for (const [key, member] of this.#members) {
      if (members.has(key)) continue;
      if (member.podCount > 0) this.#members.set(key, { ...member, podCount: 0 });
      if (elapsed(member.seenAt, now.mono) <= this.#keptFor(key, member)) continue;
      histories.forget(member.uid);
      this.#members.delete(key);
    }
    meter.set("plimsoll_history_workloads", this.#members.size);
    if (this.#sweptAt !== undefined && elapsed(this.#sweptAt, now.mono) < SWEEP_EVERY) return;
    this.#sweptAt = now.mono;
    this.#sweep(now.wall, pods);
  }

  #sweep(now: EpochMillis, pods: Pass["pods"]): void {
    const { histories, view } = this.#parts;
    for (const [workload, present] of pods) histories.keepPods(workload, present);
    histories.dropSilent(now);
    for (const [key, { uid }] of this.#members)
      if (keeperOfHistory(view, key) === undefined) histories.useHalfLives(uid, HALF_LIVES, now);
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
