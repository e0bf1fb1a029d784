/**
 * The Deployment controller: a ReplicaSet per template, and replicas moved between them step by step.
 *
 * Invariant: the ReplicaSet of the workload's newest revision exists after a visit.
 */
import type { Millis } from "../../base/units.ts";
import type { ObjectKey } from "../../base/ids.ts";
import type { Owner } from "../../cluster/object.ts";
import { keyOf } from "../../cluster/object.ts";
import type { ReplicaSet } from "../../cluster/workload.ts";
import { hash } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { Scalable } from "../model/registry.ts";
import type { RunningWorkload } from "../model/running.ts";
import type { Kept } from "./replica-set.ts";
import { activePodsOf, keepPods } from "./replica-set.ts";
import type { SetCounts } from "./rollout.ts";
import { nextStep, pausedStep } from "./rollout.ts";

export function keepDeployment(
  cluster: SimCluster,
  workload: RunningWorkload,
  object: Scalable,
  age: Millis,
): Kept {
  const sets = replicaSetsOf(cluster, workload);
  const newest =
    sets.find(({ revision }) => revision === workload.revision) ?? addSet(cluster, workload, object);
  const older = sets.filter((set) => set !== newest);
  const counts = {
    wanted: object.replicas,
    newest: countsOf(cluster, workload, newest),
    older: older.map((set) => countsOf(cluster, workload, set)),
  };
  const step = object.paused ? pausedStep(counts) : nextStep(counts);
  const wanted: (readonly [ReplicaSet, number])[] = [
    ...older.map((set, at) => [set, step.older[at] ?? 0] as const),
    [newest, step.newest],
  ];
  if (wanted.some(([set, replicas]) => set.replicas !== replicas)) cluster.touch(workload);
  const results = wanted.map(([set, replicas]) => {
    if (set.replicas !== replicas) cluster.registry.put("replicasets", { ...set, replicas });
    const owner: Owner = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      name: set.meta.name,
      uid: set.meta.uid,
    };
    return keepPods(cluster, { workload, owner, prefix: set.meta.name, replicas, age });
  });
  return results.includes("quota") ? "quota" : "kept";
}

/** Oldest first. */
export function replicaSetsOf({ registry }: SimCluster, { uid }: RunningWorkload): ReplicaSet[] {
  return registry
    .all("replicasets")
    .filter(({ meta }) => meta.owner?.uid === uid)
    .toSorted((a, b) => a.revision - b.revision);
}

export function replicaSetKeysOf(cluster: SimCluster, workload: RunningWorkload): ObjectKey[] {
  return replicaSetsOf(cluster, workload).map(keyOf);
}

function addSet(
  { registry, time }: SimCluster,
  workload: RunningWorkload,
  { meta, kind }: Scalable,
): ReplicaSet {
  const template = hash(`${workload.name}/${workload.revision}`).toString(16).padStart(8, "0");
  const owner: Owner = { apiVersion: "apps/v1", kind, name: meta.name, uid: meta.uid };
  const { namespace } = meta;
  return registry.put("replicasets", {
    meta: registry.newMeta({ namespace, name: `${meta.name}-${template}`, createdAt: time.wall(), owner }),
    replicas: 0,
    revision: workload.revision,
  });
}

function countsOf(cluster: SimCluster, workload: RunningWorkload, { replicas, meta }: ReplicaSet): SetCounts {
  const ready = activePodsOf(cluster, workload, meta.uid).filter(({ serving }) => serving).length;
  return { replicas, ready: Math.min(ready, replicas) };
}
