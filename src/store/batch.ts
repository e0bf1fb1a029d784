/**
 * What one kubelet's answer brings to the store: plain data, already known to come from the node that these
 * pods run on. A simulated world writes the same.
 */
import type { NodeName, Uid } from "../base/ids.ts";
import type { EpochMillis, Millis, MonoMillis } from "../base/units.ts";

/**
 * One point of one container. `cpu` is cumulative, in nanoseconds of one core, and `memory` in bytes; both
 * are whole and above 0, because a running container has used some of each.
 */
export type ContainerSample = Readonly<{
  container: string;
  cpu: number;
  memory: number;
  /** The kubelet's stamp. */
  at: EpochMillis;
  /** When the container began, in nanoseconds since the epoch; undefined when the kubelet did not say. */
  start: number | undefined;
}>;

export type NodeSample = Readonly<Omit<ContainerSample, "container" | "start">>;

export type PodSamples = Readonly<{
  pod: Uid;
  /** Containers that run as long as the pod does; without one of them the pod has no usage. */
  expected: readonly string[];
  samples: readonly ContainerSample[];
  /** Containers that the answer names, but without a sample that can be used. */
  unusable: readonly string[];
}>;

export type SampleBatch = Readonly<{
  node: NodeName;
  /**
   * Our clock when the answer was whole: the axis of ages. Stamps are the kubelet's, and only measure
   * windows.
   */
  arrivedAt: MonoMillis;
  nodeSample: NodeSample | undefined;
  /** Every pod that the answer names, even without a usable sample: what is not here no longer runs. */
  pods: readonly PodSamples[];
}>;

/** What became of a sample. */
export type SampleFate =
  /** It is the newest of its container, or filled a gap before it. */
  | "kept"
  /** Its stamp is known: the kubelet has not measured again. */
  | "repeated"
  /** It is the first of a container that began anew, or by a clock that was set: all before is forgotten. */
  | "restarted"
  /** It is older than all that is kept, or belongs to a container that has ended. */
  | "stale"
  /** It would mean more usage than any machine has. */
  | "impossible";

export type StoredBatch = Readonly<{
  /** Pods of which at least one container has a new stamp. */
  renewed: readonly Uid[];
  /** Whether the node's own sample has a new stamp. */
  nodeRenewed: boolean;
  fates: Readonly<Record<SampleFate, number>>;
}>;

/** How many nodes and containers have a rate. */
export type StoredPoints = Readonly<{ nodes: number; containers: number }>;

export interface SampleWriter {
  append(batch: SampleBatch): StoredBatch;
  /** Forgets pods and nodes that have not been renewed for `silence`, and says how many pods went. */
  evict(now: MonoMillis, silence?: Millis): number;
}
