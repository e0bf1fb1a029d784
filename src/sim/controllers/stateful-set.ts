/**
 * The StatefulSet controller: pods with numbers, made from 0 up, given up from the top, one after the other.
 *
 * Invariant: while any pod is ending or not yet ready, nothing else is begun.
 */
import type { Millis } from "../../base/units.ts";
import type { SimCluster } from "../model/cluster.ts";
import { createPod, deletePod, isActive } from "../model/pods.ts";
import type { Scalable } from "../model/registry.ts";
import type { RunningPod, RunningWorkload } from "../model/running.ts";
import type { Kept } from "./replica-set.ts";
import { hasQuota } from "./replica-set.ts";

export function keepStatefulSet(
  cluster: SimCluster,
  workload: RunningWorkload,
  object: Scalable,
  age: Millis,
): Kept {
  const pods = [...workload.pods.values()].toSorted((a, b) => a.ordinal - b.ordinal);
  if (!pods.every((pod) => isActive(cluster, pod))) return "kept";
  const vacant = firstVacant(pods, object.replicas);
  if (vacant !== undefined) {
    if (!hasQuota(cluster, workload)) return "quota";
    addPod(cluster, workload, object, { ordinal: vacant, age });
    // Pods that were there before the world began all came before it.
    return age > 0 ? keepStatefulSet(cluster, workload, object, age) : "kept";
  }
  const next = surplusOf(pods, object.replicas) ?? outdatedOf(pods, workload.revision, object.partition);
  if (next !== undefined && pods.every(({ serving }) => serving)) deletePod(cluster, next);
  return "kept";
}

/** The lowest number without a pod, once all below it serve. */
function firstVacant(pods: readonly RunningPod[], replicas: number): number | undefined {
  const first = pods.findIndex(({ ordinal, serving }, place) => ordinal !== place || !serving);
  const vacant = first === -1 ? pods.length : first;
  return vacant < replicas && pods[vacant]?.ordinal !== vacant ? vacant : undefined;
}

const surplusOf = (pods: readonly RunningPod[], replicas: number): RunningPod | undefined =>
  pods.findLast(({ ordinal }) => ordinal >= replicas);

function outdatedOf(pods: readonly RunningPod[], newest: number, partition: number): RunningPod | undefined {
  return pods.findLast(({ revision, ordinal }) => revision !== newest && ordinal >= partition);
}

function addPod(
  cluster: SimCluster,
  workload: RunningWorkload,
  { meta, kind }: Scalable,
  { ordinal, age }: Readonly<{ ordinal: number; age: Millis }>,
): void {
  const owner = { apiVersion: "apps/v1", kind, name: meta.name, uid: meta.uid };
  createPod(cluster, { workload, owner, name: `${meta.name}-${ordinal}`, ordinal, age });
}
