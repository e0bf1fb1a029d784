/**
 * What a real operator does when the world breaks: killed, paused, refused, cut off. It says so, holds what
 * it cannot judge, and goes on by itself.
 */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import {
  type LogLine,
  type OperatorOptions,
  type OperatorProcess,
  startOperator,
} from "./operator-process.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/plimsoll-system/leases/plimsoll";

let plane: ControlPlane;
let namespace = "";
let here: ReturnType<typeof inNamespace>;
let running: OperatorProcess[] = [];

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
});
afterEach(async () => {
  await Promise.all(running.map((operator) => operator.stop("SIGKILL")));
  running = [];
  await vacate();
  if (namespace !== "") {
    await plane.request("DELETE", `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies`);
    await plane.request("DELETE", `/api/v1/namespaces/${namespace}`);
  }
  namespace = "";
});

/** What a killed process leaves behind runs out by itself; where that is not what is tested, nobody waits for it. */
async function vacate(): Promise<void> {
  await plane.request("DELETE", LEASE);
}

async function start(options: OperatorOptions = {}): Promise<OperatorProcess> {
  const operator = await startOperator(plane, options);
  running.push(operator);
  return operator;
}

/** A Deployment under load that has been scaled up from 2 to 4, its maximum, by the operator. */
async function loaded(prefix: string, window: number): Promise<void> {
  namespace = await plane.namespace(prefix);
  here = inNamespace(plane, namespace);
  const web = { namespace, name: "web" };
  await plane.apply([aWorkload(web, "Deployment", { cpu: "95m" }), aPolicy(web, { window, max: 4 })]);
  await expect.poll(() => here.replicas("deployment/web"), WAIT).toBe(4);
}

const lastAct = async () => (await here.status("web")).recentActs?.[0];
const says = (operator: OperatorProcess, message: RegExp): LogLine | undefined =>
  operator.lines.find((line) => message.test(line.message));
const leads = (operator: OperatorProcess) => says(operator, /^leading/) !== undefined;

