/**
 * Workloads as people and autoscalers touch them: added, scaled, rolled out, removed.
 *
 * Invariant: a change of what is wanted raises the object's generation, and its controller is told.
 */
import { assert } from "../../base/assert.ts";
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { epochMillis } from "../../base/units.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import { targetKey } from "../../cluster/workload.ts";
import { replicaSetKeysOf } from "../controllers/deployment.ts";
import { putScalable, scalableOf, visit } from "../controllers/visit.ts";
import type { WorkloadBlueprint } from "./blueprint.ts";
import type { SimCluster } from "./cluster.ts";
import { momentOf } from "./cluster.ts";
import { finishPod } from "./pods.ts";
import type { Scalable } from "./registry.ts";
import type { RunningWorkload, ScalableKind } from "./running.ts";
import { accountWorkload } from "../kubelet/usage.ts";
import type { Load } from "./blueprint.ts";

/** `age` above 0: it has been running quietly for so long. */
export function addWorkload(cluster: SimCluster, blueprint: WorkloadBlueprint, age: Millis): RunningWorkload {
  const { registry, time, workloads } = cluster;
  const { namespace, target } = blueprint;
  assert(findWorkload(cluster, namespace, target) === undefined, `${namespace}/${target.name} is new`);
  const createdAt = epochMillis(time.wall() - age);
  const meta = registry.newMeta({ namespace, name: target.name, createdAt });
  const workload: RunningWorkload = {
    uid: meta.uid,
    kind: kindOf(target),
    key: objectKey(namespace, target.name),
    name: targetKey(namespace, target),
    blueprint,
    revision: 1,
    pods: new Map(),
    metricsBroken: false,
    rolling: false,
    progressedAt: time.now(),
    visitDue: false,
    podCount: 0,
    annotations: {},
    templateWrittenAt: undefined,
  };
  workloads.set(meta.uid, workload);
  putScalable(cluster, workload, newObject(meta, blueprint));
  visit(cluster, workload, age);
  return workload;
}

export function findWorkload(
  { workloads }: SimCluster,
  namespace: string,
  target: TargetReference,
): RunningWorkload | undefined {
  const key = targetKey(namespace, target);
  return [...workloads.values()].find(
    ({ blueprint }) => targetKey(blueprint.namespace, blueprint.target) === key,
  );
}

/** The object, its ReplicaSets and its pods go, as a deletion in the background does it. */
export function removeWorkload(cluster: SimCluster, workload: RunningWorkload): void {
  cluster.registry.remove(workload.kind, workload.key);
  for (const key of replicaSetKeysOf(cluster, workload)) cluster.registry.remove("replicasets", key);
  for (const pod of workload.pods.values()) finishPod(cluster, pod);
  cluster.workloads.delete(workload.uid);
}

/** Sets spec.replicas in the name of `manager`; an unchanged number changes nothing. */
export function setReplicas(
  cluster: SimCluster,
  workload: RunningWorkload,
  { replicas, manager }: Readonly<{ replicas: number; manager: string }>,
): Scalable {
  const object = objectOfWorkload(cluster, workload);
  if (object.replicas === replicas) return object;
  cluster.touch(workload);
  return putScalable(cluster, workload, {
    ...wanting(object),
    replicas,
    scaledBy: { manager, at: cluster.time.wall() },
  });
}

/** What a release may change. */
export type Template = Partial<Pick<WorkloadBlueprint, "containers" | "startup" | "neverReady">>;

/** A new template: pods are replaced as the kind does it. */
export function rollOut(cluster: SimCluster, workload: RunningWorkload, change: Template): void {
  workload.blueprint = { ...workload.blueprint, ...change };
  workload.revision += 1;
  workload.rolling = true;
  workload.progressedAt = cluster.time.now();
  putScalable(cluster, workload, wanting(objectOfWorkload(cluster, workload)));
  cluster.touch(workload);
}

/** A paused Deployment is scaled, and not rolled out. */
export function setPaused(cluster: SimCluster, workload: RunningWorkload, paused: boolean): void {
  putScalable(cluster, workload, { ...wanting(objectOfWorkload(cluster, workload)), paused });
  cluster.touch(workload);
}

export function setLoad(cluster: SimCluster, workload: RunningWorkload, change: Partial<Load>): void {
  accountWorkload(workload, cluster.seed, momentOf(cluster));
  workload.blueprint = { ...workload.blueprint, load: { ...workload.blueprint.load, ...change } };
}

export function objectOfWorkload(cluster: SimCluster, workload: RunningWorkload): Scalable {
  const object = scalableOf(cluster, workload);
  assert(object !== undefined, `${workload.key as ObjectKey} has an object`);
  return object;
}

const wanting = (object: Scalable): Scalable => ({
  ...object,
  meta: { ...object.meta, generation: object.meta.generation + 1 },
});

function kindOf({ apiVersion, kind }: TargetReference): ScalableKind {
  if (apiVersion === "apps/v1" && kind === "Deployment") return "deployments";
  return apiVersion === "apps/v1" && kind === "StatefulSet" ? "statefulsets" : "customs";
}

function newObject(meta: Scalable["meta"], { target, replicas, partition = 0 }: WorkloadBlueprint): Scalable {
  return {
    meta,
    kind: target.kind,
    replicas,
    status: { observedGeneration: 0, replicas: 0, updatedReplicas: 0, readyReplicas: 0 },
    paused: false,
    rollsByItself: true,
    partition,
    stuckSince: undefined,
    replicaFailure: undefined,
    scaledBy: undefined,
  };
}
