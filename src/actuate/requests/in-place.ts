/**
 * One look at the pods of a workload in mode InPlace: which of them are written now, and what there is to
 * say.
 *
 *   pods   batch        pods   batch
 *   1–19   1            20     2
 *   30     3            100    10
 *
 * Invariant: at most a batch of pods is under way, new pods and those that go back aside; while one of them
 * is not in force or not ready, no other is written.
 */
import { must } from "../../base/assert.ts";
import { elapsed, type EpochMillis, minutes } from "../../base/units.ts";
import { hasReached } from "../../base/resource-version.ts";
import type { PodResize } from "../../cluster/pod.ts";
import { isSame, isSignificant } from "../../coordinate/requests/amounts.ts";
import type { ContainerResources, RequestPlan } from "../../coordinate/requests/plan.ts";
import type { ResizablePod } from "./resizable-pod.ts";
import { type Asked, isOver, type PodWrite, type StopReason, stoppedBy, type Wave } from "./wave.ts";

/** A tenth of a workload's pods. */
const BATCH_PART = 0.1;
const GOES_BACK_AFTER = minutes(5);
/** A kubelet that has granted a resize puts it into force within seconds. */
const STUCK_AFTER = minutes(10);
/** A watch that is not this far behind shows what a lost answer would have told. */
const SEEN_AFTER = minutes(1);

export type Scene = Readonly<{
  now: EpochMillis;
  plan: RequestPlan;
  pods: readonly ResizablePod[];
  /** Resizes that the cluster's budget leaves. */
  clusterAllowance: number;
  /**
   * Pods that a PodDisruptionBudget lets restart now; undefined: the plan restarts nothing, or there is none.
   */
  disruptionsAllowed: number | undefined;
}>;

/** Condition `Applying`, as the wave sees it. */
export type WaveReason = "Resizing" | "Applied" | "PartiallyApplied" | "NotPermitted";

export type Look = Readonly<{
  wave: Wave;
  writes: readonly PodWrite[];
  /** Pods that carry the plan, of all that run. */
  done: number;
  of: number;
  reason: WaveReason;
  message: string;
}>;

export function lookAtPods(before: Wave, scene: Scene): Look {
  const wave = withFailures(withoutSettled(withPlan(before, scene.plan), scene), scene);
  const back = scene.pods.flatMap((pod) => goingBack(pod, wave, scene.now) ?? []);
  const forth = wave.stopped === undefined ? nextResizes(wave, scene) : [];
  const running = scene.pods.filter(({ running: runs }) => runs);
  const done = running.filter((pod) => carries(pod, scene.plan)).length;
  const look = { wave, writes: [...back, ...forth], done, of: running.length };
  return { ...look, ...wordsOn(look) };
}

/** A pod's containers, with those changed that the plan changes. */
export function wishFor({ desired }: ResizablePod, { changes }: RequestPlan): readonly ContainerResources[] {
  const wanted = new Map(changes.map((one) => [one.container, one]));
  return desired.map((one) => wanted.get(one.container) ?? one);
}

/** Other values are another wave, for which no pod is new yet. */
function withPlan(wave: Wave, { changes }: RequestPlan): Wave {
  if (changes.length === 0) return wave;
  const before = new Map(wave.to.map((one) => [one.container, one]));
  const isSameWave = changes.every((one) => {
    const known = before.get(one.container);
    return known !== undefined && isSame(known, one);
  });
  return isSameWave ? wave : { ...wave, to: changes, beganAt: undefined };
}

function withoutSettled(wave: Wave, { pods, now }: Scene): Wave {
  const known = new Map(pods.map((pod) => [pod.basis.uid, pod]));
  const asked = [...wave.asked].filter(([uid, since]) => {
    const pod = known.get(uid);
    return pod !== undefined && !isSettled(pod, since, now);
  });
  return { ...wave, asked: new Map(asked) };
}

const isSettled = (pod: ResizablePod, asked: Asked, now: EpochMillis): boolean =>
  isSeen(pod, asked, now) && pod.resize === undefined && (pod.ready || isAll(pod.desired, asked.from));

/** Our view has passed our write; of a write whose answer was lost, it has had the time to. */
function isSeen({ basis }: ResizablePod, { resourceVersion, at }: Asked, now: EpochMillis): boolean {
  if (resourceVersion === undefined) return elapsed(at, now) >= SEEN_AFTER;
  return hasReached(basis.resourceVersion, resourceVersion) ?? elapsed(at, now) >= SEEN_AFTER;
}

/** As long as a pod fails, the wave is stopped; only then does it count whether it may move again. */
function withFailures(wave: Wave, { now, plan, pods }: Scene): Wave {
  const failing = pods.find((pod) => failureOf(pod, wave, now) !== undefined);
  const because = failing === undefined ? undefined : failureOf(failing, wave, now);
  if (failing === undefined || because === undefined)
    return wave.stopped !== undefined && isOver(wave.stopped, plan, now)
      ? { ...wave, stopped: undefined }
      : wave;
  if (wave.stopped !== undefined) return wave;
  const said = failing.resize?.message ?? "";
  const message = `pod ${failing.basis.name} is ${because}${said === "" ? "" : `: ${said}`}`;
  return stoppedBy(wave, { because, message, to: failing.desired }, now);
}

