/**
 * Plimsoll on the node: the shipped manifest with its one overlay, run by the kubelet from the assembled image.
 */
import { freePorts } from "../control-plane/ports.ts";
import { adminOf } from "../cluster/operator-process.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { established } from "../cluster/crds.ts";
import { counterOf } from "../cluster/rounds.ts";
import { overlayText, type Ports, renderManifest } from "./overlay.ts";
import type { RealNode } from "./start.ts";

export type Installed = Readonly<{
  ports: Ports;
  /** When `kubectl apply` was started, by this machine's clock. */
  began: number;
  /** The same manifest with another tag of the image; resolves when the rollout is over. */
  upgrade(tag: string): Promise<void>;
  /** Resolves when all that the manifest brought is gone. */
  uninstall(): Promise<void>;
  /** The operator's own `/metrics`; the sum over all series of that beginning. */
  counter(series: string): Promise<number>;
  /** Since the operator's process began. */
  decisions(): Promise<number>;
}>;

export async function install(node: RealNode): Promise<Installed> {
  const [secure = 0, health = 0] = await freePorts(2);
  const ports = { secure, health };
  const text = (tag?: string): string =>
    overlayText({ ports, server: node.server, ...(tag !== undefined && { tag }) });
  console.log(`deploy/plimsoll.yaml with this kustomization.yaml:\n\n${text()}`);
  const get = (path: string) => getSecurely({ port: secure, path, client: adminOf(node) });
  const counter = (series: string): Promise<number> => counterOf({ get }, series);
  const began = Date.now();
  await node.apply(await renderManifest(node, text()));
  await established(node, "scalepolicies.plimsoll.dev");
  return {
    ports,
    began,
    async upgrade(tag) {
      await node.apply(await renderManifest(node, text(tag)));
      await node.kubectl("rollout", "status", `deployment/${NAME}`, "-n", NAMESPACE, "--timeout=50s");
    },
    async uninstall() {
      const input = await renderManifest(node, text());
      await node.kubectlWith({ input }, "delete", "-f", "-", "--timeout=50s");
    },
    counter,
    decisions: () => counter("plimsoll_decisions_total"),
  };
}
