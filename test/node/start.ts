/**
 * One real node on a control plane of its own: Debian's containerd and runc, a kubelet of the control plane's version, real
 * containers. When `startNode` returns, the node is Ready, serves TLS with a certificate of the cluster's CA, and has the
 * lane's images. One at a time on a machine; when it is stopped, or whoever started it is gone, nothing of it is left.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { getPriority, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createRequester, type Requester } from "../control-plane/api-request.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { freePorts } from "../control-plane/ports.ts";
import { createProcessGroup, type ProcessGroup } from "../control-plane/processes.ts";
import { startControlPlane } from "../control-plane/start.ts";
import {
  CONTAINERD_SOCKET, containerdConfiguration, kubeletArguments, kubeletConfiguration, LOOPBACK_NETWORK,
  type KubeletChanges, type NodePlace,
} from "./arguments.ts"; // prettier-ignore
import { preferPods } from "./machine/clean.ts";
import { holdMachine } from "./machine/hold.ts";
import { NEXT_PRODUCT, PRODUCT, writeImages } from "./machine/images.ts";
import { fetchRuntime, type Runtime } from "./machine/runtime.ts";

const run = promisify(execFile);
const mounts = fileURLToPath(new URL("./machine/mounts.ts", import.meta.url));
const READY_MILLIS = 60_000;
const POLL_MILLIS = 100;
const NICENESS = -5;
const NAME = "node-a";

export type RealNode = ControlPlane &
  Readonly<{
    name: string;
    /** Of the kubelet, and of pods that use the machine's network. */
    address: string;
    kubeletUrl: string;
    /** The kubelet itself; its certificate is verified against the cluster's CA. Cluster-admin, or a token. */
    kubelet: Requester;
    /** containerd's own client, for images and containers of Kubernetes. */
    ctr(...args: string[]): Promise<string>;
    /** Containers run on; changes hold until the next restart. Resolves when the kubelet answers again. */
    restartKubelet(changes?: KubeletChanges): Promise<void>;
    stop(): Promise<void>;
  }>;

export type NodeOptions = Readonly<{
  /** Flags of kube-apiserver besides, by name; the default lets it reach pods without a kube-proxy. */
  apiserver?: Readonly<Record<string, string>>;
  kubelet?: KubeletChanges;
}>;

export async function startNode(options: NodeOptions = {}): Promise<RealNode> {
  const { apiserver = { "enable-aggregator-routing": "true" }, kubelet = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-node-"));
  const keeper = await holdMachine(folder);
  const ending: (() => Promise<unknown>)[] = [() => keeper.release()];
  const stop = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(ending.splice(0).map((end) => end()));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  try {
    const preparing = Promise.all([fetchRuntime(), writeImages(join(folder, "images"))]);
    preparing.catch(() => undefined); // told where it is awaited
    const plane = await startPlane(apiserver);
    ending.push(() => plane.stop());
    const [runtime, images] = await preparing;
    const place = await placeOf(folder, plane);
    const group = createProcessGroup(folder);
    ending.push(() => group.stop());
    const machine = await startRuntime({ place, runtime, group });
    for (const file of images.small) await machine.ctr("images", "import", file);
    const started = createKubelet({ place, machine, plane });
    ending.push(() => started.end());
    const product = importProduct(machine, images.product);
    await Promise.all([started.start(kubelet), product]);
    const certs = { ...plane.certs, kubeletAuthority: plane.certs.serverAuthority };
    const { name, address } = place;
    const { request, start: restartKubelet } = started;
    const kubeletUrl = urlOf(place);
    return {
      ...plane,
      certs,
      name,
      address,
      kubeletUrl,
      kubelet: request,
      ctr: machine.ctr,
      restartKubelet,
      stop,
    };
  } catch (trouble) {
    await stop().catch((worse: unknown) => console.error(worse));
    throw trouble;
  }
}

async function startPlane(apiserver: Readonly<Record<string, string>>) {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  const trust = { "kubelet-certificate-authority": "certs/clients.crt" };
  return startControlPlane(found.binaries, { kwok: false, apiserver: { ...trust, ...apiserver } });
}

async function placeOf(folder: string, plane: ControlPlane): Promise<NodePlace> {
  const address = ownAddress();
  if (address === undefined) throw new Error("this machine has no address besides the loopback's");
  const [port = 0, healthPort = 0] = await freePorts(2);
  const kubeconfig = plane.kubeconfigFor({ name: `system:node:${NAME}`, groups: ["system:nodes"] });
  return {
    folder,
    name: NAME,
    address,
    port,
    healthPort,
    kubeconfig,
    clientAuthority: plane.certs.serverAuthority,
  };
}

const urlOf = ({ address, port }: NodePlace): string => `https://${address}:${port}`;

/** The first IPv4 address that others could reach. */
export function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

type Machine = Readonly<{
  /** The arguments of nsenter with which a program runs on the node. */
  inside(command: string, ...args: string[]): string[];
  ctr: RealNode["ctr"];
}>;
type RuntimeParts = Readonly<{ place: NodePlace; runtime: Runtime; group: ProcessGroup }>;

/** containerd, in a mount namespace of the node's own; it answers when this returns. */
async function startRuntime({ place: { folder }, runtime, group }: RuntimeParts): Promise<Machine> {
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("cni"));
  writeFileSync(at("cni/10-lo.conflist"), JSON.stringify(LOOPBACK_NETWORK));
  writeFileSync(at("containerd.toml"), containerdConfiguration(folder, runtime));
  group.start("mounts", "unshare", ["--mount", "--propagation", "private", process.execPath, mounts, folder]);
  const until = (what: string, holds: () => boolean | Promise<boolean>) =>
    Promise.race([eventually(what, holds), group.failed]);
  await until("the node's mounts", () => existsSync(at("mounted")));
  const pid = group.pids["mounts"] ?? 0;
  // containers use what they are told also on a busy machine: they, and who measures them, go before the rest of it
  const first = ["nice", "-n", `${NICENESS - getPriority()}`, "env"];
  const search = `PATH=${runtime.search}:${process.env["PATH"]}`;
  const inside = (command: string, ...args: string[]) => [
    `--mount=/proc/${pid}/ns/mnt`,
    ...first,
    search,
    command,
    ...args,
  ];
  group.start("containerd", "nsenter", inside(runtime.containerd, "--config", at("containerd.toml")));
  const ctr: Machine["ctr"] = async (...args) =>
    (
      await run(
        "nsenter",
        inside(runtime.ctr, "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", ...args),
      )
    ).stdout;
  await until("containerd", () =>
    ctr("version").then(
      () => true,
      () => false,
    ),
  );
  return { inside, ctr };
}

