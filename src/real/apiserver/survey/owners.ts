/**
 * From a pod to what it belongs to in the end: through a ReplicaSet to its Deployment, through a Job to its
 * CronJob; anything else that owns it stands for itself.
 *
 * Invariant: a pod has one workload, also where what stands between is gone or may not be read.
 */
import type { Owner } from "../../../cluster/object.ts";
import type { WorkloadRef } from "../../../rightsizing/subject.ts";
import { cronJobOf } from "../../../usage/workload-of.ts";
import type { SurveyedPod } from "./pods.ts";

/** Owners of ReplicaSets and Jobs, by uid; absent: it has none, or nobody told. */
export type Middles = ReadonlyMap<string, Owner | undefined>;

export type Owned = WorkloadRef & Readonly<{ apiVersion: string }>;

const HASH = /-[a-z0-9]{1,10}$/;

export function workloadOf({ namespace, name, owner }: SurveyedPod, middles: Middles): Owned {
  // The kubelet's own pods belong to their node, which is no workload.
  if (owner === undefined || owner.kind === "Node") return { namespace, apiVersion: "v1", kind: "Pod", name };
  const above = middles.get(owner.uid) ?? (middles.has(owner.uid) ? undefined : guess(owner));
  const top = above ?? owner;
  return { namespace, apiVersion: top.apiVersion, kind: top.kind, name: top.name };
}

/** What names such a middle, when it could not be read: a Deployment its ReplicaSets, a CronJob its Jobs. */
function guess(owner: Owner): Pick<Owner, "apiVersion" | "kind" | "name"> | undefined {
  const { apiVersion, kind, name } = owner;
  if (kind === "ReplicaSet" && HASH.test(name))
    return { apiVersion, kind: "Deployment", name: name.replace(HASH, "") };
  const cronJob = cronJobOf(owner);
  return cronJob === undefined ? undefined : { apiVersion, kind: "CronJob", name: cronJob };
}
