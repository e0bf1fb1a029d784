/**
 * What a test does with a running control plane. Made from plain coordinates, so that it works in any process: the one
 * that started the control plane, and every test worker.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { createRequester, type Requester, succeed } from "./api-request.ts";
import { type AuditEvent, readAudit } from "./audit.ts";
import type { Subject } from "./certificates.ts";
import { type TokenKubeconfig, writeTokenKubeconfig, writeUserKubeconfig } from "./kubeconfig.ts";
import { createKwokNodes, type KwokNodeOptions } from "./kwok-node.ts";

export type Coordinates = Readonly<{
  folder: string;
  server: string;
  /** Path of the kubectl that fits the server. */
  kubectl: string;
  ports: Readonly<{ etcd: number; apiserver: number; kubelet: number }>;
  /** By program name; for a test that pauses one (SIGSTOP, SIGCONT). */
  pids: Readonly<Record<string, number>>;
}>;

/** `cpu` per container such as `250m`, `memory` such as `64Mi`; without a selector all pods of the namespace. */
export type Usage = Readonly<{ namespace: string; selector?: string; cpu?: string; memory?: string }>;

export type ControlPlane = Readonly<{
  folder: string;
  server: string;
  ports: Coordinates["ports"];
  pids: Coordinates["pids"];
  /** Path; cluster-admin. */
  kubeconfig: string;
  /** Paths of PEM files: who vouches for the API server, and who for kwok's kubelets. */
  certs: Readonly<{ serverAuthority: string; kubeletAuthority: string; frontProxyAuthority: string }>;
  request: Requester;
  /** kubectl as cluster-admin; resolves to stdout, rejects with stderr. */
  kubectl(...args: string[]): Promise<string>;
  /** kubectl with another kubeconfig and, if wanted, an input for `-f -`. */
  kubectlWith(options: Readonly<{ kubeconfig?: string; input?: string }>, ...args: string[]): Promise<string>;
  /** `kubectl apply -f -` of YAML text or of objects. */
  apply(manifest: string | object | readonly object[], ...args: string[]): Promise<string>;
  /** A fresh namespace whose default service account exists. */
  namespace(prefix?: string): Promise<string>;
  /** Path of a kubeconfig for any user and groups: a client certificate. */
  kubeconfigFor(subject: Subject): string;
  /** A kubeconfig that reads a fresh token of the service account from a file beside it. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<TokenKubeconfig>;
  /** Fake nodes that run any pod at once. */
  addKwokNodes(count: number, options?: KwokNodeOptions): Promise<string[]>;
  /** What the pods that are there use from now on; later ones are told by annotations of their template. */
  setUsage(usage: Usage): Promise<void>;
  /** Calls of a service account (full user name) since a moment (`Date.now()`), from the API server's audit log. */
  auditFor(user: string, since?: number): AuditEvent[];
}>;

const KUBECTL_MILLIS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export function connect(coordinates: Coordinates): ControlPlane {
  const { folder, server, ports, pids } = coordinates;
  const kubeconfig = join(folder, "admin.kubeconfig");
  const kubectlWith: ControlPlane["kubectlWith"] = (options, ...args) =>
    runKubectl(coordinates, { kubeconfig, ...options }, args);
  const kubectl: ControlPlane["kubectl"] = (...args) => kubectlWith({}, ...args);
  const request = createRequester(folder, server);
  return {
    folder,
    server,
    ports,
    pids,
    kubeconfig,
    certs: {
      serverAuthority: join(folder, "certs/clients.crt"),
      kubeletAuthority: join(folder, "certs/kubelets.crt"),
      frontProxyAuthority: join(folder, "certs/front-proxy.crt"),
    },
    request,
    kubectl,
    kubectlWith,
    apply: (manifest, ...args) => kubectlWith({ input: textOf(manifest) }, "apply", "-f", "-", ...args),
    namespace: (prefix = "test") => createNamespace(request, prefix),
    kubeconfigFor: (subject) => writeUserKubeconfig({ folder, server }, subject),
    serviceAccountKubeconfig: (namespace, name) =>
      writeTokenKubeconfig({ folder, server, request }, { namespace, name }),
    addKwokNodes: (count, options = {}) => createKwokNodes(request, count, options),
    setUsage: (usage) => annotateUsage(kubectl, usage),
    auditFor: (user, since = 0) => readAudit(join(folder, "audit.log"), { user, since }),
  };
}

function textOf(manifest: string | object | readonly object[]): string {
  if (typeof manifest === "string") return manifest;
  const objects: readonly object[] = Array.isArray(manifest) ? manifest : [manifest];
  return objects.map((each) => JSON.stringify(each)).join("\n---\n");
}

type Input = Readonly<{ kubeconfig: string; input?: string }>;

function runKubectl({ kubectl, folder }: Coordinates, { kubeconfig, input }: Input, args: readonly string[]) {
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, "kubectl-cache") };
  const options = { env, timeout: KUBECTL_MILLIS, maxBuffer: OUTPUT_BYTES_MAX };
  return new Promise<string>((settle, fail) => {
    const child = execFile(kubectl, args, options, (trouble, stdout, stderr) => {
      if (trouble === null) settle(stdout);
      else fail(new Error(`kubectl ${args.join(" ")}: ${stderr.trim() || trouble.message}`));
    });
    child.stdin?.end(input);
  });
}

async function createNamespace(request: Requester, prefix: string): Promise<string> {
  const body = { metadata: { generateName: `${prefix}-` } };
  const made = await succeed(request, "POST", "/api/v1/namespaces", { body });
  const { name } = (made as { metadata: { name: string } }).metadata;
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  while ((await request("GET", account)).status !== 200)
    await new Promise((settle) => setTimeout(settle, 30));
  return name;
}

async function annotateUsage(kubectl: ControlPlane["kubectl"], usage: Usage): Promise<void> {
  const { namespace, selector, cpu, memory } = usage;
  const which = selector === undefined ? ["--all"] : ["-l", selector];
  const values = Object.entries({ cpu, memory }).flatMap(([resource, value]) =>
    value === undefined ? [] : [`kwok.x-k8s.io/usage-${resource}=${value}`],
  );
  await kubectl("annotate", "pods", "-n", namespace, ...which, "--overwrite", ...values);
}