describe("killed at once and started again", () => {
  test("keeps its windows: what it wrote before is in the status, and no decrease comes before its time", async () => {
    const first = await start();
    await loaded("restart", 20);
    await expect.poll(async () => (await here.status("web")).horizontal?.history, WAIT).toBeDefined();
    await first.stop("SIGKILL");
    await vacate();
    const lastUp = Date.parse((await lastAct())?.time ?? "");
    await here.load("web", "10m");
    await start();
    await expect.poll(() => here.replicas("deployment/web"), WAIT).toBe(2);
    const decrease = Date.parse((await lastAct())?.time ?? "");
    expect((decrease - lastUp) / 1000, "seconds from the last high recommendation").toBeGreaterThanOrEqual(
      20,
    );
  });

  test("without a history waits one full window, for amnesia is no licence to drop", async () => {
    const first = await start();
    await loaded("amnesia", 15);
    await first.stop("SIGKILL");
    await vacate();
    await here.load("web", "10m");
    const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/web/status`;
    expect((await plane.request("PATCH", path, { body: { status: null } })).status).toBe(200);
    const startedAt = Date.now();
    await start();
    await expect.poll(async () => (await lastAct())?.what, WAIT).toMatch(/^replicas 4 → /);
    const decrease = Date.parse((await lastAct())?.time ?? "");
    expect((decrease - startedAt) / 1000, "seconds from the start").toBeGreaterThanOrEqual(14);
  });
});

describe("two replicas", () => {
  test("one leads; when it is told to end the other follows at once, and nothing is decided twice", async () => {
    const first = await start();
    await expect.poll(() => leads(first), WAIT).toBe(true);
    const second = await start();
    await loaded("handover", 10);
    expect(leads(second)).toBe(false);
    expect(await first.stop("SIGTERM")).toBe(0);
    expect(says(first, /^the Lease is released/)).toBeDefined();
    await expect.poll(() => leads(second), WAIT).toBe(true);
    await here.load("web", "10m");
    await expect.poll(() => here.replicas("deployment/web"), WAIT).toBe(2);
  });

  test("a leader that was stopped for longer than its Lease writes nothing when it wakes", async () => {
    const first = await start();
    await expect.poll(() => leads(first), WAIT).toBe(true);
    const second = await start();
    process.kill(first.pid, "SIGSTOP");
    await expect.poll(() => leads(second), WAIT).toBe(true);
    process.kill(first.pid, "SIGCONT");
    await expect.poll(() => says(first, /^no longer leading/), WAIT).toBeDefined();
    const { body } = await plane.request("GET", LEASE);
    const { holderIdentity } = (body as { spec: { holderIdentity: string } }).spec;
    expect(holderIdentity).toBe(says(second, /^plimsoll starts/)?.["identity"]);
    expect(first.lines.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
  });
});

test("an API server that is gone for a while is waited for: the process stays, and decides again when it is back", async () => {
  const operator = await start();
  await loaded("outage", 10);
  const apiserver = plane.pids["kube-apiserver"] ?? 0;
  process.kill(apiserver, "SIGSTOP");
  try {
    await expect.poll(() => says(operator, /^no longer leading/), WAIT).toBeDefined();
    expect((await operator.get("/livez")).status, "a restart would not help").toBe(200);
    expect((await operator.get("/readyz")).status, "caches were filled once").toBe(200);
  } finally {
    process.kill(apiserver, "SIGCONT");
  }
  await here.load("web", "10m");
  await expect.poll(() => here.replicas("deployment/web"), WAIT).toBe(2);
  expect(operator.lines.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
});

test("kubelets whose certificates it cannot trust are named with the way out, and nothing is scaled down", async () => {
  const first = await start();
  await loaded("certificates", 1);
  await first.stop();
  await here.load("web", "10m");
  const operator = await start({ args: [`--kubelet-certificate-authority=${plane.certs.serverAuthority}`] });
  await expect
    .poll(() => operator.lines.find((line) => line["problem"] === "certificate"), WAIT)
    .toMatchObject({
      level: expect.stringMatching(/warn|error/),
      node: expect.stringContaining("kwok"),
    });
  await expect.poll(() => here.condition("web", "ScalingActive"), WAIT).toMatchObject({ status: "False" });
  expect(await here.replicas("deployment/web")).toBe(4);
});

test("without rights it says what is forbidden, is not ready, and touches nothing", async () => {
  namespace = await plane.namespace("powerless");
  const { kubeconfig } = await plane.serviceAccountKubeconfig(namespace, "default");
  const operator = await start({ kubeconfig });
  await expect.poll(() => says(operator, /cannot be followed/), WAIT).toBeDefined();
  await expect
    .poll(async () => (await operator.get("/readyz?verbose")).text, WAIT)
    .toMatch(/\[-\]cache-pods failed/);
  expect((await operator.get("/livez")).status).toBe(200);
  expect(JSON.stringify(operator.lines)).toMatch(/forbidden/);
});

test("F41 without the CRD it goes on, and picks it up when it is there", async () => {
  await plane.kubectl("delete", "-f", "crds/", "--wait=true");
  const operator = await start();
  await expect
    .poll(() => operator.lines.find((line) => line["kind"] === "scalepolicies"), WAIT)
    .toMatchObject({
      level: "warn",
      problem: expect.stringMatching(/absent|not-found/),
    });
  await plane.kubectl("apply", "-f", "crds/");
  await expect.poll(() => says(operator, /is followed again/), WAIT).toBeDefined();
  await expect.poll(async () => (await operator.get("/readyz")).status, WAIT).toBe(200);
});

test("wrong flags are refused with every problem named, and exit code 2", async () => {
  const operator = await start({ args: ["--kubelet-port=ten", "--log-level=loud"] });
  await expect
    .poll(() => operator.lines.map(({ message }) => message).join("\n"), WAIT)
    .toMatch(/--kubelet-port: "ten"/);
  expect(await operator.ended()).toBe(2);
});

test("a kubeconfig that cannot be used is named, and exit code 3 says that there is no way to the cluster", async () => {
  const operator = await start({ kubeconfig: "/nowhere/kubeconfig" });
  await expect
    .poll(() => says(operator, /no way to the cluster/), WAIT)
    .toMatchObject({
      problem: expect.stringContaining("/nowhere/kubeconfig"),
    });
  expect(await operator.ended()).toBe(3);
});
