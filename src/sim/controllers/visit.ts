/**
 * A controller's visit to one workload: look at what is wanted and what is there, take a step, and say in
 * the status what was seen.
 *
 * Invariant: a visit depends on state alone, so one too many changes nothing.
 */
import type { EpochMillis, Millis } from "../../base/units.ts";
import { millis, minutes, seconds } from "../../base/units.ts";
import type { Workload } from "../../cluster/workload.ts";
import type { SimCluster } from "../model/cluster.ts";
import { isActive } from "../model/pods.ts";
import type { Scalable } from "../model/registry.ts";
import type { RunningWorkload } from "../model/running.ts";
import { keepDeployment } from "./deployment.ts";
import type { Kept } from "./replica-set.ts";
import { keepPods } from "./replica-set.ts";
import { keepStatefulSet } from "./stateful-set.ts";

/** Deployment's spec.progressDeadlineSeconds, the API's default. */
const PROGRESS_DEADLINE = minutes(10);
const QUOTA_AGAIN = seconds(10);

/** `age`: the workload has been running for so long when the world begins. */
export function visit(cluster: SimCluster, workload: RunningWorkload, age: Millis = millis(0)): void {
  const object = scalableOf(cluster, workload);
  if (object === undefined) return;
  const kept = keep(cluster, workload, object, age);
  if (kept === "quota") cluster.time.after(QUOTA_AGAIN, () => cluster.touch(workload));
  const seen = observe(cluster, workload, object, kept);
  if (JSON.stringify(seen) !== JSON.stringify(object)) putScalable(cluster, workload, seen);
}

export function scalableOf({ registry }: SimCluster, { kind, key }: RunningWorkload): Scalable | undefined {
  return registry.get(kind, key);
}

/** Stores a changed object under its kind. */
export function putScalable({ registry }: SimCluster, { kind }: RunningWorkload, object: Scalable): Scalable {
  if (kind === "customs") return registry.put(kind, object);
  return registry.put(kind, { ...object, kind: kind === "deployments" ? "Deployment" : "StatefulSet" });
}

function keep(cluster: SimCluster, workload: RunningWorkload, object: Scalable, age: Millis): Kept {
  if (workload.kind === "deployments") return keepDeployment(cluster, workload, object, age);
  if (workload.kind === "statefulsets") return keepStatefulSet(cluster, workload, object, age);
  const { apiVersion, kind, name } = workload.blueprint.target;
  const owner = { apiVersion, kind, name, uid: object.meta.uid };
  return keepPods(cluster, { workload, owner, prefix: name, replicas: object.replicas, age });
}

/** The object with the status that this visit found. */
function observe(cluster: SimCluster, workload: RunningWorkload, object: Scalable, kept: Kept): Scalable {
  const status = statusOf(cluster, workload, object);
  const moved = JSON.stringify(status) !== JSON.stringify(object.status);
  const settled = [status.replicas, status.updatedReplicas, status.readyReplicas].every(
    (count) => count === object.replicas,
  );
  if (settled) workload.rolling = false;
  if (moved) {
    workload.progressedAt = cluster.time.now();
    cluster.time.after(PROGRESS_DEADLINE, () => cluster.touch(workload));
  }
  const wall = cluster.time.wall();
  const failure = { since: object.replicaFailure?.since ?? wall, message: QUOTA_MESSAGE };
  return {
    ...object,
    status,
    stuckSince: stuckSince(cluster, workload, object.stuckSince ?? wall),
    replicaFailure: kept === "quota" ? failure : undefined,
  };
}

const QUOTA_MESSAGE = "pods is forbidden: exceeded quota: pods";

function statusOf(cluster: SimCluster, workload: RunningWorkload, { meta }: Scalable): Workload["status"] {
  const pods = [...workload.pods.values()].filter((pod) => isActive(cluster, pod));
  return {
    observedGeneration: meta.generation,
    replicas: pods.length,
    updatedReplicas: pods.filter(({ revision }) => revision === workload.revision).length,
    readyReplicas: pods.filter(({ serving }) => serving).length,
  };
}

function stuckSince(
  { time }: SimCluster,
  { kind, rolling, progressedAt }: RunningWorkload,
  since: EpochMillis,
): EpochMillis | undefined {
  const late = time.now() - progressedAt >= PROGRESS_DEADLINE;
  return kind === "deployments" && rolling && late ? since : undefined;
}
