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
import { installManifest, until } from "./installation.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

export type Installation = Readonly<{
  /** Where the Service leads. */
  port: number;
  /** An operator with the rights of the manifest, on that port unless told otherwise. */
  start(options?: Readonly<{ args?: readonly string[]; securePort?: number }>): Promise<OperatorProcess>;
}>;

/** Kubelets as kwok has them: one port for all, none of their own in the status of a node. */
export async function installMetricsApi(plane: ControlPlane): Promise<Installation> {
  await installManifest(plane);
  await plane.kubectl("scale", `deployment/${NAME}`, "-n", NAMESPACE, "--replicas=0");
  await plane.kubectl("delete", "lease", "--all", "-n", NAMESPACE);
  const [port = 0] = await freePorts(1);
  await leadTo(plane, port);
  const { kubeconfig } = await operatorKubeconfig();
  return {
    port,
    start: ({ args = [], securePort = port } = {}) =>
      startOperator(plane, {
        kubeconfig,
        securePort,
        args: [
          `--leader-elect-resource-namespace=${NAMESPACE}`,
          "--metrics-api=Auto",
          `--service-port=${port}`,
          ...args,
        ],
      }),
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
