/**
 * A whole control plane of one's own: etcd, kube-apiserver, controller-manager without the HPA, scheduler and kwok, in
 * a folder and on ports of its own. When `startControlPlane` returns, the API server is ready and pods can be made.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  apiserverArguments,
  AUDIT_POLICY,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from "./arguments.ts";
import type { Ports } from "./arguments.ts";
import type { Binaries } from "./binaries.ts";
import { createAuthority, createTokenKeys } from "./certificates.ts";
import type { Identity } from "./certificates.ts";
import { connect } from "./connection.ts";
import type { ControlPlane, Coordinates } from "./connection.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import { freePorts } from "./ports.ts";
import { createProcessGroup } from "./processes.ts";
import type { ProcessGroup } from "./processes.ts";

export type StartedControlPlane = ControlPlane & {
  readonly coordinates: Coordinates;
  /** Ends every program and removes the folder. */
  readonly stop: (options?: { keepFolder?: boolean }) => Promise<void>;
};

const ATTEMPTS = 3;
const READY_MILLIS = 60_000;

export type ControlPlaneOptions = Readonly<{
  /** Made by us and ours to remove; default: a fresh one under the system's temporary folder. */
  folder?: string;
  /** False where nodes are real: kwok takes every node for its own. */
  kwok?: boolean;
  /** Flags of kube-apiserver besides, by name. */
  apiserver?: Readonly<Record<string, string>>;
}>;

export async function startControlPlane(
  binaries: Binaries,
  options: ControlPlaneOptions = {},
): Promise<StartedControlPlane> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "plimsoll-"));
  for (let attempt = 1; ; attempt++) {
    const group = createProcessGroup(folder);
    try {
      const coordinates = await startOnce(binaries, group, { ...options, folder });
      return { ...connect(coordinates), coordinates, stop: group.stop };
    } catch (trouble) {
      await group.stop();
      // somebody took a port between our look and the bind
      if (attempt === ATTEMPTS || !/address already in use/.test(String(trouble))) throw trouble;
    }
  }
}

async function startOnce(
  binaries: Binaries,
  group: ProcessGroup,
  { folder, kwok = true, apiserver: besides }: ControlPlaneOptions & Readonly<{ folder: string }>,
): Promise<Coordinates> {
  const [etcd = 0, etcdPeer = 0, apiserver = 0, kubelet = 0] = await freePorts(4);
  const ports: Ports = { etcd, etcdPeer, apiserver, kubelet };
  const server = `https://127.0.0.1:${apiserver}`;
  mkdirSync(join(folder, "certs"), { recursive: true });
  writeCertificates(folder, server);
  writeFileSync(join(folder, "audit-policy.json"), JSON.stringify(AUDIT_POLICY));
  writeFileSync(join(folder, "audit.log"), "");
  writeFileSync(join(folder, "kwok.yaml"), kwokConfiguration(binaries["kwok-stock.yaml"]));

  group.start("etcd", binaries.etcd, etcdArguments(ports));
  group.start("kube-apiserver", binaries["kube-apiserver"], apiserverArguments(ports, besides));
  const coordinates = { folder, server, kubectl: binaries.kubectl, ports, pids: group.pids };
  const { request } = connect(coordinates);
  const until = (path: string): Promise<void> => Promise.race([answers(request, path), group.failed]);
  await until("/readyz");
  group.start("kube-controller-manager", binaries["kube-controller-manager"], controllerManagerArguments());
  group.start("kube-scheduler", binaries["kube-scheduler"], schedulerArguments());
  if (kwok) group.start("kwok", binaries.kwok, kwokArguments(ports));
  await until("/api/v1/namespaces/default/serviceaccounts/default");
  return { ...coordinates, pids: group.pids };
}

async function answers(request: ControlPlane["request"], path: string): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  while (performance.now() < deadline) {
    const status = await request("GET", path).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error(`${path} was not there within ${READY_MILLIS / 1000} s`);
}

function kwokConfiguration(stockFile: string): string {
  const own = ["metric-kubelet.yaml", "stage-starting.yaml", "stage-lasting.yaml", "stage-resizing.yaml"].map(
    (file) => new URL(`./kwok/${file}`, import.meta.url),
  );
  return [stockFile, ...own].map((file) => readFileSync(file, "utf8")).join("\n---\n");
}

/** Three authorities, so that a test can tell which trust a connection rests on. */
function writeCertificates(folder: string, server: string): void {
  const write = (name: string, identity: Identity): void => {
    writeFileSync(join(folder, "certs", `${name}.crt`), identity.certificate);
    writeFileSync(join(folder, "certs", `${name}.key`), identity.key, { mode: 0o600 });
  };
  const clients = createAuthority("clients");
  const frontProxy = createAuthority("front-proxy-authority");
  const kubelets = createAuthority("kubelets");
  for (const { sealed } of [clients, kubelets]) write(sealed.name, sealed);
  write("front-proxy", frontProxy.sealed);

  const admin = clients.client({ name: "admin", groups: ["system:masters"] });
  write("admin", admin);
  write("aggregator", frontProxy.client({ name: "front-proxy" }));
  const local = ["localhost", "127.0.0.1", "10.0.0.1", "kubernetes.default.svc"];
  write("apiserver", clients.server({ name: "kube-apiserver" }, local));
  write(
    "kubelet",
    kubelets.server({ name: "system:node:kwok", groups: ["system:nodes"] }, ["localhost", "127.0.0.1"]),
  );

  const tokens = createTokenKeys();
  writeFileSync(join(folder, "certs/tokens.key"), tokens.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "certs/tokens.pub"), tokens.publicKey);
  writeFileSync(join(folder, "admin.kubeconfig"), kubeconfigText(server, clients.sealed.certificate, admin));
}
