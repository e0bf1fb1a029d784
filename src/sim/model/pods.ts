/**
 * The life of a pod: made, placed, started, ready, deleted with grace. Each step happens at its own moment
 * and only if the pod is still there.
 *
 * Invariant: the workload is accounted for before the set of its serving pods changes.
 */
import type { Millis } from "../../base/units.ts";
import { epochMillis, millis } from "../../base/units.ts";
import { objectKey } from "../../base/ids.ts";
import type { Owner } from "../../cluster/object.ts";
import type { Pod } from "../../cluster/pod.ts";
import { between, chanceOf } from "../chance.ts";
import { podShapeOf } from "./blueprint.ts";
import type { SimCluster } from "./cluster.ts";
import { momentOf } from "./cluster.ts";
import { pickNode } from "./placement.ts";
import type { RunningPod, RunningWorkload } from "./running.ts";
import { accountWorkload, createMeter } from "../kubelet/usage.ts";

/** Times in milliseconds; chance picks within them, per pod. */
const PLACING = { min: 50, max: 300 };
const TAKING_ON = { min: 200, max: 800 };
const STARTING = { min: 1_000, max: 3_000 };
const STOPPING = { min: 1_000, max: 3_000 };
const PLACING_AGAIN = 5_000;
/** A kubelet's, doubled each time. */
const CRASH_PAUSE = 10_000;
const CRASH_PAUSE_MAX = 300_000;

export type NewPod = Readonly<{
  workload: RunningWorkload;
  owner: Owner;
  name: string;
  ordinal: number;
  /** Above 0: the pod has been serving for so long when the world begins. */
  age: Millis;
}>;

export function createPod(cluster: SimCluster, { workload, owner, name, ordinal, age }: NewPod): void {
  const { namespace } = workload.blueprint;
  const key = objectKey(namespace, name);
  const running: RunningPod = {
    key,
    workload,
    owner: owner.uid,
    revision: workload.revision,
    blueprint: workload.blueprint,
    wanted: undefined,
    ordinal,
    node: undefined,
    serving: false,
    meter: undefined,
    kills: 0,
  };
  const createdAt = epochMillis(cluster.time.wall() - age);
  cluster.registry.put("pods", {
    meta: cluster.registry.newMeta({ namespace, name, createdAt, owner }),
    labels: { app: workload.blueprint.app ?? workload.blueprint.target.name },
    shape: podShapeOf(workload.blueprint),
    node: undefined,
    phase: "Pending",
    startTime: undefined,
    readiness: undefined,
    runningSince: undefined,
    oomKills: [],
  });
  workload.pods.set(key, running);
  if (age > 0) settleIn(cluster, running, age);
  else soon(cluster, running, PLACING, placePod);
}

/** Asks the pod to end; it stops serving at once and is gone after its grace. */
export function deletePod(cluster: SimCluster, pod: RunningPod): void {
  const stored = objectOf(cluster, pod);
  if (stored === undefined || stored.meta.deleting) return;
  setServing(cluster, pod, false);
  cluster.registry.put("pods", { ...stored, meta: { ...stored.meta, deleting: true } });
  cluster.touch(pod.workload);
  if (pod.node === undefined || cluster.nodes.get(pod.node)?.alive === true)
    soon(cluster, pod, STOPPING, finishPod);
}

/** The pod is gone; its CPU stays in its node's counter. */
export function finishPod(cluster: SimCluster, pod: RunningPod): void {
  accountWorkload(pod.workload, cluster.seed, momentOf(cluster));
  stopContainers(cluster, pod);
  if (pod.node !== undefined) cluster.nodes.get(pod.node)?.pods.delete(pod);
  pod.workload.pods.delete(pod.key);
  cluster.registry.remove("pods", pod.key);
  cluster.touch(pod.workload);
}

/** Containers start, or start again with counters at zero. */
export function startContainers(cluster: SimCluster, pod: RunningPod): void {
  if (objectOf(cluster, pod)?.meta.deleting !== false || !runsOnLiveNode(cluster, pod)) return;
  const moment = momentOf(cluster);
  accountWorkload(pod.workload, cluster.seed, moment);
  stopContainers(cluster, pod);
  pod.meter = createMeter(pod, cluster.seed, moment, millis(0));
  update(cluster, pod, {
    phase: "Running",
    runningSince: moment.wall,
    readiness: { status: "False", since: moment.wall },
  });
  const { startup, neverReady } = pod.blueprint;
  if (!neverReady) soon(cluster, pod, { min: startup * 0.9, max: startup * 1.1 }, makeReady);
}

/**
 * Containers that outgrew their memory limit are killed, and start again: soon the first time, later each
 * time after (CrashLoopBackOff). All containers of the pod start again, which a kubelet spares the others.
 */
