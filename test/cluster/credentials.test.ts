import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { loadConnection, type ConnectionOptions } from "../../src/real/apiserver/connection/connection.ts";
import { createTransport } from "../../src/real/apiserver/http-transport.ts";
import { createScalePort } from "../../src/real/apiserver/scale.ts";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createClock } from "../../src/real/clock.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { wish } from "../builders.ts";

let cluster: ControlPlane;
let namespace: string;
/** A service account that may read and write scales in `namespace`, and nothing else. */
let account: Awaited<ReturnType<ControlPlane["serviceAccountKubeconfig"]>>;

beforeAll(async () => {
  cluster = await controlPlane();
  namespace = await cluster.namespace("credentials");
  await cluster.apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "scaler", namespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "scaler", namespace },
      rules: [{ apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["get", "update"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "scaler", namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "scaler" },
      subjects: [{ kind: "ServiceAccount", name: "scaler", namespace }],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "app", image: "example.com/app" }] },
        },
      },
    },
  ]);
  account = await cluster.serviceAccountKubeconfig(namespace, "scaler");
});

async function open(options: Partial<ConnectionOptions>): Promise<ApiTransport> {
  const ports = { clock: createClock(), log: () => undefined };
  const outcome = await loadConnection({ environment: {}, ports, ...options });
  if (outcome.kind === "unusable") expect.fail(outcome.message);
  const transport = createTransport(outcome.connection, { userAgent: "plimsoll/test" });
  onTestFinished(() => transport.close());
  return transport;
}

const WEB = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

/** Reads and writes the scale, starting over when the Deployment's controller wrote in between. */
async function scaleTo(transport: ApiTransport, replicas: number): Promise<void> {
  const port = createScalePort(transport);
  const scaleOnce = async (): Promise<string> => {
    const read = await port.readScale(namespace, WEB);
    if (read.kind !== "read") expect.fail(JSON.stringify(read));
    return (await port.writeScale(namespace, WEB, read.value, wish(replicas))).kind;
  };
  await expect.poll(scaleOnce).toBe("written");
  expect(await port.readScale(namespace, WEB)).toMatchObject({ value: { replicas } });
}

test("a client certificate scales", async () => {
  await scaleTo(await open({ kubeconfig: cluster.kubeconfig }), 2);
});

test("a kubeconfig with a token file scales, with a service account's rights", async () => {
  await scaleTo(await open({ kubeconfig: account.kubeconfig }), 3);
  const calls = cluster.auditFor(account.user).filter(({ resource }) => resource === "deployments/scale");
  expect(new Set(calls.map(({ verb }) => verb))).toEqual(new Set(["get", "update"]));
});

test("a pod scales with the service account that is mounted into it", async () => {
  const folder = mkdtempSync(join(cluster.folder, "mount-"));
  writeFileSync(join(folder, "token"), readFileSync(account.tokenFile));
  writeFileSync(join(folder, "ca.crt"), readFileSync(cluster.certs.serverAuthority));
  const { hostname, port } = new URL(cluster.server);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  await scaleTo(await open({ environment, serviceAccountFolder: folder }), 4);
});

test("an exec plugin's token scales", async () => {
  const folder = mkdtempSync(join(cluster.folder, "exec-"));
  const config = JSON.parse(readFileSync(account.kubeconfig, "utf8")) as { users: { user: object }[] };
  const apiVersion = "client.authentication.k8s.io/v1";
  const token = readFileSync(account.tokenFile, "utf8");
  const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token } });
  writeFileSync(join(folder, "plugin"), `#!/bin/sh\necho '${credential}'\n`);
  chmodSync(join(folder, "plugin"), 0o755);
  config.users[0]!.user = { exec: { apiVersion, command: "./plugin", interactiveMode: "Never" } };
  writeFileSync(join(folder, "kubeconfig"), JSON.stringify(config));
  const environment = { PATH: process.env["PATH"] };
  await scaleTo(await open({ environment, kubeconfig: join(folder, "kubeconfig") }), 5);
});

test("a token that is not good is refused, and a good one in the same file is taken without a restart", async () => {
  const folder = mkdtempSync(join(cluster.folder, "rotate-"));
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "not-a-token");
  const config = readFileSync(account.kubeconfig, "utf8").replace(account.tokenFile, tokenFile);
  writeFileSync(join(folder, "kubeconfig"), config);
  const transport = await open({ kubeconfig: join(folder, "kubeconfig") });
  const read = () => createScalePort(transport).readScale(namespace, WEB);
  expect(await read()).toMatchObject({ kind: "forbidden", status: 401 });
  writeFileSync(tokenFile, readFileSync(account.tokenFile));
  await expect.poll(async () => (await read()).kind, { timeout: 20_000 }).toBe("read");
});

test("what the rights do not cover is forbidden, with the words of the API server", async () => {
  const port = createScalePort(await open({ kubeconfig: account.kubeconfig }));
  expect(await port.readScale("default", WEB)).toEqual({
    kind: "forbidden",
    status: 403,
    message: expect.stringMatching(/^deployments\.apps "web" is forbidden: User "system:serviceaccount:/),
  });
});

test("who scaled is written into the object", async () => {
  await scaleTo(await open({ kubeconfig: account.kubeconfig }), 6);
  const web = await cluster.kubectl(
    "get",
    "deployment",
    "web",
    "-n",
    namespace,
    "--show-managed-fields",
    "-o=json",
  );
  const { metadata } = JSON.parse(web) as { metadata: { managedFields: object[] } };
  expect(metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: "plimsoll", subresource: "scale", operation: "Update" }),
  );
});
