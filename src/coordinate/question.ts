/**
 * Everything a plan may know: the horizontal question's parts, the circumstances that rails look at, and
 * the memory of earlier decisions. Plain data: a record keeps it, and the same question gets the same plan.
 */
import type { NodeName, Uid } from "../base/ids.ts";
import type { EpochMillis, Millis, MonoMillis } from "../base/units.ts";
import type { HorizontalSettings } from "../horizontal/question.ts";
import type { HorizontalSpec } from "../policy/policy.ts";
import type { WorkloadEvidence } from "../usage/evidence.ts";
import type { DecisionMemory } from "./memory.ts";

/** Where the target's rollout stands; `unknown` for kinds whose rollout cannot be read. */
export type Rollout =
  | Readonly<{ kind: "settled" }>
  | Readonly<{ kind: "in-progress"; updated: number; replicas: number }>
  /** ProgressDeadlineExceeded since. */
  | Readonly<{ kind: "stuck"; since: EpochMillis }>
  | Readonly<{ kind: "unknown" }>;

/** What all policies of this operator did lately; this policy's own acts included. */
export type FleetActivity = Readonly<{
  policyCount: number;
  managedReplicas: number;
  /** Within the last 10 minutes. */
  policiesMoved: number;
  policiesRaised: number;
  replicasAdded: number;
  replicasRemoved: number;
  /** Of this policy alone, within the last 10 minutes. */
  ownAdded: number;
  /** Replicas of this policy's target 10 minutes ago, or when it was first seen. */
  ownBefore: number;
}>;

export type NodesHeard = Readonly<{
  /** Ready nodes that answered within the last 24 h. */
  knownCount: number;
  /** Those of them without fresh samples. */
  silent: readonly NodeName[];
}>;

export type PlanQuestion = Readonly<{
  now: EpochMillis;
  mono: MonoMillis;
  spec: HorizontalSpec;
  /** metadata.generation of the policy: an edit is a change of it. */
  generation: number;
  settings: HorizontalSettings;
  /** `--metric-resolution`. */
  resolution: Millis;
  target: Readonly<{ uid: Uid; replicas: number; observedReplicas: number }>;
  evidence: WorkloadEvidence;
  rollout: Rollout;
  /** The target's owner cannot make pods (quota, admission): since when, in whose words. */
  replicaFailure: Readonly<{ since: EpochMillis; message: string }> | undefined;
  nodes: NodesHeard;
  fleet: FleetActivity;
  brakes: Brakes;
  memory: DecisionMemory;
}>;

/** The one-line override flags of the cluster brake. */
export type Brakes = Readonly<{ decrease: boolean; increase: boolean }>;
