/**
 * What is asked of both sides, as the JSON that the upstream program reads (upstream/main.go). All times are whole
 * seconds before the moment of the question.
 */
import type { ContainerRole, PodPhase } from "../../src/cluster/pod.ts";
import type { VpaAnswers, VpaCase } from "./vertical/case.ts";

export type AmountTexts = Readonly<{ cpu?: string; memory?: string }>;
export type ShapeCase = Readonly<{
  containers: readonly Readonly<{ name: string; role: ContainerRole; requests: AmountTexts }>[];
  podRequests: AmountTexts;
  overhead: AmountTexts;
}>;
export type PodCase = Readonly<{
  /** Index into the shapes. */
  shape: number;
  phase: PodPhase;
  deleting: boolean;
  startedAgo: number | null;
  ready: "True" | "False" | "Unknown" | "";
  readyAgo: number;
  sample: Readonly<{
    ago: number;
    window: number;
    /** `cpu` in nanocores as `123n`, `memory` in bytes. */
    containers: readonly Readonly<{ name: string; cpu: string; memory: string }>[];
  }> | null;
}>;
export type ReplicasCase = Readonly<{
  current: number;
  resource: "cpu" | "memory";
  /** "" follows the whole pod. */
  container: string;
  /** Percent; null when `averageValue` is the target. */
  utilization: number | null;
  averageValue: string;
  toleranceDown: number;
  toleranceUp: number;
  cpuInit: number;
  readyDelay: number;
  shapes: readonly ShapeCase[];
  pods: readonly PodCase[];
}>;
export type SelectorCase = Readonly<{ text: string; labels: readonly Readonly<Record<string, string>>[] }>;

/** Of Kubernetes' own code, and of the VPA's. */
export type Case = HpaCase | VpaCase;
export type HpaCase =
  | Readonly<{ kind: "replicas"; asked: ReplicasCase }>
  | Readonly<{ kind: "quantity"; asked: string }>
  | Readonly<{ kind: "selector"; asked: SelectorCase }>;

export type Answers = VpaAnswers & {
  replicas: Readonly<{ error?: string; replicas: number; utilization: number | null; average: string }>;
  quantity: Readonly<{ error?: string; text: string; milli: string }>;
  selector: Readonly<{ error?: string; matches: readonly boolean[] }>;
};
export type Answer = Answers[Case["kind"]];
