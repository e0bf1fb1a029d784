/**
 * Which workload a pod belongs to, for whatever is kept by workload: its controller, followed upwards as far
 * as there is one that outlives its pods.
 *
 *   owner of the pod                           workload
 *   ReplicaSet of a Deployment (or a Rollout)  the Deployment (the Rollout)
 *   ReplicaSet of its own, StatefulSet, …      itself
 *   Job backup-29381760                        CronJob backup: each run has another Job
 *   Job migrate                                itself
 *   Node (a static pod), none                  none
 *
 * Invariant: all pods of one workload get one identity, across revisions, restarts and runs; an object that
 * was deleted and made anew is another one.
 */
import { type ObjectKey, objectKey, type Uid, uid } from "../base/ids.ts";
import type { Owner } from "../cluster/object.ts";
import type { Pod } from "../cluster/pod.ts";
import type { Reader } from "../cluster/view.ts";
import { type ReplicaSet, targetKey, type TargetReference } from "../cluster/workload.ts";

export type WorkloadIdentity = Readonly<{
  /** `targetKey` of cluster/workload.ts, by which policies name it. */
  key: ObjectKey;
  /** A CronJob's own is not known: its key stands in, and a CronJob of the same name is the same. */
  uid: Uid;
  kind: string;
}>;

/**
 * A CronJob names its Jobs by the minute that they are of: eight digits from 2017 to 2047. Jobs are not
 * followed, so the name has to tell.
 */
const RUN_OF_CRON_JOB = /^(.+)-(?:2[5-9]|3\d|40)\d{6}$/;

/** undefined while it cannot be told (the ReplicaSet is not known yet) or there is none. */
export function workloadOf(
  { meta: { namespace, owner } }: Pod,
  replicaSets: Pick<Reader<ReplicaSet>, "get">,
): WorkloadIdentity | undefined {
  if (owner === undefined || owner.kind === "Node") return undefined;
  if (owner.kind !== "ReplicaSet") return identityOf(namespace, owner);
  const replicaSet = replicaSets.get(objectKey(namespace, owner.name));
  if (replicaSet?.meta.uid !== owner.uid) return undefined;
  return identityOf(namespace, replicaSet.meta.owner ?? owner);
}

/** The CronJob whose run a Job of this name is. */
export function cronJobOf({ apiVersion, kind, name }: TargetReference): string | undefined {
  if (kind !== "Job" || !apiVersion.startsWith("batch/")) return undefined;
  return RUN_OF_CRON_JOB.exec(name)?.[1];
}

function identityOf(namespace: string, owner: Owner): WorkloadIdentity {
  const cronJob = cronJobOf(owner);
  if (cronJob === undefined) return { key: targetKey(namespace, owner), uid: owner.uid, kind: owner.kind };
  const key = targetKey(namespace, { apiVersion: owner.apiVersion, kind: "CronJob", name: cronJob });
  return { key, uid: uid(key), kind: "CronJob" };
}
