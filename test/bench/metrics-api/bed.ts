/**
 * Metrics-server and Plimsoll side by side on one API server, both with the same pods: `v1beta1` leads to the one and `v1` to
 * the other, so that both are behind the aggregator at once.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { openTransport } from "../../cluster/open-api.ts";
import { type OperatorProcess, startOperator } from "../../cluster/operator-process.ts";
import { succeed } from "../../control-plane/api-request.ts";
import type { ControlPlane } from "../../control-plane/connection.ts";
import { startMetricsServer } from "../../control-plane/peers.ts";
import { productEnvironment } from "../../control-plane/product.ts";
import { inLanes, send, serveCrd } from "../../soak/fleet.ts";
import {
  CONTAINERS,
  labelsOf,
  NAMESPACE,
  NODE_PREFIX,
  nodeName,
  nodeOf,
  nodesFor,
  podName,
} from "./fleet.ts";

export type Side = Readonly<{ name: string; pid: number; port: number; version: "v1" | "v1beta1" }>;
export type Bed = Readonly<{ plane: ControlPlane; ours: Side; theirs: Side; stop(): Promise<void> }>;

const AT_ONCE = 16;
const RESOLUTION = "15s";

export async function openBed(plane: ControlPlane, pods: number): Promise<Bed> {
  await serveCrd(plane);
  await makePods(plane, pods);
  const kubelets = await startKubelets(plane, pods);
  const toKubelets = [`--kubelet-port=${kubelets.port}`, "--kubelet-use-node-status-port=false"];
  const operator = await startOperator(plane, {
    env: productEnvironment(),
    ownSession: true,
    args: [`--metric-resolution=${RESOLUTION}`, ...toKubelets],
  });
  const peer = await startMetricsServer(plane, { resolution: RESOLUTION, args: toKubelets });
  await announce(plane, operator);
  return {
    plane,
    ours: { name: "Plimsoll", pid: operator.pid, port: operator.securePort, version: "v1" },
    theirs: { name: "metrics-server", pid: peer.pid, port: peer.port, version: "v1beta1" },
    async stop() {
      await peer.stop();
      await operator.stop();
      kubelets.child.kill();
    },
  };
}

async function makePods(plane: ControlPlane, pods: number): Promise<void> {
  await plane.addKwokNodes(nodesFor(pods), { prefix: NODE_PREFIX });
  await succeed(plane.request, "POST", "/api/v1/namespaces", { body: { metadata: { name: NAMESPACE } } });
  const transport = await openTransport(plane.kubeconfig);
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const containers = CONTAINERS.map((name) => ({ name, image: "registry.example/app" }));
  const create = async (index: number): Promise<void> => {
    const body = {
      metadata: { name: podName(index), labels: labelsOf(index) },
      spec: { nodeName: nodeName(nodeOf(index, pods)), automountServiceAccountToken: false, containers },
    };
    // until the namespace has its service account
    while ((await send(transport, "POST", path, body)) >= 300)
      await new Promise((settle) => setTimeout(settle, 100));
  };
  await inLanes(
    Array.from({ length: pods }, (_, index) => index),
    AT_ONCE,
    create,
  );
  await transport.close();
}

async function startKubelets(
  { folder }: ControlPlane,
  pods: number,
): Promise<{ port: string; child: ChildProcess }> {
  const file = fileURLToPath(new URL("kubelets.ts", import.meta.url));
  const certificate = ["crt", "key"].map((ending) => join(folder, `certs/kubelet.${ending}`));
  const child = spawn(process.execPath, [file, ...certificate, `${pods}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { port, child };
}

/** As metrics-server's own, under the other version. */
async function announce({ request }: ControlPlane, { securePort: port }: OperatorProcess): Promise<void> {
  const service = { namespace: "kube-system", name: "plimsoll-bench", port };
  await succeed(request, "POST", "/api/v1/namespaces/kube-system/services", {
    body: {
      metadata: { name: service.name },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    },
  });
  const spec = {
    group: "metrics.k8s.io",
    version: "v1",
    service,
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 100,
    versionPriority: 100,
  };
  await succeed(request, "POST", "/apis/apiregistration.k8s.io/v1/apiservices", {
    body: { metadata: { name: "v1.metrics.k8s.io" }, spec },
  });
}
