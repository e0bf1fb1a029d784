/**
 * The simulated cluster as people touch it: `kubectl`, a release, a broken node. Tests, scenarios and the
 * demo change the world here, and nowhere else.
 *
 * Invariant: a name that is asked for exists; asking for one that does not is a bug of the caller.
 */
import { must } from "../base/assert.ts";
import { nodeName, objectKey } from "../base/ids.ts";
import type { EpochMillis, Millis } from "../base/units.ts";
import { minutes } from "../base/units.ts";
import type { PolicyObject } from "../cluster/workload.ts";
import type { ReportedEvent } from "../report/port.ts";
import type { Manifest } from "./manifest.ts";
import { applyManifest } from "./manifest.ts";
import { servingCount } from "./kubelet/usage.ts";
import type { Load, WorkloadBlueprint } from "./model/blueprint.ts";
import type { SimCluster } from "./model/cluster.ts";
import type { NodeBlueprint } from "./model/nodes.ts";
import { addNode, killNode, nodeOf, reviveNode } from "./model/nodes.ts";
import { endPod, isActive, setReadiness } from "./model/pods.ts";
import type { RunningPod, RunningWorkload } from "./model/running.ts";
import * as workloads from "./model/workloads.ts";
import type { ApiState, ScaleWrite } from "./ports/api.ts";

/** How long a workload of the first hour has been running. */
const SETTLED: Millis = minutes(60);

/** Replicas of a workload: asked for, there, and ready. */
export type ReplicaCounts = Readonly<{ wanted: number; pods: number; ready: number }>;

/**
 * Of all containers of a pod together: the least and the most that a pod of it has in force, in millicores.
 */
export type RequestSpan = Readonly<{ least: number; most: number; rollouts: number }>;

export type Ending = Readonly<{ count: number; phase: "Succeeded" | "Failed" }>;

export interface SimModel {
  /** Creates or replaces a ScalePolicy, or someone else's HorizontalPodAutoscaler. */
  apply(manifest: Manifest): void;
  deletePolicy(namespace: string, name: string): void;
  deleteAutoscaler(namespace: string, name: string): void;
  policy(namespace: string, name: string): PolicyObject | undefined;
  /** Someone with the right to it writes a policy's status: a restore, or a hostile hand. */
  editStatus(namespace: string, name: string, edit: (status: unknown) => unknown): void;

  /** `settled`: its pods have been ready for an hour. Otherwise they start now. */
  addWorkload(blueprint: WorkloadBlueprint, how: "settled" | "starting"): void;
  removeWorkload(namespace: string, name: string): void;
  /** Someone scales by hand. */
  scale(namespace: string, name: string, replicas: number): void;
  rollOut(namespace: string, name: string, change: workloads.Template): void;
  setLoad(namespace: string, name: string, load: Partial<Load>): void;
  /** Some pods, oldest first, end with this phase, and their objects stay. */
  endPods(namespace: string, name: string, ending: Ending): void;
  /** Some pods, oldest first, fail or pass their readiness probes from now on. */
  setReady(namespace: string, name: string, change: Readonly<{ count: number; ready: boolean }>): void;
  setPaused(namespace: string, name: string, paused: boolean): void;
  /** Kubelets leave the workload's containers out, or show them again. */
  setMetricsBroken(namespace: string, name: string, broken: boolean): void;
  /** The most pods that a namespace may hold; undefined lifts the quota. */
  setPodQuota(namespace: string, pods: number | undefined): void;
  replicas(namespace: string, name: string): ReplicaCounts;
  /** CPU requests of its pods, and how often its template was changed. */
  requests(namespace: string, name: string): RequestSpan;

  addNode(node: NodeBlueprint): void;
  killNode(name: string): void;
  reviveNode(name: string): void;
  /** The kubelet stops answering while its node stays ready, or answers again. */
  setNodeSilent(name: string, silent: boolean): void;
  nodeNames(): readonly string[];

  /** Somebody deletes the Lease by which operators agree on who leads. */
  deleteLease(): void;

  podCount(): number;
  /** What was written through the scale subresource, and what was told, oldest first. */
  writes(): readonly ScaleWrite[];
  events(): readonly ReportedEvent[];
  /** Of a long run: leaves out writes before a moment, and all events so far. */
  forget(before: EpochMillis): void;
}

