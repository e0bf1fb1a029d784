/**
 * Gathers one question: everything that a plan for this policy may know, at this moment, as plain data.
 *
 * Invariant: asking reads and never waits; nothing that a decision depends on is left out of the question.
 */
import type { MonoMillis, EpochMillis } from "../../base/units.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import type { DecisionMemory } from "../../coordinate/memory.ts";
import type { FleetActivity, NodesHeard, PlanQuestion } from "../../coordinate/question.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { SampleReader } from "../../store/reader.ts";
import { gatherEvidence } from "../../usage/gather.ts";
import type { DecisionSettings } from "../settings.ts";
import type { Reading } from "./phases.ts";
import { rolloutOf } from "./rollout.ts";

export type Moment = Readonly<{ wall: EpochMillis; mono: MonoMillis }>;

/** Where answers come from. */
export type Sources = Readonly<{
  view: ClusterView;
  samples: SampleReader;
  nodesHeard(): NodesHeard;
  settings: DecisionSettings;
}>;

/** What the question is about. */
export type Subject = Readonly<{
  policy: PolicyObject;
  spec: HorizontalSpec;
  /** The cached target; undefined for kinds that are not followed. */
  workload: Workload | undefined;
  reading: Reading;
  pods: OwnPods;
  fleet: FleetActivity;
  memory: DecisionMemory;
}>;

export type OwnPods = Readonly<{ pods: readonly Pod[]; attributedBy: "owner" | "selector" }>;

/**
 * A target's pods: by owner chain. Only a kind that is not followed, and whose pods are owned by nothing we
 * can follow back to it, is matched by the selector its scale publishes.
 */
export function ownPodsOf(view: ClusterView, policy: PolicyObject, { uid, selector }: Reading): OwnPods {
  const owned = view.podsOwnedBy(uid);
  if (owned.length > 0 || selector === undefined) return { pods: owned, attributedBy: "owner" };
  const selected = view.podsSelectedBy(policy.meta.namespace, selector);
  const orphans = selected.filter(({ meta }) => meta.owner === undefined || !isFollowed(meta.owner.kind));
  return orphans.length > 0
    ? { pods: orphans, attributedBy: "selector" }
    : { pods: [], attributedBy: "owner" };
}

/** Kinds whose pods always lead back to their own target. */
const isFollowed = (kind: string): boolean =>
  ["ReplicaSet", "StatefulSet", "Deployment", "DaemonSet", "Job", "CronJob"].includes(kind);

export function ask(sources: Sources, subject: Subject, now: Moment): PlanQuestion {
  const { view, samples, settings } = sources;
  const { policy, spec, workload, reading, pods, fleet, memory } = subject;
  return {
    now: now.wall,
    mono: now.mono,
    spec,
    generation: policy.meta.generation,
    settings: settings.horizontal,
    resolution: settings.resolution,
    target: { uid: reading.uid, replicas: reading.replicas, observedReplicas: reading.observedReplicas },
    evidence: gatherEvidence({
      ...pods,
      replicaSets: view.replicaSetsOwnedBy(reading.uid),
      view,
      samples,
      now,
      resolution: settings.resolution,
    }),
    rollout: rolloutOf(workload),
    replicaFailure: workload?.replicaFailure,
    nodes: sources.nodesHeard(),
    fleet,
    brakes: settings.brakes,
    memory,
  };
}
