/**
 * The objects of a large cluster by their number: nodes, Deployments of 30 pods, a policy for each.
 *
 * Invariant: all of it follows from the number of pods, so that processes agree without speaking to each other.
 */
import { type Layout, podNames, uuid, workloadNames } from "../watch-pod.ts";

export type Fleet = Readonly<{ pods: number; workloads: number; layout: Layout }>;

const PODS_PER_NODE = 30;
export const REPLICAS = 30;

export function fleetOf(pods: number): Fleet {
  const nodes = Math.max(1, Math.ceil(pods / PODS_PER_NODE));
  const layout: Layout = { podsPerWorkload: REPLICAS, nodes, containers: ["server"] };
  return { pods, workloads: Math.ceil(pods / REPLICAS), layout };
}

/** Each has an address of its own on this machine. */
export const addressOf = (node: number): string => `127.1.${Math.floor(node / 250)}.${(node % 250) + 1}`;

/** The number of the node that is asked at an address. */
export function nodeAt(address: string): number {
  const [, , third = 0, fourth = 0] = address.replace("::ffff:", "").split(".").map(Number);
  return third * 250 + fourth - 1;
}

export function podsOn(
  node: number,
  { pods, layout }: Fleet,
): readonly { namespace: string; name: string; index: number }[] {
  const found = [];
  for (let index = node; index < pods; index += layout.nodes)
    found.push({ ...podNames(index, layout), index });
  return found;
}

export function nodeObject(node: number, kubeletPort: number): object {
  const capacity = { cpu: "64", memory: "256Gi", pods: "110" };
  return {
    metadata: {
      name: `node-${node}`,
      uid: uuid("c", node),
      resourceVersion: "1000",
      creationTimestamp: STARTED,
      labels: { "kubernetes.io/os": "linux" },
    },
    spec: {},
    status: {
      capacity,
      allocatable: capacity,
      addresses: [{ type: "InternalIP", address: addressOf(node) }],
      conditions: [
        { type: "Ready", status: "True", lastHeartbeatTime: STARTED, lastTransitionTime: STARTED },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    },
  };
}

export function deploymentObject(workload: number, version: number, replicas: number): object {
  const { namespace, app } = workloadNames(workload);
  const labels = { app };
  return {
    metadata: {
      namespace,
      name: app,
      uid: uuid("d", workload),
      resourceVersion: `${version}`,
      generation: 1,
      creationTimestamp: STARTED,
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
    status: {
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      observedGeneration: 1,
    },
  };
}

export function replicaSetObject(workload: number): object {
  const { namespace, app, replicaSet, replicaSetUid } = workloadNames(workload);
  const labels = { app, "pod-template-hash": "5d8f9c7b6d" };
  const controller = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    name: app,
    uid: uuid("d", workload),
    controller: true,
  };
  return {
    metadata: {
      namespace,
      name: replicaSet,
      uid: replicaSetUid,
      resourceVersion: "1000",
      generation: 1,
      creationTimestamp: STARTED,
      labels,
      annotations: { "deployment.kubernetes.io/revision": "1" },
      ownerReferences: [controller],
    },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
    status: { replicas: REPLICAS, observedGeneration: 1 },
  };
}

export type PolicyState = Readonly<{ version: number; status: unknown }>;

export function policyObject(workload: number, { version, status }: PolicyState): object {
  const { namespace, app } = workloadNames(workload);
  return {
    apiVersion: "plimsoll.dev/v1alpha1",
    kind: "ScalePolicy",
    metadata: {
      namespace,
      name: app,
      uid: uuid("e", workload),
      resourceVersion: `${version}`,
      generation: 1,
      creationTimestamp: STARTED,
    },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: app },
      mode: "Active",
      horizontal: {
        minReplicas: 2,
        maxReplicas: 60,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
          },
        ],
      },
    },
    status,
  };
}

const STARTED = "2026-11-25T08:00:00Z";
