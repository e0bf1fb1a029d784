/**
 * Where each kind is served, and how its objects are trimmed.
 */
import type { Pod } from "../../../cluster/pod.ts";
import type { Kind, Kinds } from "../../../cluster/port.ts";
import { trimAutoscaler, trimPolicy } from "./trim/autoscaler.ts";
import type { Trim } from "./trim/meta.ts";
import { trimNode } from "./trim/node.ts";
import { trimPod } from "./trim/pod.ts";
import { trimDeployment, trimReplicaSet, trimStatefulSet } from "./trim/workload.ts";

export type Resource<T> = Readonly<{
  path: string;
  /** Narrows what the server sends. */
  fieldSelector?: string;
  trim: Trim<T>;
}>;

/** What RESOURCES leaves out for its number: a pod that failed has something to say once. */
export const FAILED_PODS: Resource<Pod> = {
  path: "/api/v1/pods",
  fieldSelector: "status.phase=Failed",
  trim: trimPod,
};

export const RESOURCES: { readonly [K in Kind]: Resource<Kinds[K]> } = {
  /**
   * Pods that have ended use nothing and count nowhere, and a cluster may keep thousands of them. One that
   * ends while it is watched leaves the selection, which the server tells as its deletion.
   */
  pods: {
    path: "/api/v1/pods",
    fieldSelector: "status.phase!=Succeeded,status.phase!=Failed",
    trim: trimPod,
  },
  nodes: { path: "/api/v1/nodes", trim: trimNode },
  replicasets: { path: "/apis/apps/v1/replicasets", trim: trimReplicaSet },
  deployments: { path: "/apis/apps/v1/deployments", trim: trimDeployment },
  statefulsets: { path: "/apis/apps/v1/statefulsets", trim: trimStatefulSet },
  horizontalpodautoscalers: {
    path: "/apis/autoscaling/v2/horizontalpodautoscalers",
    trim: trimAutoscaler,
  },
  scalepolicies: { path: "/apis/plimsoll.dev/v1alpha1/scalepolicies", trim: trimPolicy },
};
