/**
 * A pod as a decision sees it. The shape (what the spec asks for) is shared between the pods of one
 * template; the rest changes with status.
 */
import type { NodeName } from "../base/ids.ts";
import type { Amounts, EpochMillis, MilliUnits, ResourceName } from "../base/units.ts";
import type { Labels, Meta } from "./object.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";

/**
 * `main`: spec.containers. `sidecar`: an init container with restartPolicy Always, which runs beside them.
 * `init`: any other init container, which has ended before usage counts.
 */
export type ContainerRole = "main" | "sidecar" | "init";

export type ContainerShape = Readonly<{
  name: string;
  role: ContainerRole;
  requests: Amounts;
  limits: Amounts;
  /** Resources whose resize restarts the container (resizePolicy); absent: none. */
  restartsFor?: readonly ResourceName[];
}>;

export type PodShape = Readonly<{
  containers: readonly ContainerShape[];
  /** spec.resources.requests (pod-level resources); undefined when none is set. */
  podRequests: Amounts | undefined;
  /** spec.overhead; an empty record when none is set. */
  overhead: Amounts;
}>;

/** The Ready condition: absent until the kubelet has reported it once. */
export type Readiness = Readonly<{ status: "True" | "False" | "Unknown"; since: EpochMillis }>;

/** A container's last end, if that was for want of memory. */
export type OomKill = Readonly<{
  container: string;
  at: EpochMillis;
  /** The memory request that was in force; undefined: none, or not told. */
  request: MilliUnits | undefined;
}>;

/**
 * What a kubelet has made of a resize (KEP-1287). `proposed`: it has not looked at it yet. `deferred`: it
 * fits the node in principle, and waits. `infeasible`: it never fits this node. `error`: it is granted, and
 * the container runtime did not follow.
 */
export type ResizeState = "proposed" | "deferred" | "infeasible" | "in-progress" | "error";

export type PodResize = Readonly<{
  state: ResizeState;
  since: EpochMillis;
  message: string;
  /** What is granted, where it differs from the spec. */
  allocated: readonly Pick<ContainerShape, "name" | "requests" | "limits">[];
}>;

export type Pod = Readonly<{
  meta: Meta;
  labels: Labels;
  shape: PodShape;
  node: NodeName | undefined;
  phase: PodPhase;
  /** status.startTime: when a kubelet took the pod on. */
  startTime: EpochMillis | undefined;
  readiness: Readiness | undefined;
  /**
   * Since when every main and sidecar container has been running without a break; undefined while any of
   * them is waiting, terminated, or not reported.
   */
  runningSince: EpochMillis | undefined;
  /** Containers whose present or last state is OOMKilled; empty for most pods. */
  oomKills: readonly OomKill[];
  /** Absent while what the spec asks for is what the kubelet has granted and put into force. */
  resize?: PodResize;
  /** Absent: its requests are as it was made; else when we resized it last (metadata.managedFields). */
  resizedAt?: EpochMillis;
}>;
