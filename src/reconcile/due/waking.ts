/**
 * Which policies a change in the cluster concerns at once, without waiting for samples. Pods and nodes are
 * not here: they are read when the policy's time comes.
 *
 * Invariant: a write of our own status wakes nobody.
 */
import type { ObjectKey } from "../../base/ids.ts";
import type { ClusterChange } from "../../cluster/cluster.ts";
import { keyOf, type Meta } from "../../cluster/object.ts";
import type { ClusterView } from "../../cluster/view.ts";
import {
  type ForeignAutoscaler,
  type PolicyObject,
  targetKey,
  type TargetReference,
  type Workload,
  writtenTarget,
} from "../../cluster/workload.ts";
import type { Trigger } from "../../report/record.ts";

export type Waking = Readonly<{
  policy: ObjectKey;
  trigger: Extract<Trigger, "policy-changed" | "target-changed" | "oom-kill">;
  /** What the target was set to, where that is what changed: our own write needs no second look. */
  replicas?: number;
}>;

/** Whether a version of a policy is news by itself, although nothing was edited (policy-state.ts). */
export type IsNews = (policy: PolicyObject) => boolean;

export function wokenBy(view: ClusterView, change: ClusterChange, isNews: IsNews): readonly Waking[] {
  switch (change.kind) {
    case "scalepolicies":
      return byPolicy(view, change, isNews);
    case "deployments":
    case "statefulsets":
      return byWorkload(view, change.object, change.previous);
    case "horizontalpodautoscalers":
      return byAutoscaler(view, change.object, change.previous);
    case "pods":
    case "nodes":
    case "replicasets":
      return [];
  }
}

/** A policy that came, went or was edited concerns itself and everyone else on its target. */
function byPolicy(
  view: ClusterView,
  { key, object, previous }: Extract<ClusterChange, { kind: "scalepolicies" }>,
  isNews: IsNews,
): readonly Waking[] {
  const isNewsItself = object !== undefined && isNews(object);
  if (isSame(object?.meta, previous?.meta))
    return isNewsItself ? [{ policy: key, trigger: "policy-changed" }] : [];
  const rivals = [object, previous].flatMap((policy) => {
    const target = policy === undefined ? undefined : writtenTarget(policy);
    return target === undefined || policy === undefined ? [] : targeting(view, policy.meta.namespace, target);
  });
  return [{ policy: key, trigger: "policy-changed" }, ...rivals.filter(({ policy }) => policy !== key)];
}

const isSame = (one: Meta | undefined, other: Meta | undefined): boolean =>
  one?.uid === other?.uid && one?.generation === other?.generation && one?.deleting === other?.deleting;

/** A target that came, went, or whose replicas someone set. */
function byWorkload(
  view: ClusterView,
  object: Workload | undefined,
  previous: Workload | undefined,
): readonly Waking[] {
  const known = object ?? previous;
  const same = object?.meta.uid === previous?.meta.uid && object?.replicas === previous?.replicas;
  if (known === undefined || same) return [];
  const { meta, kind } = known;
  const woken = targeting(view, meta.namespace, { apiVersion: "apps/v1", kind, name: meta.name });
  return object === undefined ? woken : woken.map((one) => ({ ...one, replicas: object.replicas }));
}

/** A foreign autoscaler that came, went, or took another target; what its status says concerns nobody. */
function byAutoscaler(
  view: ClusterView,
  object: ForeignAutoscaler | undefined,
  previous: ForeignAutoscaler | undefined,
): readonly Waking[] {
  const keys = [previous, object].map((one) => one && targetKey(one.meta.namespace, one.target));
  const same = object?.meta.uid === previous?.meta.uid && object?.meta.deleting === previous?.meta.deleting;
  if (same && keys[0] === keys[1]) return [];
  return [...new Set(keys)].flatMap((key) => (key === undefined ? [] : ofTarget(view, key)));
}

function targeting(view: ClusterView, namespace: string, target: TargetReference): Waking[] {
  return ofTarget(view, targetKey(namespace, target));
}

function ofTarget(view: ClusterView, target: ObjectKey): Waking[] {
  return view
    .policiesTargeting(target)
    .map((policy) => ({ policy: keyOf(policy), trigger: "target-changed" }));
}
