/**
 * Threats by their numbers, before the real API server: what is refused there, and where the operator's own
 * requests go.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GUARDED_NAMESPACES } from "../../generate/deploy-admission.ts";
import { uid } from "../../src/base/ids.ts";
import { foreignPodsEvent } from "../../src/report/events.ts";
import { aMeta, T0 } from "../builders.ts";
import { nameOf } from "../fail-safe/row.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { installManifest, policyObject, uninstallManifest } from "./installation.ts";
import { openApi } from "./open-api.ts";
import { startOperator } from "./operator-process.ts";
import type { OperatorProcess } from "./operator-process.ts";

const WAIT = { timeout: 30_000, interval: 200 };
const POLICIES = "/apis/plimsoll.dev/v1alpha1/namespaces";

let plane: ControlPlane;
let namespace: string;
let operator: OperatorProcess;
let user: string;
let token: string;

beforeAll(async () => {
  plane = await controlPlane();
  await installManifest(plane);
  namespace = await plane.namespace("threats");
  const account = await operatorKubeconfig();
  ({ user } = account);
  token = readFileSync(account.tokenFile, "utf8").trim();
  operator = await startOperator(plane, { kubeconfig: account.kubeconfig, args: ["--log-level=debug"] });
});
afterAll(async () => {
  await operator.stop();
  await uninstallManifest(plane);
});

const deploymentCalled = (name: unknown) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  name: name as string,
});

async function create(policy: object, where = namespace): Promise<{ status: number; message: string }> {
  const { status, body } = await plane.request("POST", `${POLICIES}/${where}/scalepolicies`, {
    body: policy,
  });
  return { status, message: JSON.stringify(body) };
}

/** Names that would lead elsewhere if they were taken for a part of a path, and a few that are only odd. */
const NAMES: readonly unknown[] = [
  "../kube-system/x", "..%2fkube-system%2fx", "a%2fb", "a%2Fb", "ns/n", "/x", "x/", "x/scale", "x/status", "//x",
  "..", ".", "...", "", " ", "x ", " x", "x\ny", "x\u0000", "x?dryRun=All", "x#y", "x;y", "x&y", "x%00", "X", "x_y",
  "\u212ax", "xу", "ｘ", "é", "💥", "\u202ex", "x\u200b", "-x", "x-", "x.", ".x", "a".repeat(254), null, 7,
  { name: "x" }, ["x"], "kube-system.x", "x..y", "a--b", "0",
]; // prettier-ignore

test(nameOf("S01"), async () => {
  const before = plane.auditFor(user).length;
  const answers = await Promise.all(
    NAMES.map((name, n) => create(policyObject(`s01-${n}`, deploymentCalled(name)))),
  );
  const refused = answers.filter(({ status }) => [400, 422].includes(status));
  const taken = answers.filter(({ status }) => status === 201);
  expect(refused.length + taken.length).toBe(NAMES.length);
  expect(taken, "the last four are names, if odd ones").toHaveLength(4);
  await expect
    .poll(async () => {
      const { body } = await plane.request("GET", `${POLICIES}/${namespace}/scalepolicies`);
      return JSON.stringify(body).match(/"FailedGetScale"/g)?.length ?? 0;
    }, WAIT)
    .toBeGreaterThanOrEqual(4);
  expect(plane.auditFor(user).length, "its calls are seen").toBeGreaterThan(0);
  const asked = plane
    .auditFor(user)
    .slice(before)
    .filter(({ resource }) => resource.endsWith("/scale"));
  // Policies that earlier tests left in their own namespaces are scaled there, as they should be.
  const { body } = await plane.request("GET", "/apis/plimsoll.dev/v1alpha1/scalepolicies");
  const homes = new Set(JSON.stringify(body).match(/(?<="namespace":")[^"]+/g));
  expect(asked.filter((call) => !homes.has(call.namespace ?? ""))).toEqual([]);
  expect(asked.filter(({ path }) => /\.\.\/|%2f|%2e%2e/i.test(path))).toEqual([]);
  console.log(
    `S01: ${NAMES.length} names: ${refused.length} refused, ${taken.length} looked for here and nowhere else`,
  );
});

