/**
 * The main job, as a user sees it: a policy beside a workload, load that rises and falls, replicas that
 * follow, and `kubectl` saying why.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { aPolicy, aWorkload, inNamespace, podTemplate, WAIT } from "./manifests.ts";
import { established, establishCrds } from "./crds.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

let plane: ControlPlane;
let operator: OperatorProcess;
let namespace: string;
let here: ReturnType<typeof inNamespace>;

beforeAll(async () => {
  plane = await controlPlane();
  namespace = await plane.namespace("scaling");
  here = inNamespace(plane, namespace);
  await plane.addKwokNodes(3);
  await establishCrds(plane);
  operator = await startOperator(plane);
});
afterAll(async () => {
  expect(await operator.stop(), "a clean end").toBe(0);
  // Other files share this cluster, and some run with rights that do not know this kind.
  await plane.kubectl("delete", "sp", "--all", "-n", namespace);
  await plane.kubectl("delete", "namespace", namespace, "--wait=false");
});

describe.each([
  { name: "web", target: { apiVersion: "apps/v1", kind: "Deployment" } as const, resource: "deployment/web" },
  { name: "db", target: { apiVersion: "apps/v1", kind: "StatefulSet" } as const, resource: "statefulset/db" },
])("a ScalePolicy on a $target.kind", ({ name, target, resource }) => {
  beforeAll(async () => {
    const place = { namespace, name };
    await plane.apply([aWorkload(place, target.kind), aPolicy(place, { target })]);
    await here.rolledOut(resource);
  });

  test("raises its replicas with the load, and says so", async () => {
    await here.load(name, "90m");
    await expect.poll(() => here.replicas(resource), WAIT).toBeGreaterThanOrEqual(3);
    await expect
      .poll(async () => (await here.status(name)).recentActs?.[0]?.what, WAIT)
      .toMatch(/^replicas \d → \d$/);
    const events = await plane.kubectl("get", "events.events.k8s.io", "-n", namespace, "-o", "json");
    expect(JSON.parse(events).items).toContainEqual(
      expect.objectContaining({
        reason: "SuccessfulRescale",
        regarding: expect.objectContaining({ kind: "ScalePolicy", name }),
        reportingController: "plimsoll",
      }),
    );
  });

  test("lowers them when the load falls, after the stabilization window", async () => {
    await here.load(name, "10m");
    await expect.poll(() => here.replicas(resource), WAIT).toBe(2);
    await expect
      .poll(() => here.condition(name, "ScalingLimited"), WAIT)
      .toMatchObject({ reason: "TooFewReplicas" });
    const { recentActs = [] } = await here.status(name);
    const at = (pattern: RegExp) => Date.parse(recentActs.find(({ what }) => pattern.test(what))?.time ?? "");
    const waited = (at(/→ 2$/) - at(/^replicas 2 →/)) / 1000;
    expect(waited, "seconds between the rise and the fall: a window of 10 s").toBeGreaterThanOrEqual(10);
    expect(await here.condition(name, "Ready")).toMatchObject({ status: "True" });
  });

  test("shows in one line what is wanted, what is, and how things stand", async () => {
    const lines = async () => (await plane.kubectl("get", "sp", name, "-n", namespace)).split("\n");
    const [header = ""] = await lines();
    expect(header.trim().split(/\s+/)).toEqual([
      "NAME", "KIND", "TARGET", "MODE", "MIN", "MAX", "REPLICAS", "DESIRED", "METRICS", "REQUESTS", "READY", "AGE",
    ]); // prettier-ignore
    const row = new RegExp(
      `^${name} +${target.kind} +${name} +Active +2 +8 +2 +2 +cpu \\d+%/60% +.* True +\\d`,
    );
    await expect.poll(async () => (await lines())[1], WAIT).toMatch(row);
  });

  test("is described with conditions and events that give the reason in a sentence", async () => {
    const text = await plane.kubectl("describe", "sp", name, "-n", namespace);
    expect(text).toMatch(/Reason: +ValidMetricFound/);
    expect(text).toMatch(/Summary: +.*cpu \d+ %/);
    expect(text).toMatch(/SuccessfulRescale/);
  });
});

test("a custom kind with /scale is followed the same way, its pods found by owner", async () => {
  await plane.apply(customKind);
  await established(plane, "fleets.test.plimsoll.dev");
  await plane.apply({
    apiVersion: "test.plimsoll.dev/v1",
    kind: "Fleet",
    metadata: { name: "fleet", namespace },
    spec: { replicas: 2, selector: "app=fleet" },
  });
  const uid = await plane.kubectl("get", "fleet/fleet", "-n", namespace, "-o", "jsonpath={.metadata.uid}");
  const owner = { apiVersion: "test.plimsoll.dev/v1", kind: "Fleet", name: "fleet", uid, controller: true };
  const pods = [0, 1].map((index) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...podTemplate("fleet").metadata,
      name: `fleet-${index}`,
      namespace,
      ownerReferences: [owner],
    },
    spec: podTemplate("fleet").spec,
  }));
  await plane.apply([
    ...pods,
    aPolicy({ namespace, name: "fleet" }, { target: { apiVersion: "test.plimsoll.dev/v1", kind: "Fleet" } }),
  ]);
  await here.load("fleet", "90m");
  await expect.poll(() => here.replicas("fleet/fleet"), WAIT).toBeGreaterThanOrEqual(3);
  await here.load("fleet", "10m");
  await expect.poll(() => here.replicas("fleet/fleet"), WAIT).toBe(2);
  await expect.poll(() => here.condition("fleet", "Ready"), WAIT).toMatchObject({ status: "True" });
  const described = await plane.kubectl("describe", "sp", "fleet", "-n", namespace);
  expect(described).toMatch(/SuccessfulRescale .* New size: 2/);
  expect(await plane.kubectl("get", "sp", "fleet", "-n", namespace)).toMatch(/^fleet +Fleet +fleet +Active/m);
});

const customKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "fleets.test.plimsoll.dev" },
  spec: {
    group: "test.plimsoll.dev",
    scope: "Namespaced",
    names: { plural: "fleets", singular: "fleet", kind: "Fleet" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        },
        subresources: {
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".spec.selector",
          },
        },
      },
    ],
  },
};

test("Shadow decides and shows, and writes no workload", async () => {
  const quiet = { namespace, name: "quiet" };
  await plane.apply([aWorkload(quiet, "Deployment"), aPolicy(quiet, { mode: "Shadow" })]);
  await here.rolledOut("deployment/quiet");
  await here.load("quiet", "90m");
  await expect
    .poll(async () => (await here.status("quiet")).horizontal?.desiredReplicas, WAIT)
    .toBeGreaterThan(2);
  expect(await here.replicas("deployment/quiet")).toBe(2);
  expect(
    await plane.kubectl("get", "deployment/quiet", "-n", namespace, "-o", "jsonpath={.metadata.generation}"),
  ).toBe("1");
});

test("a policy whose target is missing says so, disturbs nobody, and works once it is there", async () => {
  const late = { namespace, name: "late" };
  await plane.apply(aPolicy(late));
  await expect
    .poll(() => here.condition("late", "AbleToScale"), WAIT)
    .toMatchObject({
      status: "False",
      reason: "FailedGetScale",
      message: expect.stringContaining('"late" not found'),
    });
  await plane.apply(aWorkload(late, "Deployment"));
  await here.load("late", "90m").catch(() => undefined);
  await expect.poll(() => here.condition("late", "AbleToScale"), WAIT).toMatchObject({ status: "True" });
});

test("beside an HPA on the same target it stands by, and takes over when the HPA is gone", async () => {
  const hpa = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 2,
      maxReplicas: 8,
    },
  };
  await plane.apply(hpa);
  await expect
    .poll(() => here.condition("web", "AbleToScale"), WAIT)
    .toMatchObject({ reason: "ForeignAutoscaler" });
  const before = await here.replicas("deployment/web");
  await here.load("web", "90m");
  await expect
    .poll(async () => (await here.status("web")).horizontal?.desiredReplicas, WAIT)
    .toBeGreaterThan(before);
  expect(await here.replicas("deployment/web")).toBe(before);
  await plane.kubectl("delete", "hpa", "web", "-n", namespace);
  await expect.poll(() => here.replicas("deployment/web"), WAIT).toBeGreaterThan(before);
});
