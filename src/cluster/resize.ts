/**
 * What a kubelet has made of a pod's requests (KEP-1287): desired is in spec, allocated is granted, and between
 * the two lies a resize that is under way, waits for room, or can never be.
 */
import type { EpochMillis } from "../base/units.ts";
import type { ContainerShape } from "./pod.ts";

/**
 * `proposed`: the kubelet has not looked at it yet. `deferred`: it fits the node in principle, and waits.
 * `infeasible`: it never fits this node. `error`: granted, and the container runtime did not follow.
 */
export type ResizeState = "proposed" | "deferred" | "infeasible" | "in-progress" | "error";

export type PodResize = Readonly<{
  state: ResizeState;
  since: EpochMillis;
  message: string;
  /** What is granted, where it differs from the spec. */
  allocated: readonly Pick<ContainerShape, "name" | "requests" | "limits">[];
}>;
