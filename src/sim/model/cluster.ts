/**
 * What the parts of the simulated cluster share.
 *
 * Invariant: a node's pods are those whose `node` it is; `workloads` holds exactly the workloads that have
 * an object; `touch` promises that the workload's controller looks at it soon.
 */
import type { NodeName, Uid } from "../../base/ids.ts";
import type { VirtualTime } from "../clock.ts";
import type { Registry } from "./registry.ts";
import type { RunningNode, RunningPod, RunningWorkload } from "./running.ts";
import type { Moment } from "../kubelet/usage.ts";

export type SimCluster = Readonly<{
  time: VirtualTime;
  seed: number;
  registry: Registry;
  nodes: Map<NodeName, RunningNode>;
  workloads: Map<Uid, RunningWorkload>;
  /** The most pods that a namespace may hold; absent: no limit. */
  podQuota: Map<string, number>;
  touch(workload: RunningWorkload): void;
}>;

export const momentOf = ({ time }: SimCluster): Moment => ({ now: time.now(), wall: time.wall() });

export function podsOn({ nodes }: SimCluster, node: NodeName): RunningPod[] {
  return [...(nodes.get(node)?.pods ?? [])];
}
