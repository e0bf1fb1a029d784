/**
 * Nodes: machines with a kubelet, and what happens to their pods when one dies.
 *
 * Invariant: on a node that is not alive nothing runs; what the cluster knows of it lags behind.
 */
import { must } from "../../base/assert.ts";
import type { NodeName } from "../../base/ids.ts";
import { nodeName, objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { epochMillis, millis, milliUnits, minutes, seconds } from "../../base/units.ts";
import { between, chanceOf } from "../chance.ts";
import type { SimCluster } from "./cluster.ts";
import { momentOf, podsOn } from "./cluster.ts";
import {
  deletePod, finishPod, killStarved, objectOf, setReadiness, setServing, startContainers,
} from "./pods.ts"; // prettier-ignore
import type { RunningNode, Sample } from "./running.ts";
import { CADENCE, accountPods } from "../kubelet/usage.ts";

export type NodeBlueprint = Readonly<{ name: string; cores: number; memory: number }>;

/** Kubernetes' own: lease grace of the node controller, and the default toleration of not-ready nodes. */
const UNKNOWN_AFTER: Millis = seconds(40);
const EVICTED_AFTER: Millis = minutes(5);
const BOOTING: Millis = seconds(10);
/** What the machine uses beside its pods: cores, bytes. */
const SYSTEM = { cores: 0.08, memory: 800_000_000 };

export function addNode(cluster: SimCluster, { name, cores, memory }: NodeBlueprint): void {
  const { registry, time, seed, nodes } = cluster;
  const chance = chanceOf(seed, `node/${name}`);
  nodes.set(nodeName(name), {
    name: nodeName(name),
    cores,
    memory,
    pods: new Set(),
    alive: true,
    answers: true,
    retiredCpu: 1_000 + Math.floor(chance.next() * 10_000),
    sample: undefined,
    sampleDue: time.now(),
    chance,
  });
  registry.put("nodes", {
    meta: registry.newMeta({ namespace: "", name, createdAt: time.wall() }),
    labels: { "kubernetes.io/hostname": name },
    ready: { status: "True", since: time.wall() },
    addresses: [{ type: "InternalIP", address: `10.0.0.${nodes.size}` }],
    kubeletPort: 10_250,
    metricsPath: undefined,
    capacity: { cpu: milliUnits(cores * 1000), memory: milliUnits(memory * 1000) },
  });
}

/** The machine stops: no answers and no work at once, NotReady after 40 s, its pods deleted 5 min later. */
export function killNode(cluster: SimCluster, name: NodeName): void {
  const node = nodeOf(cluster, name);
  for (const pod of podsOn(cluster, name)) setServing(cluster, pod, false);
  node.alive = false;
  cluster.time.after(UNKNOWN_AFTER, () => {
    if (node.alive) return;
    reportReady(cluster, name, "Unknown");
    for (const pod of podsOn(cluster, name)) setReadiness(cluster, pod, "False");
    for (const { workload } of podsOn(cluster, name)) cluster.touch(workload);
  });
  cluster.time.after(millis(UNKNOWN_AFTER + EVICTED_AFTER), () => {
    if (!node.alive) for (const pod of podsOn(cluster, name)) deletePod(cluster, pod);
  });
}

/** The machine is back: pods that were deleted meanwhile end, the others start again. */
export function reviveNode(cluster: SimCluster, name: NodeName): void {
  const node = nodeOf(cluster, name);
  node.alive = true;
  cluster.time.after(BOOTING, () => {
    if (!node.alive) return;
    reportReady(cluster, name, "True");
    for (const pod of podsOn(cluster, name))
      if (objectOf(cluster, pod)?.meta.deleting === true) finishPod(cluster, pod);
      else startContainers(cluster, pod);
  });
}

/** The node's own lines, renewed at the kubelet's cadence. */
export function sampleOf(cluster: SimCluster, node: RunningNode): Sample {
  const { now, wall } = momentOf(cluster);
  while (node.sample === undefined || node.sampleDue <= now) {
    const meters = podsOn(cluster, node.name).flatMap(({ meter }) => meter?.containers ?? []);
    const at = epochMillis(Math.floor(wall - (now - node.sampleDue)));
    const live = meters.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    node.sample = {
      at,
      cpuSeconds: node.retiredCpu + live + (SYSTEM.cores * node.sampleDue) / 1000,
      memory: meters.reduce((sum, { memory }) => sum + memory, SYSTEM.memory),
    };
    node.sampleDue = millis(node.sampleDue + between(node.chance, CADENCE.min, CADENCE.max));
  }
  return node.sample;
}

/** Brings the meters of all pods on this node up to now; what has outgrown its memory limit is killed. */
export function accountNode(cluster: SimCluster, name: NodeName): void {
  accountPods(podsOn(cluster, name), cluster.seed, momentOf(cluster));
  for (const pod of podsOn(cluster, name)) killStarved(cluster, pod);
}

export function nodeOf({ nodes }: SimCluster, name: NodeName): RunningNode {
  return must(nodes.get(name), `node ${name} exists`);
}

function reportReady({ registry, time }: SimCluster, name: NodeName, status: "True" | "Unknown"): void {
  const stored = must(registry.get("nodes", objectKey("", name)), `node ${name} has an object`);
  registry.put("nodes", { ...stored, ready: { status, since: time.wall() } });
}
