/**
 * Questions about samples, and no word about columns, rings or eviction. "Not enough samples" is a value
 * with its reason, never 0.
 */
import type { NodeName, Uid } from "../base/ids.ts";
import type { Bytes, EpochMillis, Millis, MonoMillis, NanoCores } from "../base/units.ts";

/** One container's usage: the rate between its last two samples, and its last memory. */
export type ContainerUsage = Readonly<{
  container: string;
  cpu: NanoCores;
  memory: Bytes;
  /** The kubelet's stamp of the newest sample. */
  at: EpochMillis;
  /** Between the two samples that the rate was computed from. */
  window: Millis;
}>;

/**
 * A pod's usage as metrics-server would answer: stamp and window are those of the container with the
 * earliest stamp.
 */
export type PodUsage = Readonly<{
  kind: "usage";
  at: EpochMillis;
  window: Millis;
  /** When the newest answer that renewed this pod arrived, for its age. */
  arrivedAt: MonoMillis;
  containers: readonly ContainerUsage[];
}>;

/** Why there is no usage for a pod. */
export type PodAbsence = Readonly<{
  kind: "absent";
  because: "never-scraped" | "one-sample-only" | "container-restarted" | "container-missing";
}>;

export interface SampleReader {
  pod(pod: Uid): PodUsage | PodAbsence;
  /** When this node's kubelet last gave an answer with fresh samples; undefined if it never did. */
  lastAnswer(node: NodeName): MonoMillis | undefined;
}

export interface PodStateReader {
  /**
   * When the last answer of the pod's node arrived; undefined when nothing is known of it. What is read of
   * the pod is the same until that changes.
   */
  podState(pod: Uid): MonoMillis | undefined;
}

/** A node's usage, as metrics-server would answer. */
export type NodeUsage = Readonly<{
  kind: "usage";
  cpu: NanoCores;
  memory: Bytes;
  at: EpochMillis;
  window: Millis;
  arrivedAt: MonoMillis;
}>;

export interface NodeUsageReader {
  node(
    node: NodeName,
  ): NodeUsage | Readonly<{ kind: "absent"; because: "never-scraped" | "one-sample-only" }>;
}

/** One sample as it came: CPU is cumulative, in nanoseconds of one core. */
export type RecentSample = Readonly<{ at: EpochMillis; cpu: number; memory: Bytes }>;

export interface SampleHistory {
  /** What is kept of a container since it last began, oldest first; empty when nothing is. */
  recent(pod: Uid, container: string): readonly RecentSample[];
}
