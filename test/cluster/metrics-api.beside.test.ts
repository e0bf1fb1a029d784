/** Beside a real metrics-server, as most clusters have one: nothing of it is touched, unless that is chosen. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Peer, startMetricsServer } from "../control-plane/peers.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { until } from "./installation.ts";
import { WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import type { OperatorProcess } from "./operator-process.ts";

const NODES = "/apis/metrics.k8s.io/v1beta1/nodes";
const API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices";

let plane: ControlPlane;
let installation: Installation;
let metricsServer: Peer;
const running: { operator?: OperatorProcess } = {};

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(1);
  metricsServer = await startMetricsServer(plane);
  installation = await installMetricsApi(plane);
  await until("figures of metrics-server", async () => {
    const { body } = await plane.request("GET", NODES);
    return (body as { items: unknown[] }).items.length > 0;
  });
});
afterAll(async () => {
  await metricsServer.stop();
  await installation.remove();
});

type ApiService = Readonly<{
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
  spec: { service?: { name: string } } & Record<string, unknown>;
}>;

async function apiService(version: string): Promise<ApiService | undefined> {
  const { status, body } = await plane.request("GET", `${API_SERVICE}/${version}.metrics.k8s.io`);
  return status === 200 ? (body as ApiService) : undefined;
}
const serverOf = async (version: string) => (await apiService(version))?.spec.service?.name;

/** As a rolling update does it: the new one is there, and has figures, before the old one goes. */
async function roll(mode: string): Promise<OperatorProcess> {
  const next = await installation.start(`--metrics-api=${mode}`, "--shutdown-delay-duration=3s");
  await expect.poll(() => next.get("/readyz"), WAIT).toMatchObject({ status: 200 });
  await running.operator?.stop();
  return (running.operator = next);
}

/** Asks again and again, as HPAs do, until told to stop; answers with what did not bring metrics. */
function keepAsking() {
  const state = { asked: 0, retried: 0, failed: [] as string[], stopped: false };
  const asking = (async () => {
    while (!state.stopped) {
      const { status, body, headers } = await plane.request("GET", NODES);
      state.asked++;
      const { items = [], message = "" } = body as { items?: unknown[]; message?: string };
      // who is told when to come back does so: client-go, up to ten times
      if (headers["retry-after"] !== undefined) state.retried++;
      else if (items.length === 0) state.failed.push(`${status} ${message} after ${state.asked}`);
      await wait(50);
    }
  })();
  return async () => {
    state.stopped = true;
    await asking;
    return state;
  };
}

test("Auto stays out, says so, and leaves the APIService as it was", async () => {
  const before = await apiService("v1beta1");
  const operator = await roll("Auto");
  const said = () =>
    operator.lines.filter(({ message }) => /another server has the metrics API/.test(message));
  await expect
    .poll(said, WAIT)
    .toMatchObject([{ level: "warn", service: "kube-system/metrics-server", version: "v1beta1" }]);
  // it looks every few seconds, and has found the same again
  const looks = async () =>
    (await operator.get("/metrics")).text.includes("plimsoll_metrics_api_registered 0");
  await expect.poll(looks, WAIT).toBe(true);
  expect((await apiService("v1beta1"))?.spec).toEqual(before?.spec);
  expect((await apiService("v1beta1"))?.metadata.annotations).toEqual(before?.metadata.annotations);
  expect(await apiService("v1")).toBeUndefined();
  expect(said()).toHaveLength(1);
  expect(await plane.kubectl("top", "nodes", "--no-headers")).toMatch(/kwok/);
});

test("Always takes over and Off gives back, and who asks goes on getting metrics", async () => {
  const before = await apiService("v1beta1");
  const stopAsking = keepAsking();
  await roll("Always");
  await expect.poll(() => serverOf("v1beta1"), WAIT).toBe("plimsoll");
  await availableMetrics(plane);
  expect(await plane.kubectl("top", "nodes", "--no-headers")).toMatch(/kwok/);
  await roll("Off");
  await expect.poll(() => serverOf("v1beta1"), WAIT).toBe("metrics-server");
  await expect.poll(() => apiService("v1"), WAIT).toBeUndefined();
  expect((await apiService("v1beta1"))?.spec).toEqual(before?.spec);
  expect((await apiService("v1beta1"))?.metadata.annotations ?? {}).toEqual(
    before?.metadata.annotations ?? {},
  );
  const { asked, retried, failed } = await stopAsking();
  console.log(
    `take-over and back: ${asked} requests, ${retried} told to come back, ${failed.length} without metrics`,
  );
  expect(asked).toBeGreaterThan(20);
  expect(failed).toEqual([]);
});

test("Auto takes it up when metrics-server goes, and leaves it when it comes back", async () => {
  const operator = await roll("Auto");
  await expect
    .poll(() => operator.lines.some(({ message }) => /another server/.test(message)), WAIT)
    .toBe(true);
  await metricsServer.stop();
  await availableMetrics(plane);
  expect([await serverOf("v1"), await serverOf("v1beta1")]).toEqual(["plimsoll", "plimsoll"]);
  // metrics-server's own manifest is applied over whatever is there
  const theirs = { namespace: "kube-system", name: "metrics-server", port: 443 };
  await plane.request("PATCH", `${API_SERVICE}/v1beta1.metrics.k8s.io`, {
    body: { spec: { service: theirs } },
  });
  await expect.poll(() => apiService("v1"), WAIT).toBeUndefined();
  expect(await serverOf("v1beta1")).toBe("metrics-server");
  await plane.request("DELETE", `${API_SERVICE}/v1beta1.metrics.k8s.io`);
});
