/**
 * Keeping as many pods of one owner as are wanted.
 *
 * Invariant: pods that are being deleted do not count, and of those that do, the ones that serve least are
 * given up first.
 */
import type { Millis } from "../../base/units.ts";
import type { Owner } from "../../cluster/object.ts";
import { chanceOf } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import { createPod, deletePod, isActive, objectOf } from "../model/pods.ts";
import type { RunningPod, RunningWorkload } from "../model/running.ts";

/** Whether all pods that are wanted could be made. */
export type Kept = "kept" | "quota";

export type PodSet = Readonly<{
  workload: RunningWorkload;
  owner: Owner;
  /** Begins the pods' names. */
  prefix: string;
  replicas: number;
  /** For pods that were there before the world began. */
  age: Millis;
}>;

/** Makes and deletes pods; answers whether the namespace's quota refused some. */
export function keepPods(cluster: SimCluster, set: PodSet): Kept {
  const active = activePodsOf(cluster, set.workload, set.owner.uid);
  const excess = active.length - set.replicas;
  if (excess > 0) for (const pod of worstFirst(cluster, active).slice(0, excess)) deletePod(cluster, pod);
  for (let missing = -excess; missing > 0; missing -= 1) {
    if (!hasQuota(cluster, set.workload)) return "quota";
    addPod(cluster, set);
  }
  return "kept";
}

export function activePodsOf(cluster: SimCluster, workload: RunningWorkload, owner: string): RunningPod[] {
  return [...workload.pods.values()].filter((pod) => pod.owner === owner && isActive(cluster, pod));
}

export function hasQuota(cluster: SimCluster, { blueprint: { namespace } }: RunningWorkload): boolean {
  const quota = cluster.podQuota.get(namespace);
  if (quota === undefined) return true;
  return cluster.registry.all("pods").filter(({ meta }) => meta.namespace === namespace).length < quota;
}

/** Five letters that no two pods of a run share for long, from the seed: names are stable between runs. */
function podSuffix(cluster: SimCluster, workload: RunningWorkload, ordinal: number): string {
  const chance = chanceOf(cluster.seed, `${workload.name}/pod/${ordinal}`);
  return Array.from({ length: 5 }, () => LETTERS[Math.floor(chance.next() * LETTERS.length)]).join("");
}

/** The API server's alphabet for generated names: no vowels, so no words. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

function addPod(cluster: SimCluster, { workload, owner, prefix, age }: PodSet): void {
  workload.podCount += 1;
  const name = `${prefix}-${podSuffix(cluster, workload, workload.podCount)}`;
  createPod(cluster, { workload, owner, name, ordinal: workload.podCount, age });
}

/**
 * Not placed before placed, not serving before serving, from crowded nodes before others, young before
 * old.
 */
function worstFirst(cluster: SimCluster, pods: readonly RunningPod[]): RunningPod[] {
  const crowd = new Map<string | undefined, number>();
  for (const { node } of pods) crowd.set(node, (crowd.get(node) ?? 0) + 1);
  const rank = (pod: RunningPod): number[] => [
    pod.node === undefined ? 0 : 1,
    pod.serving ? 1 : 0,
    -(crowd.get(pod.node) ?? 0),
    -Number(objectOf(cluster, pod)?.meta.createdAt ?? 0),
    -pod.ordinal,
  ];
  return pods.toSorted((a, b) => compare(rank(a), rank(b)));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const difference = value - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
