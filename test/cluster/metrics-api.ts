/**
 * The metrics API of an installation, behind the real aggregator: the shipped manifest, with its Service pointed to
 * processes of the test in place of the pods, which kwok only pretends to run.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { freePorts } from "../control-plane/ports.ts";
import { operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { startEndpoints } from "./endpoints.ts";
import { installManifest, uninstallManifest, until } from "./installation.ts";
import { aWorkload } from "./manifests.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

export type Installation = Readonly<{
  /** Where the Service leads: to the replicas that are ready. */
  port: number;
  /** Another replica, with the rights of the manifest, announced by `--metrics-api=Auto` unless told otherwise. */
  start(...args: readonly string[]): Promise<OperatorProcess>;
  /** Ends what was started and takes the manifest away. */
  remove(): Promise<void>;
}>;

/** With something on the nodes, for a node that uses nothing has no metrics. */
export async function installMetricsApi(plane: ControlPlane): Promise<Installation> {
  await installManifest(plane);
  await plane.kubectl("scale", `deployment/${NAME}`, "-n", NAMESPACE, "--replicas=0");
  await plane.kubectl("delete", "lease", "--all", "-n", NAMESPACE);
  const namespace = await plane.namespace("busy");
  await plane.apply(aWorkload({ namespace, name: "busy" }, "Deployment", { replicas: 4, cpu: "20m" }));
  const [port = 0] = await freePorts(1);
  await leadTo(plane, port);
  const endpoints = await startEndpoints(port);
  const replicas: OperatorProcess[] = [];
  const { kubeconfig } = await operatorKubeconfig();
  const common = [
    `--leader-elect-resource-namespace=${NAMESPACE}`,
    `--service-port=${port}`,
    "--metrics-api=Auto",
  ];
  return {
    port,
    async start(...args) {
      const replica = await startOperator(plane, { kubeconfig, args: [...common, ...args] });
      endpoints.add(replica);
      replicas.push(replica);
      return replica;
    },
    async remove() {
      await uninstallManifest(plane);
      for (const replica of replicas) await replica.stop();
      endpoints.close();
      await plane.kubectl("delete", "namespace", namespace, "--wait=false");
    },
  };
}

/** A Service that is only a name leads to a process on this machine; its port is the one that is asked. */
async function leadTo(plane: ControlPlane, port: number): Promise<void> {
  await plane.kubectl("delete", "service", NAME, "-n", NAMESPACE);
  const spec = { type: "ExternalName", externalName: "localhost", ports: [{ port }] };
  await plane.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace: NAMESPACE },
    spec,
  });
}

/** Until the aggregator has found both versions to answer, and there is something to print. */
export async function availableMetrics(plane: ControlPlane): Promise<void> {
  await until("both versions available", async () => {
    const condition = "jsonpath={.items[?(@.spec.group=='metrics.k8s.io')].status.conditions[*].status}";
    return (await plane.kubectl("get", "apiservices", "-o", condition)) === "True True";
  });
  await until("metrics of nodes", async () => {
    const { status, body } = await plane.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes");
    return status === 200 && (body as { items: unknown[] }).items.length > 0;
  });
  // what kubectl remembers of discovery may be older than the APIServices
  rmSync(join(plane.folder, "kubectl-cache"), { recursive: true, force: true });
}