async function importProduct({ ctr }: Machine, file: string): Promise<void> {
  await ctr("images", "import", file);
  await ctr("images", "tag", PRODUCT, NEXT_PRODUCT);
}

type KubeletParts = Readonly<{ place: NodePlace; machine: Machine; plane: ControlPlane }>;

/** `start` ends the one that runs. */
function createKubelet({ place, machine, plane }: KubeletParts) {
  const request = createRequester(plane.folder, urlOf(place));
  let group: ProcessGroup | undefined;
  const end = async (): Promise<void> => group?.stop({ keepFolder: true });
  const isReady = async (): Promise<boolean> => {
    await approveCertificates(plane);
    const { status, body } = await plane.request("GET", `/api/v1/nodes/${place.name}`);
    if (status !== 200 || !isNodeReady(body)) return false;
    return request("GET", "/metrics/resource").then(
      (answer) => answer.status === 200,
      () => false,
    );
  };
  const start = async (changes: KubeletChanges = {}): Promise<void> => {
    await end();
    writeFileSync(join(place.folder, "kubelet.json"), JSON.stringify(kubeletConfiguration(place, changes)));
    group = createProcessGroup(place.folder);
    group.start("kubelet", "nsenter", machine.inside(await kubeletProgram(), ...kubeletArguments(place)));
    const preferring = setInterval(preferPods, POLL_MILLIS); // a kubelet that starts sets it back
    try {
      await Promise.race([eventually("the kubelet", isReady), group.failed]);
    } finally {
      clearInterval(preferring);
    }
  };
  return { request, start, end };
}

async function kubeletProgram(): Promise<string> {
  const found = await findControlPlane(["kubelet"]);
  if (found.kind === "missing") throw new Error(found.reason);
  return found.binaries.kubelet;
}

type ServingRequest = Readonly<{
  metadata: { name: string };
  spec: { signerName: string };
  status?: { conditions?: unknown[] };
}>;

/** As an administrator does who has looked at them. */
async function approveCertificates({ request, kubectl }: ControlPlane): Promise<void> {
  const { body } = await request("GET", "/apis/certificates.k8s.io/v1/certificatesigningrequests");
  for (const { metadata, spec, status } of (body as { items: ServingRequest[] }).items)
    if (spec.signerName === "kubernetes.io/kubelet-serving" && status?.conditions === undefined)
      await kubectl("certificate", "approve", metadata.name);
}

function isNodeReady(node: unknown): boolean {
  const { conditions = [] } = (node as { status: { conditions?: { type: string; status: string }[] } })
    .status;
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not there within ${READY_MILLIS / 1000} s`);
    await wait(POLL_MILLIS);
  }
}