export function killStarved(cluster: SimCluster, pod: RunningPod): void {
  const starved = pod.meter?.containers.filter((container) => container.starved) ?? [];
  const object = objectOf(cluster, pod);
  if (starved.length === 0 || object === undefined) return;
  // A status tells whole seconds.
  const at = epochMillis(Math.floor(cluster.time.wall() / 1000) * 1000);
  const kills = starved.map(({ name: container }) => {
    const request = pod.blueprint.containers.find(({ name }) => name === container)?.requests.memory;
    return { container, at, request };
  });
  const others = object.oomKills.filter(({ container }) => !starved.some(({ name }) => name === container));
  setReadiness(cluster, pod, "False");
  stopContainers(cluster, pod);
  update(cluster, pod, { runningSince: undefined, oomKills: [...others, ...kills] });
  cluster.touch(pod.workload);
  pod.kills += 1;
  const pause = pod.kills === 1 ? 0 : Math.min(CRASH_PAUSE_MAX, CRASH_PAUSE * 2 ** (pod.kills - 2));
  const start = (): void => soon(cluster, pod, STARTING, startContainers);
  cluster.time.after(millis(pause), () => ifThere(cluster, pod, start));
}

export function setReadiness(cluster: SimCluster, pod: RunningPod, status: "True" | "False"): void {
  setServing(cluster, pod, status === "True");
  update(cluster, pod, { readiness: { status, since: cluster.time.wall() } });
}

export function setServing(cluster: SimCluster, pod: RunningPod, serving: boolean): void {
  accountWorkload(pod.workload, cluster.seed, momentOf(cluster));
  pod.serving = serving;
}

export function isActive(cluster: SimCluster, pod: RunningPod): boolean {
  const object = objectOf(cluster, pod);
  return object?.meta.deleting === false && object.phase !== "Succeeded" && object.phase !== "Failed";
}

/** The pod's containers end and its object stays, as after a node's shutdown or a finished job. */
export function endPod(cluster: SimCluster, pod: RunningPod, phase: "Succeeded" | "Failed"): void {
  setReadiness(cluster, pod, "False");
  stopContainers(cluster, pod);
  update(cluster, pod, { phase, runningSince: undefined });
  cluster.touch(pod.workload);
}

export const objectOf = ({ registry }: SimCluster, { key }: RunningPod): Pod | undefined =>
  registry.get("pods", key);

/** A pod that was there before the world began. */
function settleIn(cluster: SimCluster, pod: RunningPod, age: Millis): void {
  const moment = momentOf(cluster);
  const since = epochMillis(moment.wall - age);
  if (!settleOn(cluster, pod)) return soon(cluster, pod, PLACING, placePod);
  pod.meter = createMeter(pod, cluster.seed, moment, age);
  pod.serving = !pod.blueprint.neverReady;
  update(cluster, pod, {
    node: pod.node,
    phase: "Running",
    startTime: since,
    runningSince: since,
    readiness: { status: pod.serving ? "True" : "False", since },
  });
}

function placePod(cluster: SimCluster, pod: RunningPod): void {
  if (!isActive(cluster, pod)) return;
  if (!settleOn(cluster, pod)) {
    cluster.time.after(millis(PLACING_AGAIN), () => ifThere(cluster, pod, placePod));
    return;
  }
  update(cluster, pod, { node: pod.node });
  soon(cluster, pod, TAKING_ON, takeOn);
}

/** Gives the pod a node; false when none has room. */
function settleOn(cluster: SimCluster, pod: RunningPod): boolean {
  pod.node = pickNode(cluster, pod);
  if (pod.node === undefined) return false;
  cluster.nodes.get(pod.node)?.pods.add(pod);
  return true;
}

function takeOn(cluster: SimCluster, pod: RunningPod): void {
  if (!isActive(cluster, pod) || !runsOnLiveNode(cluster, pod)) return;
  const since = cluster.time.wall();
  update(cluster, pod, { startTime: since, readiness: { status: "False", since } });
  soon(cluster, pod, STARTING, startContainers);
}

function makeReady(cluster: SimCluster, pod: RunningPod): void {
  if (!isActive(cluster, pod) || pod.meter === undefined || !runsOnLiveNode(cluster, pod)) return;
  setReadiness(cluster, pod, "True");
  cluster.touch(pod.workload);
}

function stopContainers(cluster: SimCluster, pod: RunningPod): void {
  const node = pod.node === undefined ? undefined : cluster.nodes.get(pod.node);
  for (const { cpuSeconds } of pod.meter?.containers ?? [])
    if (node !== undefined) node.retiredCpu += cpuSeconds;
  pod.meter = undefined;
  pod.serving = false;
}

function runsOnLiveNode(cluster: SimCluster, { node }: RunningPod): boolean {
  return node !== undefined && cluster.nodes.get(node)?.alive === true;
}

export function update(cluster: SimCluster, pod: RunningPod, change: Partial<Pod>): void {
  const stored = objectOf(cluster, pod);
  if (stored !== undefined) cluster.registry.put("pods", { ...stored, ...change });
}

type Step = (cluster: SimCluster, pod: RunningPod) => void;

/** Takes the next step of this pod after a while that chance picks, if it is still there then. */
function soon(
  cluster: SimCluster,
  pod: RunningPod,
  within: Readonly<{ min: number; max: number }>,
  step: Step,
): void {
  const chance = chanceOf(cluster.seed, `${pod.key}/${step.name}`);
  cluster.time.after(millis(between(chance, within.min, within.max)), () => ifThere(cluster, pod, step));
}

function ifThere(cluster: SimCluster, pod: RunningPod, step: Step): void {
  if (pod.workload.pods.get(pod.key) === pod) step(cluster, pod);
}
