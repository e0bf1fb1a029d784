/**
 * What runs in the simulated cluster: the changing side of workloads, pods and nodes that their objects do
 * not show (where load goes, what the counters say).
 *
 * Invariant: a running pod is in its workload's set from its creation to its end, and has a meter while its
 * containers run.
 */
import type { NodeName, ObjectKey, Uid } from "../../base/ids.ts";
import type { EpochMillis, Millis } from "../../base/units.ts";
import type { Random } from "../../base/random.ts";
import type { ContainerBlueprint, WorkloadBlueprint } from "./blueprint.ts";

export type ScalableKind = "deployments" | "statefulsets" | "customs";

export type RunningWorkload = {
  readonly uid: Uid;
  readonly kind: ScalableKind;
  readonly key: ObjectKey;
  /** Names its noise and its chances. */
  readonly name: string;
  blueprint: WorkloadBlueprint;
  /** Counts templates; pods remember which they were made from. */
  revision: number;
  readonly pods: Map<ObjectKey, RunningPod>;
  /** The kubelets show nothing of its containers. */
  metricsBroken: boolean;
  /** A new template is on its way to all pods. */
  rolling: boolean;
  /** When the newest roll-out last came closer to its end, for the progress deadline. */
  progressedAt: Millis;
  /** A controller visit is on its way. */
  visitDue: boolean;
  /** Pods made so far, for their names. */
  podCount: number;
  /** Annotations of its template, and when we wrote it last. */
  annotations: Readonly<Record<string, string>>;
  templateWrittenAt: EpochMillis | undefined;
};

export type RunningPod = {
  readonly key: ObjectKey;
  readonly workload: RunningWorkload;
  /** The ReplicaSet, or the workload itself. */
  readonly owner: Uid;
  readonly revision: number;
  /** Its containers as they are in force. */
  blueprint: WorkloadBlueprint;
  /**
   * What a resize has asked for and its kubelet has not granted: it counts where there is room to be found.
   */
  wanted: readonly ContainerBlueprint[] | undefined;
  /** A StatefulSet's ordinal; otherwise how many pods came before. */
  readonly ordinal: number;
  node: NodeName | undefined;
  /** Ready: takes its share of the load. */
  serving: boolean;
  meter: PodMeter | undefined;
  /** How often its containers were killed. */
  kills: number;
};

export type RunningNode = {
  readonly name: NodeName;
  readonly cores: number;
  readonly memory: number;
  /** Pods that were placed here and are not gone. */
  readonly pods: Set<RunningPod>;
  /** Machine and kubelet run. */
  alive: boolean;
  /** The kubelet's port answers; a node may be silent and yet ready. */
  answers: boolean;
  /** Core-seconds of pods that are gone: the node's own counter never falls. */
  retiredCpu: number;
  /** The cached sample of the node's own lines, and when it is renewed. */
  sample: Sample | undefined;
  sampleDue: Millis;
  readonly chance: Random;
};

export type PodMeter = {
  readonly containers: readonly ContainerMeter[];
  accountedUntil: Millis;
};

export type ContainerMeter = {
  readonly name: string;
  readonly startedAt: EpochMillis;
  cpuSeconds: number;
  memory: number;
  /** It wanted more memory than its limit: the kernel kills it. */
  starved: boolean;
  /** What the kubelet has cached, and when it measures again. */
  sample: Sample | undefined;
  sampleDue: Millis;
  readonly chance: Random;
};

/** Stamped with the time of measuring, not of asking. */
export type Sample = Readonly<{ at: EpochMillis; cpuSeconds: number; memory: number }>;
