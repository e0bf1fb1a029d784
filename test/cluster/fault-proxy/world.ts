/**
 * A namespace with a proxy of its own: operators that are started in it see the policies of this namespace alone, hold a
 * Lease in it, and go to the API server through the proxy, each as a service account of its own. So several worlds run
 * side by side on one control plane.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../control-plane.ts";
import { aPolicy, aWorkload, inNamespace, type PolicyParts } from "../manifests.ts";
import { type OperatorOptions, type OperatorProcess, startOperator } from "../operator-process.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";

export type World = Readonly<{
  plane: ControlPlane;
  namespace: string;
  proxy: FaultProxy;
  here: ReturnType<typeof inNamespace>;
  /** A fresh process, with an account of its own. */
  start(options?: Omit<OperatorOptions, "kubeconfig">): Promise<Started>;
  /** A Deployment of two pods that use so much, and a policy for it. */
  workload(name: string, cpu: string, parts?: PolicyParts): Promise<void>;
  workloads(names: readonly string[], cpu: string, parts?: PolicyParts): Promise<void>;
  /** The Lease as it is; undefined when there is none. */
  lease(): Promise<LeaseObject | undefined>;
  /** Ends its processes and its proxy, and takes policies and namespace away (without waiting for the latter). */
  close(): Promise<void>;
}>;

export type Started = OperatorProcess & Readonly<{ user: string }>;
export type LeaseObject = Readonly<{
  metadata: { resourceVersion: string };
  spec: { holderIdentity?: string; renewTime: string; acquireTime: string; leaseTransitions: number };
}>;

export const LEASE = "plimsoll";

export async function openWorld(plane: ControlPlane, prefix: string): Promise<World> {
  const namespace = await plane.namespace(prefix);
  const proxy = await startFaultProxy(plane, { confine: namespace });
  const running: OperatorProcess[] = [];
  await plane.apply(allRightsIn(namespace));
  const workloads: World["workloads"] = async (names, cpu, parts) => {
    const places = names.map((name) => ({ namespace, name }));
    const objects = places.flatMap((place) => [
      aWorkload(place, "Deployment", { cpu }),
      aPolicy(place, parts),
    ]);
    await plane.apply(objects);
  };
  return {
    plane,
    namespace,
    proxy,
    here: inNamespace(plane, namespace),
    workloads,
    workload: (name, cpu, parts) => workloads([name], cpu, parts),
    async start({ args = [], ...options } = {}) {
      const account = `operator-${running.length}`;
      await plane.request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        body: { metadata: { name: account } },
      });
      const { kubeconfig, user } = await plane.serviceAccountKubeconfig(namespace, account);
      const lease = [
        `--leader-elect-resource-namespace=${namespace}`,
        `--leader-elect-resource-name=${LEASE}`,
      ];
      const started = await startOperator(plane, {
        ...options,
        kubeconfig: proxy.through(kubeconfig),
        args: [...lease, ...args],
      });
      running.push(started);
      return { ...started, user };
    },
    async lease() {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${LEASE}`;
      const { status, body } = await plane.request("GET", path);
      return status === 200 ? (body as LeaseObject) : undefined;
    },
    async close() {
      await Promise.all(running.map((operator) => operator.stop("SIGKILL")));
      proxy.close();
      // at once, for whoever comes next would work on them in a namespace that takes nothing any more
      await plane.request("DELETE", `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies`);
      await plane.request("DELETE", `/api/v1/namespaces/${namespace}`);
    },
  };
}

/** Whether a right is missing is asked elsewhere (rights.test.ts). */
const allRightsIn = (namespace: string): object => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: `${namespace}-operators` },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [
    { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: `system:serviceaccounts:${namespace}` },
  ],
});

const PATIENCE_MILLIS = 150_000;

/** For worlds side by side, where `expect.poll` cannot be used. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MILLIS / 1000} s`);
    await sleep(200);
  }
}

/** The policies of a world whose status does not show this count yet. */
export async function policiesNotAt(world: World, count: number): Promise<readonly string[]> {
  const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${world.namespace}/scalepolicies`;
  type Item = Readonly<{ metadata: { name: string }; status?: { horizontal?: { currentReplicas: number } } }>;
  const { items } = (await world.plane.request("GET", path)).body as { items: Item[] };
  return items
    .filter(({ status }) => status?.horizontal?.currentReplicas !== count)
    .map(({ metadata }) => metadata.name);
}