export function createModel(cluster: SimCluster, api: ApiState): SimModel {
  return {
    ...policiesOf(cluster),
    ...workloadsOf(cluster),
    ...nodesOf(cluster),
    deleteLease() {
      const { lease } = api.lease;
      if (lease !== undefined) api.lease.deleted = { lease, at: cluster.time.now() };
      api.lease.lease = undefined;
    },
    podCount: () => cluster.registry.count("pods"),
    writes: () => api.writes,
    events: () => api.events,
    forget(before) {
      const kept = api.writes.findIndex(({ at }) => at >= before);
      api.writes.splice(0, kept < 0 ? api.writes.length : kept);
      api.events.length = 0;
    },
  };
}

function policiesOf(
  cluster: SimCluster,
): Pick<SimModel, "apply" | "deletePolicy" | "deleteAutoscaler" | "policy" | "editStatus"> {
  const { registry } = cluster;
  return {
    apply: (manifest) => applyManifest(cluster, manifest),
    deletePolicy: (namespace, name) => registry.remove("scalepolicies", objectKey(namespace, name)),
    deleteAutoscaler: (namespace, name) =>
      registry.remove("horizontalpodautoscalers", objectKey(namespace, name)),
    policy: (namespace, name) => registry.get("scalepolicies", objectKey(namespace, name)),
    editStatus(namespace, name, edit) {
      const stored = registry.get("scalepolicies", objectKey(namespace, name));
      if (stored !== undefined) registry.put("scalepolicies", { ...stored, status: edit(stored.status) });
    },
  };
}

type WorkloadTouches = Pick<
  SimModel,
  | "addWorkload"
  | "removeWorkload"
  | "scale"
  | "rollOut"
  | "setLoad"
  | "endPods"
  | "setReady"
  | "setPaused"
  | "setMetricsBroken"
  | "setPodQuota"
  | "replicas"
  | "requests"
>;

function workloadsOf(cluster: SimCluster): WorkloadTouches {
  const find = (namespace: string, name: string): RunningWorkload =>
    must(
      [...cluster.workloads.values()].find(({ key }) => key === objectKey(namespace, name)),
      `workload ${namespace}/${name} exists`,
    );
  const activePods = ({ pods }: RunningWorkload): RunningPod[] =>
    [...pods.values()].filter((pod) => isActive(cluster, pod));
  return {
    addWorkload(blueprint, how) {
      workloads.addWorkload(cluster, blueprint, how === "settled" ? SETTLED : minutes(0));
    },
    removeWorkload: (namespace, name) => workloads.removeWorkload(cluster, find(namespace, name)),
    scale(namespace, name, replicas) {
      workloads.setReplicas(cluster, find(namespace, name), { replicas, manager: "kubectl" });
    },
    rollOut: (namespace, name, change) => workloads.rollOut(cluster, find(namespace, name), change),
    setLoad: (namespace, name, load) => workloads.setLoad(cluster, find(namespace, name), load),
    endPods(namespace, name, { count, phase }) {
      for (const pod of activePods(find(namespace, name)).slice(0, count)) endPod(cluster, pod, phase);
    },
    setReady(namespace, name, { count, ready }) {
      const pods = activePods(find(namespace, name)).filter(({ serving }) => serving !== ready);
      for (const pod of pods.slice(0, count)) setReadiness(cluster, pod, ready ? "True" : "False");
    },
    setPaused: (namespace, name, paused) => workloads.setPaused(cluster, find(namespace, name), paused),
    setMetricsBroken(namespace, name, broken) {
      find(namespace, name).metricsBroken = broken;
    },
    setPodQuota(namespace, pods) {
      if (pods === undefined) cluster.podQuota.delete(namespace);
      else cluster.podQuota.set(namespace, pods);
    },
    replicas(namespace, name) {
      const workload = find(namespace, name);
      const { replicas: wanted } = workloads.objectOfWorkload(cluster, workload);
      return { wanted, pods: workload.pods.size, ready: servingCount(workload) };
    },
    requests(namespace, name) {
      const { pods, revision } = find(namespace, name);
      const sums = [...pods.values()].map(({ blueprint }) =>
        blueprint.containers.reduce((sum, { requests }) => sum + (requests.cpu ?? 0), 0),
      );
      return { least: Math.min(...sums), most: Math.max(...sums), rollouts: revision - 1 };
    },
  };
}

function nodesOf(
  cluster: SimCluster,
): Pick<SimModel, "addNode" | "killNode" | "reviveNode" | "setNodeSilent" | "nodeNames"> {
  return {
    addNode: (node) => addNode(cluster, node),
    killNode: (name) => killNode(cluster, nodeName(name)),
    reviveNode: (name) => reviveNode(cluster, nodeName(name)),
    setNodeSilent(name, silent) {
      nodeOf(cluster, nodeName(name)).answers = !silent;
    },
    nodeNames: () => [...cluster.nodes.keys()],
  };
}
