/**
 * A running pod is resized as the API server and a kubelet do it: the spec changes at once, and what is in
 * force a moment later, if the node has room.
 *
 *   spec ──looked at──▶ in force
 *              ├──▶ deferred    the node has no room beside the others: looked at again
 *              └──▶ infeasible  the node has not so much at all
 *
 * Invariant: no container restarts, and what runs keeps what is in force until more is granted.
 */
import { assert } from "../../base/assert.ts";
import { seconds } from "../../base/units.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ResizeState } from "../../cluster/pod.ts";
import { accountWorkload } from "../kubelet/usage.ts";
import type { ContainerBlueprint } from "./blueprint.ts";
import { podShapeOf } from "./blueprint.ts";
import type { SimCluster } from "./cluster.ts";
import { momentOf } from "./cluster.ts";
import { roomFor } from "./placement.ts";
import { objectOf, update } from "./pods.ts";
import type { RunningPod } from "./running.ts";

const LOOKED_AT_AFTER = seconds(1);
const LOOKED_AT_AGAIN_AFTER = seconds(10);

/** Answers the pod as it is now; the caller has checked that the API server would take it. */
export function resizeRunningPod(
  cluster: SimCluster,
  pod: RunningPod,
  containers: readonly ContainerBlueprint[],
): Pod {
  pod.wanted = containers;
  const shape = podShapeOf({ containers, podRequests: pod.blueprint.podRequests });
  update(cluster, pod, { shape, resizedAt: cluster.time.wall(), ...resizeOf(cluster, pod, "proposed") });
  cluster.time.after(LOOKED_AT_AFTER, () => lookAt(cluster, pod, containers));
  const stored = objectOf(cluster, pod);
  assert(stored !== undefined, "a pod that is resized is there");
  return stored;
}

/** Only the newest wish counts. */
function lookAt(cluster: SimCluster, pod: RunningPod, containers: readonly ContainerBlueprint[]): void {
  const stored = objectOf(cluster, pod);
  if (stored === undefined || pod.wanted !== containers) return;
  const room = roomFor(cluster, pod, containers);
  if (room === "now") return grant(cluster, pod, containers);
  const state = room === "later" ? "deferred" : "infeasible";
  if (stored.resize?.state !== state) update(cluster, pod, resizeOf(cluster, pod, state));
  if (room === "later") cluster.time.after(LOOKED_AT_AGAIN_AFTER, () => lookAt(cluster, pod, containers));
}

function grant(cluster: SimCluster, pod: RunningPod, containers: readonly ContainerBlueprint[]): void {
  accountWorkload(pod.workload, cluster.seed, momentOf(cluster));
  pod.blueprint = { ...pod.blueprint, containers };
  pod.wanted = undefined;
  const stored = objectOf(cluster, pod);
  if (stored === undefined) return;
  const { resize: _, ...settled } = stored;
  cluster.registry.put("pods", settled);
}

function resizeOf(cluster: SimCluster, { blueprint }: RunningPod, state: ResizeState): Pick<Pod, "resize"> {
  const message = state === "deferred" ? "Node didn't have enough resource" : "";
  const allocated = podShapeOf(blueprint).containers;
  return { resize: { state, since: cluster.time.wall(), message, allocated } };
}
