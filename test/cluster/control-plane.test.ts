/** The ground other tests stand on: what the lane promises about its control plane and its kubelets. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { versionOf } from "../control-plane/binaries.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { Coordinates } from "../control-plane/connection.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { controlPlane } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await controlPlane();
});

test("the API server is the pinned version and ready", async () => {
  const { status, body } = await plane.request("GET", "/version");
  expect(status).toBe(200);
  expect(body).toMatchObject({ gitVersion: versionOf("kubernetes") });
  expect(await plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

describe("a fake kubelet", () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await plane.namespace("kubelet");
  });

  test("runs pods at once, and its answer says what their annotations say", async () => {
    const [node = ""] = await plane.addKwokNodes(1);
    await plane.apply(podOn(node, namespace, { name: "worker", cpu: "250m", memory: "64Mi" }));
    await plane.kubectl("wait", "pod/worker", "-n", namespace, "--for=condition=Ready", "--timeout=30s");
    const memory = () => read(node, "right", "container_memory_working_set_bytes");
    await expect.poll(memory).toBe(64 * 1024 ** 2);

    await plane.setUsage({ namespace, memory: "96Mi" });
    await expect.poll(memory).toBe(96 * 1024 ** 2);
    const cpu = () => read(node, "right", "container_cpu_usage_seconds_total");
    const before = await cpu();
    await expect.poll(cpu).toBeGreaterThan(before);
  });

  test("keeps the start time of a container, where kwok's stock metric lets it grow", async () => {
    const [right = ""] = await plane.addKwokNodes(1);
    const [stock = ""] = await plane.addKwokNodes(1, { metric: "stock" });
    await plane.apply(podOn(right, namespace, { name: "on-right" }));
    await plane.apply(podOn(stock, namespace, { name: "on-stock" }));
    await plane.kubectl("wait", "pod", "--all", "-n", namespace, "--for=condition=Ready", "--timeout=30s");
    const startOnRight = () => read(right, "right", "container_start_time_seconds");
    const startOnStock = () => read(stock, "stock", "container_start_time_seconds");
    await expect.poll(startOnRight).not.toBeNaN();
    await expect.poll(startOnStock).not.toBeNaN();
    const first = await startOnRight();
    const age = Date.now() / 1000 - first;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(60);
    expect(await startOnRight()).toBe(first);
    const grown = await startOnStock();
    expect(await startOnStock()).toBeGreaterThan(grown);
  });

  test("is vouched for by an authority of its own, not by the API server's", async () => {
    const [node = ""] = await plane.addKwokNodes(1);
    await expect(scrape(node, "right", plane.certs.serverAuthority)).rejects.toThrow(/certificate/);
  });

  /** The first sample of that name; NaN while there is none: kwok hears of a new pod a moment after it is ready. */
  async function read(node: string, metric: "right" | "stock", name: string): Promise<number> {
    return sample(await scrape(node, metric), name);
  }

  function scrape(node: string, metric: "right" | "stock", authority = plane.certs.kubeletAuthority) {
    const folder = metric === "right" ? "kubelets" : "nodes";
    const url = `https://127.0.0.1:${plane.ports.kubelet}/metrics/${folder}/${node}/metrics/resource`;
    return get(url, readFileSync(authority));
  }
});

test("anybody can be impersonated by a certificate: user and groups arrive", async () => {
  const kubeconfig = plane.kubeconfigFor({ name: "eve", groups: ["developers", "on-call"] });
  const answer = await plane.kubectlWith({ kubeconfig }, "auth", "whoami", "-o", "json");
  const { userInfo } = (JSON.parse(answer) as { status: { userInfo: object } }).status;
  expect(userInfo).toMatchObject({
    username: "eve",
    groups: ["developers", "on-call", "system:authenticated"],
  });
});

test("the calls of a service account are in the audit log, with what came of them", async () => {
  const namespace = await plane.namespace("audit");
  const { kubeconfig, user } = await plane.serviceAccountKubeconfig(namespace, "default");
  const call = plane.kubectlWith({ kubeconfig }, "get", "deployment", "web", "-n", namespace);
  await expect(call).rejects.toThrow(/Forbidden/);
  const event = { verb: "get", group: "apps", resource: "deployments", namespace, name: "web", status: 403 };
  await expect.poll(() => plane.auditFor(user)).toContainEqual(expect.objectContaining(event));
});

test("two control planes side by side do not meet, and stopping one leaves nothing of it", async () => {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  const other = await startControlPlane(found.binaries);
  const namespace = await other.namespace("elsewhere");
  expect((await plane.request("GET", `/api/v1/namespaces/${namespace}`)).status).toBe(404);
  await other.stop();
  expect(existsSync(other.folder)).toBe(false);
  expect(await listens(other.ports.apiserver)).toBe(false);
  expect(await listens(plane.ports.apiserver)).toBe(true);
});

test("when the process that started it is killed, the control plane ends and its folder goes", async () => {
  const script = fileURLToPath(new URL("../control-plane/hold.ts", import.meta.url));
  const holder = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: holder.stdout }), "line")) as [string];
  const { folder, ports } = JSON.parse(line) as Coordinates;
  expect(await listens(ports.apiserver)).toBe(true);
  holder.kill("SIGKILL");
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
  for (const port of Object.values(ports)) expect(await listens(port)).toBe(false);
});

type PodSketch = Readonly<{ name: string; cpu?: string; memory?: string }>;

function podOn(nodeName: string, namespace: string, { name, cpu = "1m", memory = "1Mi" }: PodSketch): object {
  const annotations = { "kwok.x-k8s.io/usage-cpu": cpu, "kwok.x-k8s.io/usage-memory": memory };
  const spec = { nodeName, containers: [{ name: "main", image: "none" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, annotations }, spec };
}

function sample(text: string, metric: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${metric}{`));
  return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(" ")));
}

function get(url: string, ca: Buffer): Promise<string> {
  return new Promise((settle, fail) => {
    const sent = request(url, { ca, agent: false }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (part: string) => (text += part));
      response.on("end", () => settle(text));
    });
    sent.on("error", fail);
    sent.end();
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => settle(false));
    socket.on("connect", () => {
      socket.destroy();
      settle(true);
    });
  });
}
