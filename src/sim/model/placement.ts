/**
 * Where a pod goes.
 *
 * Invariant: a pod is placed only on a node that is ready and has room for its requests.
 */
import type { NodeName } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { ResourceName } from "../../base/units.ts";
import type { ContainerBlueprint } from "./blueprint.ts";
import type { SimCluster } from "./cluster.ts";
import { podsOn } from "./cluster.ts";
import type { RunningNode, RunningPod } from "./running.ts";

/** The kubelet's default. */
const PODS_MAX = 110;

/** The node that runs the fewest pods of this workload, then the fewest at all, of those with room. */
export function pickNode(cluster: SimCluster, pod: RunningPod): NodeName | undefined {
  const ranked = [...cluster.nodes.values()]
    .filter((node) => node.alive && isReady(cluster, node.name))
    .map((node) => ({ node, pods: podsOn(cluster, node.name) }))
    .filter(({ node, pods }) => hasRoom(node, pods, pod))
    .map(({ node, pods }) => ({ node, own: pods.filter((p) => p.workload === pod.workload).length, pods }))
    .toSorted((a, b) => a.own - b.own || a.pods.length - b.pods.length);
  return ranked[0]?.node.name;
}

function hasRoom(node: RunningNode, pods: readonly RunningPod[], pod: RunningPod): boolean {
  const asked = (resource: ResourceName): number =>
    [...pods, pod].reduce((sum, p) => sum + requestOf(p, resource), 0);
  return pods.length < PODS_MAX && asked("cpu") <= node.cores && asked("memory") <= node.memory;
}

/** In cores or bytes: what is in force, or what a resize waits for where that is more. */
function requestOf({ blueprint, wanted = [] }: RunningPod, resource: ResourceName): number {
  return Math.max(sumOf(blueprint.containers, resource), sumOf(wanted, resource));
}

const sumOf = (containers: readonly ContainerBlueprint[], resource: ResourceName): number =>
  containers.reduce((sum, { requests }) => sum + (requests[resource] ?? 0) / 1000, 0);

/**
 * Whether a pod with these containers has room on its node: beside the others; on the empty node; or not even
 * so.
 */
export function roomFor(
  cluster: SimCluster,
  pod: RunningPod,
  containers: readonly ContainerBlueprint[],
): "now" | "later" | "never" {
  const node = pod.node === undefined ? undefined : cluster.nodes.get(pod.node);
  if (node === undefined) return "never";
  const asked = (pods: readonly RunningPod[], resource: ResourceName): number =>
    pods.reduce((sum, other) => sum + requestOf(other, resource), sumOf(containers, resource));
  const fits = (pods: readonly RunningPod[]): boolean =>
    asked(pods, "cpu") <= node.cores && asked(pods, "memory") <= node.memory;
  if (fits(podsOn(cluster, node.name).filter((other) => other !== pod))) return "now";
  return fits([]) ? "later" : "never";
}

function isReady({ registry }: SimCluster, name: NodeName): boolean {
  return registry.get("nodes", objectKey("", name))?.ready?.status === "True";
}
