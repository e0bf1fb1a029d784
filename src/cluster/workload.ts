/**
 * What may be scaled and what stands between it and its pods, trimmed.
 */
import type { ObjectKey } from "../base/ids.ts";
import type { EpochMillis, ResourceName } from "../base/units.ts";
import type { Meta } from "./object.ts";

/** A Deployment or a StatefulSet. */
export type Workload = Readonly<{
  meta: Meta;
  kind: "Deployment" | "StatefulSet";
  /** spec.replicas (an absent field is 1, as the API defaults it). */
  replicas: number;
  status: Readonly<{
    observedGeneration: number;
    replicas: number;
    updatedReplicas: number;
    readyReplicas: number;
  }>;
  /** spec.paused of a Deployment. */
  paused: boolean;
  /** False for a StatefulSet with updateStrategy OnDelete, which never rolls by itself. */
  rollsByItself: boolean;
  /** spec.updateStrategy.rollingUpdate.partition of a StatefulSet, else 0. */
  partition: number;
  /** Condition Progressing=False with reason ProgressDeadlineExceeded: since when. */
  stuckSince: EpochMillis | undefined;
  /** Condition ReplicaFailure=True: since when, and its message (quota, admission). */
  replicaFailure: Readonly<{ since: EpochMillis; message: string }> | undefined;
  /** metadata.managedFields: who last wrote spec.replicas, and when. */
  scaledBy: Readonly<{ manager: string; at: EpochMillis | undefined }> | undefined;
}>;

export type ReplicaSet = Readonly<{
  meta: Meta;
  replicas: number;
  /** Annotation `deployment.kubernetes.io/revision`; the largest of a Deployment is its newest. */
  revision: number;
}>;

/** A reference to what is scaled, as written: `apps/v1`, `Deployment`, `web`. */
export type TargetReference = Readonly<{ apiVersion: string; kind: string; name: string }>;

/** Someone else's HorizontalPodAutoscaler. */
export type ForeignAutoscaler = Readonly<{
  meta: Meta;
  target: TargetReference;
  /** Made by another controller: `ScaledObject` when KEDA owns it. */
  ownerKind: string | undefined;
  desiredReplicas: number | undefined;
  /** Resources it follows by utilization. */
  followsUtilizationOf: readonly ResourceName[];
}>;

/** A ScalePolicy before it is parsed: `policy/` says what is in it, and reports what is wrong. */
export type PolicyObject = Readonly<{
  meta: Meta;
  spec: unknown;
  status: unknown;
  /** Annotation `plimsoll.dev/requests-ignored: "true"`: GitOps leaves requests of the target alone. */
  requestsIgnored?: true;
}>;

/** Group and kind of a target, without the version: two versions of one API name one thing. */
export function targetKey(namespace: string, { apiVersion, kind, name }: TargetReference): ObjectKey {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return `${namespace}/${group}/${kind}/${name}` as ObjectKey;
}

/** What a policy says it targets, whether or not the rest of its spec parses. */
export function writtenTarget({ spec }: PolicyObject): TargetReference | undefined {
  const target = (spec as { targetRef?: Readonly<Record<string, unknown>> } | undefined | null)?.targetRef;
  const { apiVersion, kind, name } = target ?? {};
  const written = typeof apiVersion === "string" && typeof kind === "string" && typeof name === "string";
  return written ? { apiVersion, kind, name } : undefined;
}
