/**
 * What the cache knows of a policy's target. Deployments and StatefulSets are followed, so that a round that
 * changes nothing costs no request; any other kind is read live each time.
 */
import type { Failure } from "../../base/outcome.ts";
import { objectKey } from "../../base/ids.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import type { TargetRef } from "../../policy/policy.ts";
import type { Reading } from "./phases.ts";

export type CachedTarget =
  | Readonly<{ kind: "cached"; workload: Workload }>
  | Readonly<{ kind: "not-followed" }>
  | Readonly<{ kind: "missing"; failure: Failure }>;

export function cachedTarget(view: ClusterView, policy: PolicyObject, target: TargetRef): CachedTarget {
  const followed = followedKind(target);
  if (followed === undefined) return { kind: "not-followed" };
  const { namespace } = policy.meta;
  const workload = view.of[followed].get(objectKey(namespace, target.name));
  if (workload !== undefined) return { kind: "cached", workload };
  const message = `${followed}.apps "${target.name}" not found in namespace ${namespace}`;
  return { kind: "missing", failure: { kind: "absent", message } };
}

/** A followed target as if its scale had been read; its pods are attributed by owner, so no selector is needed. */
export function readingOf({ meta, replicas, status }: Workload): Reading {
  return { uid: meta.uid, replicas, observedReplicas: status.replicas, selector: undefined };
}

function followedKind({ apiVersion, kind }: TargetRef): "deployments" | "statefulsets" | undefined {
  if (!apiVersion.startsWith("apps/")) return undefined;
  if (kind === "Deployment") return "deployments";
  return kind === "StatefulSet" ? "statefulsets" : undefined;
}
