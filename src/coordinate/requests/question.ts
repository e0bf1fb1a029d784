/**
 * Everything a plan of requests may know: what is recommended, what is there, where it would have to fit, and
 * what was done before. Plain data: the same question gets the same plan.
 */
import type { Bytes, EpochMillis, RequestAmounts, ResourceName } from "../../base/units.ts";
import type { ContainerRole } from "../../cluster/pod.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { OomKill } from "../../usage/history/snapshot.ts";
import type { LimitRange } from "../../vertical/limit-range.ts";
import type { VerticalProposal } from "../../vertical/proposal.ts";
import type { Rollout } from "../question.ts";
import type { ContainerResources, Resources } from "./plan.ts";

export type RequestQuestion = Readonly<{
  now: EpochMillis;
  spec: VerticalSpec;
  proposal: VerticalProposal;
  /** Every container of the template, in its order, also those that are not recommended for. */
  containers: readonly ContainerState[];
  workload: WorkloadState;
  /** Resources that someone scales this workload on by utilization, and who, for the sentence. */
  followed: readonly Readonly<{ resource: ResourceName; by: string }>[];
  room: Room;
  calm: Calm;
  fleet: RequestFleet;
  /** Of requests, by us, into this workload; undefined: none that is known. */
  lastWrite: Readonly<{ at: EpochMillis; before: readonly ContainerResources[] }> | undefined;
}>;

export type ContainerState = Readonly<{
  name: string;
  role: ContainerRole;
  /** As if we had never written: the yardstick of ratios. */
  base: Resources;
  /** In mode Template the template's; else what most of the pods carry that were resized, or of all pods. */
  present: Resources;
  /** What some of the pods carry beside that: new ones, or those that a wave has not reached. */
  others: readonly Resources[];
  /** The highest usage of 24 h in any pod; undefined: not known. */
  memoryPeak: Bytes | undefined;
  /** Of the last 24 h, oldest first, with what the VPA's bump makes of each. */
  ooms: readonly OomKill[];
  /** Since when a request has been outside of its bounds without a break. */
  outsideSince: EpochMillis | undefined;
  /** The last change of each request by us. */
  turns: Readonly<Partial<Record<ResourceName, Turn>>>;
  memoryLimitLoweredAt: EpochMillis | undefined;
  /** Resources whose resize restarts the container (its resizePolicy). */
  restartsFor: readonly ResourceName[];
}>;

export type Turn = Readonly<{ at: EpochMillis; to: "higher" | "lower" }>;

export type WorkloadState = Readonly<{
  replicas: number;
  readyPods: number;
  /** How many pods more than the replicas a rollout of its makes. */
  surge: number;
  rollout: Rollout;
  /**
   * Of the template: by whom it is kept, and what became of our writes; undefined where it is not written.
   */
  template: TemplateState | undefined;
}>;

export type TemplateState = Readonly<{
  /** `Argo CD`, `Flux`: who would take a write of ours back. */
  gitOps: string | undefined;
  /** The policy says that they do not (`plimsoll.dev/requests-ignored: "true"`). */
  requestsIgnored: boolean;
  /** The annotation that says what we set, and what it was before. */
  annotation: "none" | "readable" | "unreadable";
  /** It says that we set something, and the template has the base again. */
  reverted: boolean;
  /** When we last wrote it. */
  writtenAt: EpochMillis | undefined;
}>;

/** What limits the size of a pod. */
export type Room = Readonly<{
  /** Of each node that this pod may use: allocatable, less the requests of DaemonSets. None: not known. */
  nodes: readonly Required<RequestAmounts>[];
  limitRanges: Readonly<Partial<Record<"pod" | "container", LimitRange>>>;
  /** What the namespace's quotas leave; an absent resource has no quota. */
  quotaLeft: Resources;
  /** Since when a pod finds no node after a write of ours. */
  pendingSince: EpochMillis | undefined;
}>;

/** Whether horizontal has left the workload in peace for a window; decreases wait for it. */
export type Calm =
  | Readonly<{ kind: "calm" }>
  /** `quietHour`: after 12 h, an hour with no more scalings than the quietest of a day. */
  | Readonly<{ kind: "restless"; why: string; quietHour: boolean }>;

/** What all policies of this operator did to requests lately. */
export type RequestFleet = Readonly<{
  managedPods: number;
  /** Within the last 10 minutes. */
  podsResized: number;
  workloads: number;
  /** Workloads whose rollout is of our making, and not over. */
  rolling: number;
}>;
