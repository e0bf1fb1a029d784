/**
 * What is asked of the VPA's code and of ours, as the JSON that the program in vpa/ reads. Amounts are whole
 * millicores and bytes, times milliseconds since the Unix epoch.
 */
import type { ContainerPolicy } from "../../../src/policy/vertical/spec.ts";

export type AmountsCase = Readonly<{ cpu?: number; memory?: number }>;

/** One sample every so often of one pod's container; usages are taken in turn. */
export type SamplesStep = Readonly<{
  pod: number;
  container: number;
  from: number;
  every: number;
  count: number;
  cpu: readonly number[];
  memory: readonly number[];
}>;
export type OomStep = Readonly<{ pod: number; container: number; at: number; request: number }>;
export type Step =
  | Readonly<{ samples: SamplesStep }>
  | Readonly<{ oom: OomStep }>
  /** A restart through the VPA's checkpoints, at this moment. */
  | Readonly<{ restart: number }>
  /** A restart of ours through our own checkpoints, which must change nothing: upstream just goes on. */
  | Readonly<{ handover: number }>
  /** The pod is deleted. */
  | Readonly<{ gone: number }>;

export type PolicyCase = Pick<
  ContainerPolicy,
  "container" | "mode" | "controlledResources" | "controlledValues"
> &
  Readonly<{ minAllowed: AmountsCase; maxAllowed: AmountsCase }>;

export type RecommendationCase = Readonly<{
  halfLives: Readonly<{ cpu: number; memory: number }>;
  containers: readonly string[];
  /** The revision of each pod. */
  pods: readonly number[];
  steps: readonly Step[];
  policies: readonly PolicyCase[];
  settings: Readonly<{
    cpuPercentile: number;
    memoryPercentile: number;
    margin: number;
    minCPU: number;
    minMemoryMb: number;
    roundCPU: number;
    roundMemory: number;
    maxAllowed: AmountsCase;
  }>;
}>;

export type FitAmounts = Readonly<{ target: AmountsCase; lower: AmountsCase; upper: AmountsCase }>;
export type FitCase = Readonly<{
  containers: readonly Readonly<{
    name: string;
    requests: AmountsCase;
    limits: AmountsCase;
    recommended: FitAmounts | null;
  }>[];
  policies: readonly PolicyCase[];
  limitRanges: readonly Readonly<{
    type: "Pod" | "Container";
    min: AmountsCase;
    max: AmountsCase;
    default: AmountsCase;
  }>[];
}>;

export type BucketCase = Readonly<{ cpu: readonly number[]; memory: readonly number[] }>;

export type VpaCase =
  | Readonly<{ kind: "recommendation"; asked: RecommendationCase }>
  | Readonly<{ kind: "fit"; asked: FitCase }>
  | Readonly<{ kind: "bucket"; asked: BucketCase }>;

/** `status` of a VerticalPodAutoscalerCheckpoint. */
export type CheckpointStatus = Readonly<{
  version: string;
  cpuHistogram: HistogramStatus;
  memoryHistogram: HistogramStatus;
  firstSampleStart: string | null;
  lastSampleStart: string | null;
  totalSamplesCount?: number;
}>;
export type HistogramStatus = Readonly<{
  referenceTimestamp: string | null;
  bucketWeights?: Readonly<Record<string, number>>;
  totalWeight?: number;
}>;

export type ContainerAnswer = Readonly<{
  name: string;
  target: AmountsCase;
  lower: AmountsCase;
  upper: AmountsCase;
  uncapped: AmountsCase;
  /** Of the target. */
  texts: Readonly<Record<string, string>>;
}>;

export type VpaAnswers = {
  recommendation: Readonly<{
    containers: readonly ContainerAnswer[];
    /** By restart and container name. */
    checkpoints: readonly Readonly<Record<string, CheckpointStatus>>[];
    /** What would be written at the end, open windows included. */
    final: Readonly<Record<string, CheckpointStatus>>;
  }>;
  fit: Readonly<{
    panic?: string;
    fitted: Readonly<Record<string, FitAmounts>> | null;
    limits: Readonly<Record<string, AmountsCase>> | null;
  }>;
  bucket: BucketCase;
};
