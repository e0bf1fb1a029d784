/**
 * One real node on a control plane of its own: Debian's containerd and runc, a kubelet of the control plane's version, real
 * containers. When `startNode` returns, the node is Ready, serves TLS with a certificate of the cluster's CA, and has the
 * lane's images. One at a time on a machine; when it is stopped, or whoever started it is gone, nothing of it is left.
 */
import { mkdtempSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import type { Requester } from "../control-plane/api-request.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { freePorts } from "../control-plane/ports.ts";
import { createProcessGroup } from "../control-plane/processes.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { type KubeletChanges, type NodePlace, urlOf } from "./arguments.ts";
import { type Machine, startContainerd } from "./containerd.ts";
import { createKubelet } from "./kubelet.ts";
import { holdMachine } from "./machine/hold.ts";
import { NEXT_PRODUCT, PRODUCT, writeImages } from "./machine/images.ts";
import { fetchRuntime } from "./machine/runtime.ts";

const NAME = "node-a";

export type RealNode = ControlPlane &
  Readonly<{
    name: string;
    /** Of the kubelet, and of pods that use the machine's network. */
    address: string;
    kubeletUrl: string;
    /** The kubelet itself; its certificate is verified against the cluster's CA. Cluster-admin, or a token. */
    kubelet: Requester;
    ctr: Machine["ctr"];
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
    const machine = await startContainerd({ place, runtime, group });
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

/** The first IPv4 address that others could reach. */
export function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

async function importProduct({ ctr }: Machine, file: string): Promise<void> {
  await ctr("images", "import", file);
  await ctr("images", "tag", PRODUCT, NEXT_PRODUCT);
}
