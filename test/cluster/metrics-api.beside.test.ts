/** Beside a real metrics-server, as most clusters have one: nothing of it is touched, unless that is chosen. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMetricsServer } from "../control-plane/peers.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";
import { until } from "./installation.ts";
import { WAIT } from "./manifests.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import { adminOf, type OperatorProcess } from "./operator-process.ts";

const API = "/apis/metrics.k8s.io/v1beta1";
const NODES = `${API}/nodes`;
const API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices";

let plane: ControlPlane;
let installation: Installation;
let metricsServer: Awaited<ReturnType<typeof startMetricsServer>>;
const running: { operator?: OperatorProcess } = {};

beforeAll(async () => {
  plane = await ownControlPlane();
  await plane.addKwokNodes(1);
  metricsServer = await startMetricsServer(plane);
  installation = await installMetricsApi(plane);
  // two of its ticks, and one more where a busy machine makes a kubelet late
  for (const _ of [1, 2])
    await until("figures of metrics-server", async () => (await figures()) === 4).catch(() => undefined);
  await until("figures of metrics-server", async () => (await figures()) === 4);
});
/** Of the four pods that are there, through the aggregator. */
async function figures(): Promise<number> {
  const { body } = await plane.request("GET", `${API}/pods?labelSelector=app%3Dbusy`);
  return (body as { items?: unknown[] }).items?.length ?? 0;
}

afterAll(async () => {
  await metricsServer.stop();
  await installation.remove();
  await endOwnControlPlane();
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
  const state = {
    asked: 0,
    retried: 0,
    failed: [] as string[],
    stopped: false,
    goodAt: performance.now(),
    longestGap: 0,
  };
  const asking = (async () => {
    while (!state.stopped) {
      const { status, body, headers } = await plane.request("GET", NODES);
      state.asked++;
      const { items = [] } = body as { items?: unknown[] };
      // who is told when to come back does so: client-go, up to ten times
      if (headers["retry-after"] !== undefined) state.retried++;
      else if (items.length === 0) state.failed.push(`${state.asked}: ${status} ${JSON.stringify(body)}`);
      if (items.length > 0) state.goodAt = performance.now();
      state.longestGap = Math.max(state.longestGap, performance.now() - state.goodAt);
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
  const direct = () => told(operator.securePort, NODES, "application/json");
  await expect.poll(direct, WAIT).toMatchObject({ code: 200 }); // the port answers in any case
  expect(said()).toHaveLength(1);
  const events = () =>
    plane.kubectl(
      "get",
      "events",
      "-n",
      "default",
      "--field-selector=reason=LeftToOther",
      "-o",
      "jsonpath={.items[*].involvedObject.name}",
    );
  await expect.poll(events, WAIT).toContain("v1beta1.metrics.k8s.io");
  expect(await plane.kubectl("top", "nodes", "--no-headers")).toMatch(/kwok/);
});

const AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
const PODS = `${API}/namespaces/default/pods`;

/** What a client is told: all of a refusal but the words that are each server's own, and of a success its shape. */
async function told(port: number, path: string, accept: string): Promise<unknown> {
  const client = adminOf(plane);
  const { status, text } = await getSecurely({ port, path, headers: { accept }, client });
  const body = JSON.parse(text) as Record<string, unknown>;
  const message = [400, 406].includes(status) ? "" : body["message"];
  const names = (body["items"] as { metadata: { name: string } }[] | undefined)?.map(
    ({ metadata }) => metadata.name,
  );
  const rowCount = (body["rows"] as object[] | null | undefined)?.length;
  return { ...body, code: status, message, items: names, rows: rowCount, metadata: undefined };
}

test("metrics-server and we come to know the same nodes and pods", async () => {
  const ours = running.operator?.securePort ?? 0;
  const known = (port: number) =>
    Promise.all([NODES, `${API}/pods`].map((path) => told(port, path, "application/json")));
  await expect
    .poll(async () => ({ known: await known(ours), code: 200 }), WAIT)
    .toEqual({ known: await known(metricsServer.port), code: 200 });
});

test.each([
  "/nodes", "/nodes/nope", "/nodes/nope?watch=true", "/pods", "/pods?limit=1&continue=x", "/pods?watch=1", "/nodes?watch=true", "/watch/pods",
  "/pods?labelSelector=app%3Dbusy", "/pods?labelSelector=app+in+(busy),!x", "/pods?labelSelector=a%3D%3D%3Db", "/pods?labelSelector=a+in+(b",
  "/pods?fieldSelector=metadata.namespace%3Ddefault", "/pods?fieldSelector=metadata.namespace!%3Ddefault", "/pods?fieldSelector=spec.nodeName%3Dx",
  "/pods?fieldSelector=metadata.name", "/pods?fieldSelector=metadata.name%3Da%3Db", "/pods?limit=abc", "/pods/x", "/foo", "/namespaces/default",
  "/namespaces/default/nodes", "/namespaces/default/pods", "/namespaces/nowhere/pods", "/namespaces/default/pods/nope", "/namespaces/default/pods/x/log",
  "//nodes", "/nodes/", "/nodes/..%2f..", "", "/",
])("metrics-server and we tell a client the same at …/v1beta1%s", async (path) => {
  const ours = running.operator?.securePort ?? 0;
  for (const accept of ["application/json", AS_TABLE, "text/html"])
    expect(await told(ours, API + path, accept), accept).toEqual(await told(metricsServer.port, API + path, accept));
}); // prettier-ignore

test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("metrics-server and we refuse %s alike", async (method) => {
  const client = adminOf(plane);
  for (const path of [`${API}/nodes`, `${PODS}/x`]) {
    const [ours, theirs] = await Promise.all(
      [running.operator?.securePort ?? 0, metricsServer.port].map((port) => getSecurely({ port, path, client, method })),
    );
    expect(ours).toEqual(theirs);
  }
}); // prettier-ignore

test("what both have served has the same fields, and the same usage but for the moment", async () => {
  const client = adminOf(plane);
  const lists = await Promise.all(
    [running.operator?.securePort ?? 0, metricsServer.port].map((port) => getSecurely({ port, path: `${API}/pods`, client })),
  );
  type Pod = { metadata: { name: string; creationTimestamp?: string }; timestamp: string; window: string; containers: { name: string; usage: { cpu: string; memory: string } }[] };
  const [ours = [], theirs = []] = lists.map(({ text }) => (JSON.parse(text) as { items: Pod[] }).items);
  expect(theirs.length).toBeGreaterThan(0);
  for (const [at, pod] of ours.entries()) {
    const other = theirs[at];
    expect(Object.keys(pod)).toEqual(Object.keys(other ?? {}));
    expect({ ...pod.metadata, creationTimestamp: "" }).toEqual({ ...other?.metadata, creationTimestamp: "" });
    expect(pod.containers.map(({ name, usage }) => [name, usage.memory])).toEqual(other?.containers.map(({ name, usage }) => [name, usage.memory]));
  }
}); // prettier-ignore

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
  const { asked, retried, failed, longestGap } = await stopAsking();
  const summary = `${retried} told to come back, ${failed.length} without metrics (${failed.join("; ")})`;
  console.log(`take-over and back: ${asked} requests, ${summary}; longest gap ${Math.round(longestGap)} ms`);
  expect(asked).toBeGreaterThan(20);
  expect(longestGap, "less than metrics-server's resolution").toBeLessThan(10_000);
  expect(failed.length).toBeLessThanOrEqual(2);
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