/** A pod that we never wrote fails of something else. */
function failureOf(pod: ResizablePod, wave: Wave, now: EpochMillis): StopReason | undefined {
  const asked = wave.asked.get(pod.basis.uid);
  if (asked === undefined && pod.resizedAt === undefined) return undefined;
  return pod.resize === undefined ? notReadyAgain(pod, asked, now) : failedResize(pod.resize, now);
}

function failedResize({ state, since }: PodResize, now: EpochMillis): StopReason | undefined {
  if (state === "deferred" || state === "infeasible" || state === "error") return state;
  return elapsed(since, now) >= STUCK_AFTER ? "error" : undefined;
}

/** A new pod takes the time that it takes. */
function notReadyAgain({ ready }: ResizablePod, asked: Asked | undefined, now: EpochMillis) {
  if (asked?.kind !== "resize" || ready) return undefined;
  return elapsed(asked.at, now) >= GOES_BACK_AFTER ? "not-ready" : undefined;
}

/** Once, and not before it has had five minutes. */
function goingBack(pod: ResizablePod, wave: Wave, now: EpochMillis): PodWrite | undefined {
  const because = failureOf(pod, wave, now);
  if (because === undefined) return undefined;
  const asked = wave.asked.get(pod.basis.uid);
  if (asked?.kind === "go-back" && !isSeen(pod, asked, now)) return undefined;
  const to =
    elapsed(failedSince(pod, asked, now), now) < GOES_BACK_AFTER ? undefined : wayBack(pod, asked, because);
  return to === undefined || isAll(to, pod.desired) ? undefined : { kind: "go-back", pod, to };
}

const failedSince = ({ resize }: ResizablePod, asked: Asked | undefined, now: EpochMillis): EpochMillis =>
  resize?.since ?? asked?.at ?? now;

/** What is granted and did no good goes back to what the pod had; what is not granted, to what is. */
function wayBack({ allocated }: ResizablePod, asked: Asked | undefined, because: StopReason) {
  return because === "error" || because === "not-ready" ? asked?.from : allocated;
}

function nextResizes(wave: Wave, scene: Scene): readonly PodWrite[] {
  const due = scene.pods.filter((pod) => isDue(pod, wave, scene));
  const young = due.filter((pod) => isNew(pod, wave));
  const old = due.filter((pod) => pod.ready && !isNew(pod, wave));
  const isQuiet = [...wave.asked.values()].every(({ kind }) => kind === "follow");
  const batch = old.slice(0, isQuiet ? batchOf(scene) : 0);
  const writeOf = (kind: PodWrite["kind"]) => (pod: ResizablePod) => ({
    kind,
    pod,
    to: wishFor(pod, scene.plan),
  });
  return [...young.map(writeOf("follow")), ...batch.map(writeOf("resize"))];
}

/** It started with the template's values while the others had the plan's. */
const isNew = ({ createdAt, resizedAt }: ResizablePod, { beganAt }: Wave): boolean =>
  resizedAt === undefined && beganAt !== undefined && createdAt > beganAt;

function batchOf({ pods, clusterAllowance, disruptionsAllowed }: Scene): number {
  const batch = Math.max(1, Math.floor(pods.length * BATCH_PART));
  return Math.min(batch, clusterAllowance, disruptionsAllowed ?? Infinity);
}

/** A pod under way is left to its kubelet. */
const isDue = (pod: ResizablePod, wave: Wave, { plan }: Scene): boolean =>
  pod.running && pod.resize === undefined && !wave.asked.has(pod.basis.uid) && !carries(pod, plan);

/** A difference that is not worth a write counts as none. */
const carries = (pod: ResizablePod, plan: RequestPlan): boolean =>
  pod.resize === undefined &&
  everyPair(wishFor(pod, plan), pod.desired, (to, now) => !isSignificant(now, to));

const isAll = (one: readonly ContainerResources[], other: readonly ContainerResources[]): boolean =>
  everyPair(one, other, isSame);

const everyPair = (
  one: readonly ContainerResources[],
  other: readonly ContainerResources[],
  holds: (one: ContainerResources, other: ContainerResources) => boolean,
): boolean => one.every((each, at) => holds(each, must(other[at], "the containers of one pod")));

type Count = Pick<Look, "wave" | "done" | "of">;

function wordsOn({ wave, done, of }: Count): Pick<Look, "reason" | "message"> {
  const count = `${done} of ${of} pods`;
  if (wave.stopped?.because === "not-permitted")
    return { reason: "NotPermitted", message: `${count}: ${wave.stopped.message}` };
  if (wave.stopped !== undefined)
    return { reason: "PartiallyApplied", message: `${done}/${of}: ${wave.stopped.message}` };
  return done === of
    ? { reason: "Applied", message: `${count} carry what is recommended` }
    : { reason: "Resizing", message: `${count} carry what is recommended, the others follow` };
}
