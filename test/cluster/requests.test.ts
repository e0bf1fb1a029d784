/**
 * Requests that are written, as a user sees them: after a kill for want of memory, which does not wait for a day of
 * history, running pods are resized where they run, or the template is written and rolls once.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeed } from "../control-plane/api-request.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { aWorkload, AT_REST, inNamespace, WAIT } from "./manifests.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

type Container = Readonly<{ resources: { requests: { cpu: string; memory: string } } }>;
type Pod = Readonly<{
  metadata: { name: string; uid: string };
  spec: { containers: readonly Container[] };
  status: { containerStatuses?: readonly Readonly<Record<string, unknown>>[] };
}>;
type Deployment = Readonly<{
  metadata: { generation: number };
  spec: {
    template: {
      metadata: { annotations?: Record<string, string> };
      spec: { containers: readonly Container[] };
    };
  };
  status: { updatedReplicas?: number; readyReplicas?: number };
}>;

let plane: ControlPlane;
let operator: OperatorProcess;
let namespace: string;
let here: ReturnType<typeof inNamespace>;

const APPS = [
  { name: "resized", mode: "InPlace" },
  { name: "rolled", mode: "Template" },
] as const;

beforeAll(async () => {
  plane = await controlPlane();
  namespace = await plane.namespace("requests");
  here = inNamespace(plane, namespace);
  await plane.addKwokNodes(2);
  await establishCrds(plane);
  for (const { name, mode } of APPS) {
    const workload = aWorkload({ namespace, name }, "Deployment", { cpu: AT_REST });
    Object.assign(workload.spec.template.metadata.annotations, { "test.plimsoll.dev/resize": "granted" });
    const spec = {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      vertical: { apply: { mode } },
    };
    await plane.apply([
      workload,
      { apiVersion: "plimsoll.dev/v1alpha1", kind: "ScalePolicy", metadata: { name, namespace }, spec },
    ]);
  }
  operator = await startOperator(plane);
});
afterAll(async () => {
  expect(await operator.stop(), "a clean end").toBe(0);
  await plane.kubectl("delete", "sp", "--all", "-n", namespace);
  await plane.kubectl("delete", "namespace", namespace, "--wait=false");
});

test.each(APPS)(
  "requests of $name are recommended, and its pods tell what they run with",
  async ({ name }) => {
    await here.rolledOut(`deployment/${name}`);
    await expect.poll(async () => (await podsOf(name)).every(isTold), WAIT).toBe(true);
    await expect
      .poll(() => here.condition(name, "RecommendationProvided"), WAIT)
      .toMatchObject({ status: "True" });
  },
);

async function podsOf(app: string): Promise<readonly Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
  return ((await succeed(plane.request, "GET", path)) as { items: readonly Pod[] }).items;
}

const isTold = ({ status }: Pod): boolean => status.containerStatuses?.[0]?.["resources"] !== undefined;
const memoryOf = ({ spec }: Pod): string | undefined => spec.containers[0]?.resources.requests.memory;
const deployment = async (name: string): Promise<Deployment> =>
  (await succeed(
    plane.request,
    "GET",
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
  )) as Deployment;

/** A kubelet says that the container of one pod was killed, and runs again. */
async function killForMemory(app: string): Promise<void> {
  const [pod] = await podsOf(app);
  const at = new Date().toISOString().replace(/\.\d+/, "");
  const terminated = { exitCode: 137, reason: "OOMKilled", startedAt: at, finishedAt: at };
  const [told] = pod?.status.containerStatuses ?? [];
  const body = { status: { containerStatuses: [{ ...told, lastState: { terminated }, restartCount: 1 }] } };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod?.metadata.name}/status`;
  expect((await plane.request("PATCH", path, { body })).status).toBe(200);
}

test.each(APPS)("without a day of history $name is left alone, and says so", async ({ name }) => {
  await expect
    .poll(() => here.condition(name, "Applying"), WAIT)
    .toMatchObject({ status: "False", reason: "TooLittleHistory" });
  expect((await podsOf(name)).map(memoryOf)).toEqual(["64Mi", "64Mi"]);
});

describe("after a kill for want of memory", () => {
  test("running pods are resized, none is replaced, and the template stays", async () => {
    const before = (await podsOf("resized")).map(({ metadata }) => metadata.uid).toSorted();
    await killForMemory("resized");
    // 64Mi and the VPA's 100 MiB more
    await expect.poll(async () => (await podsOf("resized")).map(memoryOf), WAIT).toEqual(["164Mi", "164Mi"]);
    const after = (await podsOf("resized")).map(({ metadata }) => metadata.uid).toSorted();
    expect(after).toEqual(before);
    expect((await deployment("resized")).metadata.generation).toBe(1);
    await expect
      .poll(async () => (await here.status("resized")).recentActs?.[0]?.what, WAIT)
      .toMatch(/^requests \d resized$/);
  });

  test("the template is written with what it had before, and rolls once", async () => {
    await killForMemory("rolled");
    await expect.poll(async () => (await podsOf("rolled")).map(memoryOf), WAIT).toEqual(["164Mi", "164Mi"]);
    await here.rolledOut("deployment/rolled");
    const { metadata, spec } = await deployment("rolled");
    expect(metadata.generation).toBe(2);
    expect(JSON.parse(spec.template.metadata.annotations?.["plimsoll.dev/requests"] ?? "")).toEqual({
      app: { memory: { base: "64Mi", set: "164Mi" } },
    });
    await expect
      .poll(async () => (await here.status("rolled")).recentActs?.[0]?.what, WAIT)
      .toBe("requests template written");
  });
});
