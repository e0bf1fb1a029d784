/**
 * What a report is about: the workloads of a cluster as its objects show them at one moment, with who scales
 * them. Nothing here was measured.
 *
 * Invariant: an amount that is not set is absent, never 0.
 */
import type { Bytes, EpochMillis, RequestAmounts, ResourceName } from "../base/units.ts";
import type { Labels } from "../cluster/object.ts";
import type { ContainerRole } from "../cluster/pod.ts";
import type { VerticalSpec } from "../policy/vertical/spec.ts";
import type { ContainerRecommendation } from "../vertical/proposal.ts";

/** What owns the pods in the end: a Deployment and not its ReplicaSet. A pod without an owner is its own. */
export type WorkloadRef = Readonly<{ namespace: string; kind: string; name: string }>;

export type Subject = Readonly<{
  workload: WorkloadRef;
  labels: Labels;
  /** Names of its pods that have not ended. */
  pods: readonly string[];
  /** As most of its pods have them; of the template where it has no pods. */
  containers: readonly SubjectContainer[];
  scalers: readonly Scaler[];
  /** `spec.vertical` of its policy; undefined: the defaults. */
  vertical: VerticalSpec | undefined;
  /** What the operator shows in the status of its policy, by container. */
  shown: readonly ContainerRecommendation[];
  /** Requests that the operator wrote stand beside the base that utilization means. */
  annotated: boolean;
}>;

export type SubjectContainer = Readonly<{
  name: string;
  role: ContainerRole;
  requests: RequestAmounts;
  limits: RequestAmounts;
  /** Over all its pods that are there now. */
  restarts: number;
  oomKills: readonly Readonly<{ pod: string; at: EpochMillis; request: Bytes | undefined }>[];
}>;

/** Who sets the number of replicas. */
export type Scaler = Readonly<{
  kind: "HorizontalPodAutoscaler" | "ScalePolicy";
  name: string;
  minReplicas: number;
  maxReplicas: number;
  createdAt: EpochMillis;
  lastScaledAt: EpochMillis | undefined;
  marks: readonly Mark[];
  /** It follows something beside `marks`: how many pods it needs cannot be told from usage. */
  followsMore: boolean;
  /** It wants more than `maxReplicas` (ScalingLimited, TooManyReplicas). */
  limitedByMax: boolean;
}>;

/** A utilization that someone scales on, in percent of the request; of one container or of the whole pod. */
export type Mark = Readonly<{
  resource: ResourceName;
  container: string | undefined;
  percent: number;
  /** What it is now, as its scaler says. */
  current: number | undefined;
}>;

export type Survey = Readonly<{
  subjects: readonly Subject[];
  /** What could not be read, and what the report lacks for that. */
  problems: readonly string[];
}>;

export const workloadKey = ({ namespace, kind, name }: WorkloadRef): string => `${namespace}/${kind}/${name}`;
