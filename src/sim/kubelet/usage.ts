/**
 * How load becomes counters: the ready pods share their workload's demand, each container serves its part
 * up to its limit, and the kubelet's cache is renewed at moments of its own.
 *
 * Invariant: counters only rise, and whoever changes the set of ready pods has `accountWorkload` called
 * first, so that every span of time is charged to the pods that were ready in it.
 */
import type { EpochMillis, Millis } from "../../base/units.ts";
import { epochMillis, millis } from "../../base/units.ts";
import { between, chanceOf } from "../chance.ts";
import type { ContainerBlueprint } from "../model/blueprint.ts";
import { demandAt, swing } from "./load.ts";
import type { ContainerMeter, PodMeter, RunningPod, RunningWorkload } from "../model/running.ts";

/** A kubelet measures a busy container anew after 10 to 20 s. */
export const CADENCE = { min: 10_000, max: 20_000 };
/** Usage is taken as constant for so long at most. */
const PIECE_MAX = 5_000;
/** Cores of a container that waits for work. */
const IDLE_CORES = 0.002;
/** What a starting container uses, as a fraction of its request: class loading, caches. */
const STARTUP_FRACTION = 0.8;
/** How far pods of one workload are from each other. */
const POD_SPREAD = 0.04;

/** The two times that stamps and shapes are in. */
export type Moment = Readonly<{ now: Millis; wall: EpochMillis }>;

/** A meter for a pod whose containers start now; `age` is how long they have already been running. */
export function createMeter(pod: RunningPod, seed: number, { now, wall }: Moment, age: Millis): PodMeter {
  const lasting = pod.blueprint.containers.filter(({ role }) => role !== "init");
  const containers = lasting.map((container): ContainerMeter => {
    const chance = chanceOf(seed, `${pod.key}/${container.name}/kubelet`);
    // A first measurement soon after the start, or in the middle of a life that began before the world.
    const first = age > 0 ? between(chance, 0, CADENCE.min) : between(chance, 500, 3_000);
    return {
      name: container.name,
      startedAt: epochMillis(wall - age),
      cpuSeconds: 0.05 + (IDLE_CORES * age) / 1000,
      memory: pod.blueprint.load.memoryBase * container.share,
      starved: false,
      sample: undefined,
      sampleDue: millis(now + first),
      chance,
    };
  });
  return { containers, accountedUntil: now };
}

/** Charges everything up to now to the pods that are ready now. */
export function accountWorkload(workload: RunningWorkload, seed: number, moment: Moment): void {
  const serving = servingCount(workload);
  for (const pod of workload.pods.values()) accountPod(pod, serving, seed, moment);
}

/** Charges some pods alone, while the set of ready pods stays as it is. */
export function accountPods(pods: readonly RunningPod[], seed: number, moment: Moment): void {
  for (const pod of pods) accountPod(pod, servingCount(pod.workload), seed, moment);
}

export function servingCount({ pods }: RunningWorkload): number {
  let count = 0;
  for (const pod of pods.values()) if (pod.serving) count += 1;
  return count;
}

function accountPod(pod: RunningPod, serving: number, seed: number, { now, wall }: Moment): void {
  const { meter } = pod;
  if (meter === undefined) return;
  while (meter.accountedUntil < now) {
    const from = meter.accountedUntil;
    const due = Math.min(...meter.containers.map(({ sampleDue }) => sampleDue));
    const to = millis(Math.min(now, from + PIECE_MAX, Math.max(due, from)));
    const cores = to > from ? coresOf(pod, serving, seed, millis((from + to) / 2)) : 0;
    const memory = memoryOf(pod, serving, seed, to);
    for (const container of meter.containers) {
      charge(container, pod, { cores, memory, span: millis(to - from) });
      if (container.sampleDue <= to) measure(container, to, epochMillis(wall - (now - to)));
    }
    meter.accountedUntil = to;
  }
}

/** What the whole pod is asked for, before limits. */
function coresOf(pod: RunningPod, serving: number, seed: number, at: Millis): number {
  const { workload, blueprint } = pod;
  if (!pod.serving)
    return sumOf(blueprint.containers, ({ requests }) => (requests.cpu ?? 0) / 1000) * STARTUP_FRACTION;
  const demand = demandAt(workload.blueprint.load.cpu, at, { seed, name: workload.name });
  return (Math.max(0, demand) / serving) * (1 + POD_SPREAD * swing(at, { seed, name: pod.key }));
}

function memoryOf(pod: RunningPod, serving: number, seed: number, at: Millis): number {
  const { load } = pod.workload.blueprint;
  if (load.memory === undefined || !pod.serving) return load.memoryBase;
  return load.memoryBase + demandAt(load.memory, at, { seed, name: `${pod.workload.name}/memory` }) / serving;
}

function charge(
  container: ContainerMeter,
  pod: RunningPod,
  { cores, memory, span }: Readonly<{ cores: number; memory: number; span: Millis }>,
): void {
  const blueprint = pod.blueprint.containers.find(({ name }) => name === container.name);
  if (blueprint === undefined || span === 0) return;
  const used = Math.max(IDLE_CORES, Math.min(cores * blueprint.share, limitOf(blueprint, "cpu")));
  container.cpuSeconds += (used * span) / 1000;
  const wanted = memory * blueprint.share + used * pod.workload.blueprint.load.memoryPerCore;
  const limit = limitOf(blueprint, "memory");
  container.memory = Math.round(Math.min(wanted, limit));
  container.starved ||= wanted > limit;
}

/** The kubelet renews its cache: the counters as they are, under the stamp of this moment. */
function measure(container: ContainerMeter, at: Millis, wall: EpochMillis): void {
  const { cpuSeconds, memory } = container;
  container.sample = { at: epochMillis(Math.floor(wall)), cpuSeconds, memory };
  container.sampleDue = millis(at + between(container.chance, CADENCE.min, CADENCE.max));
}

/** In cores or bytes; without a limit there is no end. */
function limitOf({ limits }: ContainerBlueprint, resource: "cpu" | "memory"): number {
  const limit = limits[resource];
  return limit === undefined ? Infinity : limit / 1000;
}

function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