test(nameOf("S03"), async () => {
  for (const guarded of GUARDED_NAMESPACES)
    for (const name of ["coredns", "plimsoll"]) {
      const { status, message } = await create(policyObject("s03", deploymentCalled(name)), guarded);
      expect(status, `${name} in ${guarded}`).toBe(403);
      expect(message).toMatch(/no workload of kube-system or plimsoll-system is scaled/);
    }
  expect(
    (await create(policyObject("s03", deploymentCalled("coredns")))).status,
    "elsewhere it is a name",
  ).toBe(201);
});

test(nameOf("S15"), async () => {
  const policy = policyObject("s15", deploymentCalled("web")) as { spec: { horizontal: object } };
  const metric = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
  };
  const huge = [
    { ...policy, spec: { ...policy.spec, note: "x".repeat(3 * 2 ** 20) } },
    { ...policy, metadata: { name: "s15", annotations: { note: "x".repeat(3 * 2 ** 20) } } },
    {
      ...policy,
      spec: { ...policy.spec, horizontal: { metrics: Array.from({ length: 21 }, () => metric) } },
    },
    {
      ...policy,
      spec: { ...policy.spec, horizontal: { metrics: Array.from({ length: 30_000 }, () => metric) } },
    },
    {
      ...policy,
      spec: { ...policy.spec, targetRef: { apiVersion: "v1", kind: "x".repeat(2 ** 20), name: "x" } },
    },
  ];
  const statuses = await Promise.all(huge.map(async (one) => (await create(one)).status));
  console.log(`S15: policies of up to 3 MiB are answered ${statuses.join(", ")}`);
  for (const status of statuses) expect([400, 413, 422]).toContain(status);
});

test("S04 what is told of a node is an Event of that node, with the operator's own rights", async () => {
  const { kubeconfig } = await operatorKubeconfig();
  const { api, transport } = await openApi(kubeconfig, namespace);
  const node = aMeta({ namespace: "", name: "liar", uid: uid("5a04a04a-0000-4000-8000-000000000004") });
  const event = foreignPodsEvent(node, "a kubelet reports pods that run on another node", T0);
  for (const _ of [1, 2]) expect(await api.emit(event)).toMatchObject({ kind: "written" });
  await transport.close();
  const { body } = await plane.request("GET", "/apis/events.k8s.io/v1/namespaces/default/events");
  const about = (body as { items: { regarding: { uid: string } }[] }).items.filter(
    ({ regarding }) => regarding.uid === node.uid,
  );
  expect(about, "once, with a count").toHaveLength(1);
  expect(about[0]).toMatchObject({
    reason: "ForeignPods",
    type: "Warning",
    regarding: { kind: "Node", name: "liar" },
    series: { count: 2 },
  });
});

test("S29 the whole process, run with a token and telling everything, says it nowhere", async () => {
  const { body } = await plane.request("GET", `${POLICIES}/${namespace}/scalepolicies`);
  const events = await plane.kubectl("get", "events", "-n", namespace, "-o", "json");
  const metrics = (await operator.get("/metrics")).text;
  expect(token.length).toBeGreaterThan(100);
  expect(operator.lines.length).toBeGreaterThan(0);
  for (const said of [JSON.stringify(operator.lines), JSON.stringify(body), events, metrics])
    expect(said.includes(token) || said.includes(token.split(".")[2] ?? token)).toBe(false);
});

test("F28 policies have no finalizer: without an operator they are gone at once", async () => {
  await operator.stop();
  const policies = Array.from({ length: 50 }, (_, n) => ({
    ...policyObject(`f28-${n}`, deploymentCalled(`web-${n}`)),
    metadata: { name: `f28-${n}`, namespace },
  }));
  await plane.apply(policies);
  const deleted = await plane.request("DELETE", `${POLICIES}/${namespace}/scalepolicies`);
  expect(deleted.status).toBe(200);
  const { body } = await plane.request("GET", `${POLICIES}/${namespace}/scalepolicies`);
  expect((body as { items: unknown[] }).items).toEqual([]);
});
