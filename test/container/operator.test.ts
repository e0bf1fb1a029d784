/**
 * The shipped container beside a real API server: as nobody, on a file system that it cannot write, without a capability, it is
 * alive, scales a Deployment with its ServiceAccount's rights, and ends in time.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, copyFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { forbiddenCalls, installManifest } from "../cluster/installation.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "../cluster/manifests.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { freePorts } from "../control-plane/ports.ts";
import { startControlPlane, type StartedControlPlane } from "../control-plane/start.ts";
import { shippedContainer } from "./shipped.ts";
import { imageUnderTest } from "./under-test.ts";

const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
const END_WITHIN_SECONDS = 5;

let subject: ReturnType<typeof imageUnderTest>;
let plane: StartedControlPlane;
let container: StartedTestContainer;
let health: string;
let user: string;
const folder = mkdtempSync(join(tmpdir(), "plimsoll-container-"));

beforeAll(async () => {
  subject = imageUnderTest();
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  plane = await startControlPlane(found.binaries);
  await plane.addKwokNodes(2);
  await installManifest(plane);
  const [healthPort = 0, securePort = 0] = await freePorts(2);
  health = `http://127.0.0.1:${healthPort}`;
  const { hostname, port } = new URL(plane.server);
  container = await shippedContainer(subject.image, {
    args: [
      `--health-port=${healthPort}`,
      `--secure-port=${securePort}`,
      "--bind-address=127.0.0.1",
      "--metric-resolution=1s",
      "--kubelet-certificate-authority=/kubelets/ca.crt",
    ],
    env: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      POD_NAME: "in-docker",
      POD_NAMESPACE: NAMESPACE,
    },
    mounts: { [ACCOUNT_FOLDER]: await accountFolder(), "/kubelets": kubeletsFolder() },
  }).start();
});
afterAll(async () => {
  await container.stop();
  await plane.stop();
  rmSync(folder, { recursive: true });
});

/** What a kubelet projects for a pod's service account. */
async function accountFolder(): Promise<string> {
  const target = readableFolder("account");
  const { tokenFile, ...account } = await plane.serviceAccountKubeconfig(NAMESPACE, "plimsoll");
  user = account.user;
  copyFileSync(tokenFile, join(target, "token"));
  chmodSync(join(target, "token"), 0o644);
  copyFileSync(plane.certs.serverAuthority, join(target, "ca.crt"));
  writeFileSync(join(target, "namespace"), NAMESPACE);
  return target;
}

function kubeletsFolder(): string {
  const target = readableFolder("kubelets");
  copyFileSync(plane.certs.kubeletAuthority, join(target, "ca.crt"));
  return target;
}

/** The container's user is none of this machine. */
function readableFolder(name: string): string {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, name), { mode: 0o755 });
  return join(folder, name);
}

/** The value that a script leaves, run by Node in the running container. */
async function inContainer(script: string): Promise<unknown> {
  const { output, exitCode } = await container.exec([
    "/nodejs/bin/node",
    "--print",
    `JSON.stringify(${script})`,
  ]);
  if (exitCode !== 0) throw new Error(output);
  return JSON.parse(output);
}

test("it is alive, and then ready", async () => {
  const statusOf = (path: string) => fetch(`${health}${path}`).then(({ status }) => status, () => 0); // prettier-ignore
  await expect.poll(() => statusOf("/livez"), WAIT).toBe(200);
  await expect.poll(() => statusOf("/readyz"), WAIT).toBe(200);
});

test("it runs as nobody, and has no capability to gain", async () => {
  const facts = await inContainer(`
    Object.fromEntries(require("node:fs").readFileSync("/proc/1/status", "utf8").split("\\n").map((line) => line.split(/:\\s+/)))`);
  const none = "0000000000000000";
  expect(facts).toMatchObject({
    Uid: "65532\t65532\t65532\t65532",
    Gid: "65532\t65532\t65532\t65532",
    CapEff: none,
    CapPrm: none,
    CapBnd: none,
    NoNewPrivs: "1",
  });
  const { HostConfig } = await subject.inspect(container.getId());
  expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Privileged: false, CapDrop: ["ALL"] });
  expect(HostConfig.Memory).toBe(384 * 1024 * 1024);
});

test("it can write nothing but /tmp", async () => {
  const outcome = (path: string) =>
    inContainer(`(() => {
      try { require("node:fs").writeFileSync("${path}", ""); return "written" }
      catch ({ code }) { return code }
    })()`);
  expect(await outcome("/tmp/mine")).toBe("written");
  expect(await outcome("/plimsoll/mine")).toBe("EROFS");
  expect(await outcome("/home/nonroot/mine")).toBe("EROFS");
  expect(await outcome(`${ACCOUNT_FOLDER}/token`)).toBe("EROFS");
});

test("it scales a Deployment, with the rights of its ServiceAccount and no others", async () => {
  const namespace = await plane.namespace("container");
  const here = inNamespace(plane, namespace);
  const place = { namespace, name: "web" };
  await plane.apply([aWorkload(place, "Deployment", { cpu: "90m" }), aPolicy(place)]);
  await expect.poll(() => here.replicas("deployment/web"), WAIT).toBeGreaterThanOrEqual(3);
  await expect
    .poll(async () => (await here.status("web")).recentActs?.[0]?.what, WAIT)
    .toMatch(/^replicas \d → \d$/);
  const calls = plane.auditFor(user);
  expect(calls.length).toBeGreaterThan(0);
  expect(forbiddenCalls(calls)).toEqual([]);
});

test("it ends within five seconds of SIGTERM, by itself and without an error", async () => {
  const id = container.getId();
  const since = Math.floor(Date.now() / 1000) - 1;
  await container.stop({ timeout: 60_000, remove: false });
  const until = Math.ceil(Date.now() / 1000) + 1;
  const events = await eventsOf(id, since, until);
  const at = (action: string): number => {
    const found = events.filter(({ Action }) => Action === action);
    expect(found, action).toHaveLength(1);
    return (found[0]?.timeNano ?? 0) / 1e9;
  };
  expect(events.find(({ Action }) => Action === "kill")?.Actor.Attributes["signal"]).toBe("15");
  const seconds = at("die") - at("kill");
  console.log(`container: ended ${seconds.toFixed(1)} s after SIGTERM`);
  expect(seconds).toBeLessThanOrEqual(END_WITHIN_SECONDS);
  const { State } = await subject.inspect(id);
  expect(State).toMatchObject({ Running: false, ExitCode: 0, OOMKilled: false });
});

type DockerEvent = Readonly<{
  Action: string;
  /** Docker's own record of when; a double keeps it to a microsecond. */
  timeNano: number;
  Actor: Readonly<{ Attributes: Readonly<Record<string, string>> }>;
}>;

async function eventsOf(id: string, since: number, until: number): Promise<DockerEvent[]> {
  const span = [`--since=${since}`, `--until=${until}`, `--filter=container=${id}`];
  const lines = await subject.docker("events", ...span, "--format={{json .}}");
  return lines.split("\n").map((line) => JSON.parse(line) as DockerEvent);
}
