/**
 * What others run in our place, beside a control plane: metrics-server behind the aggregator, the HPA in a
 * controller-manager of its own, and the VPA's recommender. Each is a process group with a folder of its own; what it put into the cluster goes
 * with it.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { succeed } from "./api-request.ts";
import { findControlPlane, moduleSource } from "./build.ts";
import type { ControlPlane } from "./connection.ts";
import { freePorts } from "./ports.ts";
import { createProcessGroup } from "./processes.ts";

export type Peer = Readonly<{
  pid: number;
  /** Where its log is. */
  folder: string;
  stop(): Promise<void>;
}>;

export type PeerOptions = Readonly<{
  /** Of whom and where it calls; cluster-admin at the API server unless said otherwise. */
  kubeconfig?: string;
  /** Flags besides, such as `--v=4`; the last one of a name wins. */
  args?: readonly string[];
}>;

const READY_MILLIS = 60_000;

/** Paths of programs beside the control plane's, built when they are not there yet. */
async function findPrograms() {
  const found = await findControlPlane(["metrics-server", "kube-controller-manager"]);
  if (found.kind === "missing") throw new Error(found.reason);
  return found.binaries;
}

/**
 * metrics-server on kwok's kubelets, with its APIService; ready when it answers for nodes. The default is its least
 * resolution. A `standby` scrapes as the other does, and the aggregator does not know it.
 */
export async function startMetricsServer(
  plane: ControlPlane,
  options: PeerOptions & Readonly<{ resolution?: string; standby?: boolean }> = {},
): Promise<Peer & Readonly<{ port: number }>> {
  const { resolution = "10s", kubeconfig = plane.kubeconfig, standby = false, args = [] } = options;
  const { "metrics-server": program } = await findPrograms();
  const [port = 0] = await freePorts(1);
  const peer = startPeer(plane, "metrics-server", program, [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${plane.kubeconfig}`,
    `--authorization-kubeconfig=${plane.kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    "--cert-dir=certificates",
    "--kubelet-use-node-status-port",
    "--kubelet-preferred-address-types=InternalIP",
    `--kubelet-certificate-authority=${plane.certs.kubeletAuthority}`,
    `--metric-resolution=${resolution}`,
    "--kubelet-request-timeout=9s", // it has to be below the resolution
    ...args,
  ]);
  if (standby) return { ...peer, port };
  await announce(plane, port);
  await answers(plane, peer, `${METRICS_API}/nodes`);
  return {
    ...peer,
    port,
    async stop() {
      await plane.request("DELETE", API_SERVICE);
      await plane.request("DELETE", `${SERVICES}/metrics-server`);
      await peer.stop();
    },
  };
}

/** The HPA alone; ready at once, for it only watches. */
export async function startHpaController(
  plane: ControlPlane,
  { kubeconfig = plane.kubeconfig, args = [] }: PeerOptions = {},
): Promise<Peer> {
  const { "kube-controller-manager": program } = await findPrograms();
  return startPeer(plane, "kube-controller-manager", program, [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${plane.kubeconfig}`,
    `--authorization-kubeconfig=${plane.kubeconfig}`,
    "--controllers=horizontal-pod-autoscaler-controller",
    "--leader-elect=false",
    "--secure-port=0",
    ...args,
  ]);
}

/** The recommender of the VPA, with its CRDs; ready at once, and it looks at everything once a minute. */
export async function startVpaRecommender(
  plane: ControlPlane,
  { kubeconfig = plane.kubeconfig, args = [] }: PeerOptions = {},
): Promise<Peer> {
  const found = await findControlPlane(["vpa-recommender"]);
  if (found.kind === "missing") throw new Error(found.reason);
  await plane.kubectl(
    "apply",
    "--server-side",
    "-f",
    join(await moduleSource("vpa"), "deploy/vpa-v1-crd-gen.yaml"),
  );
  await present(plane, "/apis/autoscaling.k8s.io/v1/verticalpodautoscalers");
  const [port = 0] = await freePorts(1);
  return startPeer(plane, "vpa-recommender", found.binaries["vpa-recommender"], [
    `--kubeconfig=${kubeconfig}`,
    `--address=127.0.0.1:${port}`,
    ...args,
  ]);
}

const METRICS_API = "/apis/metrics.k8s.io/v1beta1";
const API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const API_SERVICE = `${API_SERVICES}/v1beta1.metrics.k8s.io`;
const SERVICES = "/api/v1/namespaces/kube-system/services";

/** The aggregator asks a Service; one that is only a name leads to a process on this machine. */
async function announce({ request }: ControlPlane, port: number): Promise<void> {
  await succeed(request, "POST", SERVICES, {
    body: {
      metadata: { name: "metrics-server" },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    },
  });
  await succeed(request, "POST", API_SERVICES, {
    body: {
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { namespace: "kube-system", name: "metrics-server", port },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  });
}

type StartedPeer = Peer & Readonly<{ failed: Promise<never> }>;

function startPeer(
  { folder }: ControlPlane,
  name: string,
  ...[program, args]: [program: string, args: readonly string[]]
): StartedPeer {
  const own = mkdtempSync(join(folder, `${name}-`));
  const group = createProcessGroup(own);
  group.start(name, program, args);
  return { pid: group.pids[name] ?? 0, folder: own, failed: group.failed, stop: () => group.stop() };
}

const answers = (plane: ControlPlane, { failed }: StartedPeer, path: string): Promise<void> =>
  Promise.race([present(plane, path), failed]);

async function present({ request }: ControlPlane, path: string): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  while (performance.now() < deadline) {
    const { status } = await request("GET", path);
    if (status === 200) return;
    await wait(100);
  }
  throw new Error(`${path} was not there within ${READY_MILLIS / 1000} s`);
}
