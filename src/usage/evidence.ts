/**
 * What is known of a workload's pods at one moment: which count, what they use, and whose samples lack.
 * Plain data, so that a decision on it can be kept and repeated.
 */
import type { EpochMillis, Millis } from "../base/units.ts";
import type { PodPhase, PodShape, Readiness } from "../cluster/pod.ts";
import type { ContainerUsage } from "../store/reader.ts";

/** One pod of the workload. */
export type PodEvidence = Readonly<{
  name: string;
  shape: PodShape;
  phase: PodPhase;
  deleting: boolean;
  startTime: EpochMillis | undefined;
  readiness: Readiness | undefined;
  runningSince: EpochMillis | undefined;
  /** Fresh usage; undefined when there is none, or none that is young enough to count. */
  usage: Readonly<{ at: EpochMillis; window: Millis; containers: readonly ContainerUsage[] }> | undefined;
}>;

/** A pod that should have a sample and has none that counts. */
export type LackingPod = Readonly<{
  name: string;
  node: string | undefined;
  because:
    "never-scraped" | "one-sample-only" | "container-restarted" | "container-missing" | "sample-too-old";
  /** Since its last sample; where there is none, since it has been running. */
  silentFor: Millis;
}>;

export type WorkloadEvidence = Readonly<{
  /** Own pods that count: not terminal, not being deleted, not lost with their node, not weightless. */
  pods: readonly PodEvidence[];
  /** Pods that should have a fresh sample. */
  expectedCount: number;
  /** Those of them that have none. */
  lacking: readonly LackingPod[];
  /** Own pods on nodes that have been NotReady for more than 40 s. */
  lostCount: number;
  /** Never-ready pods of the newest revision of a rollout, left out of `pods`. */
  weightlessCount: number;
  /** Pods that were said to use more than their node has; here they use all of it. */
  clippedCount: number;
  /** How pods were attributed: by selector only where no owner chain can exist. */
  attributedBy: "owner" | "selector";
  /** Age of the oldest view that this evidence rests on (pods, nodes, workloads, policies, autoscalers); undefined when one was never heard. */
  cacheAge: Millis | undefined;
}>;
