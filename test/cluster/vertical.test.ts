/**
 * Requests, as a user sees them: a policy with `vertical` beside workloads of several kinds, a recommendation in the
 * VPA's shape, and `kubectl` saying what is asked for, what is recommended and why.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { succeed } from "../control-plane/api-request.ts";
import { type ControlPlane, controlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { aPolicy, aWorkload, AT_REST, inNamespace, podTemplate, WAIT } from "./manifests.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

const Amounts = z.strictObject({ cpu: z.string(), memory: z.string() });
const Recommended = z.object({
  vertical: z.object({
    recommendation: z.object({
      containerRecommendations: z.array(
        z.strictObject({
          containerName: z.string(),
          target: Amounts,
          lowerBound: Amounts,
          upperBound: Amounts,
          uncappedTarget: Amounts,
          base: Amounts,
        }),
      ),
      targets: z.array(
        z.strictObject({
          metric: z.string(),
          request: z.string(),
          averageUtilization: z.number(),
          averageValue: z.string(),
        }),
      ),
    }),
    confidence: z.string().regex(/^0\.\d\d$/),
  }),
});

let plane: ControlPlane;
let operator: OperatorProcess;
let namespace: string;
let here: ReturnType<typeof inNamespace>;

/** Each container asks for 100m and 64Mi, and uses 50m and what kwok says of memory. */
const agent = () => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace },
  spec: { selector: { matchLabels: { app: "agent" } }, template: podTemplate("agent", AT_REST) },
});
const recommending = (name: string, kind: string) => ({
  apiVersion: "plimsoll.dev/v1alpha1",
  kind: "ScalePolicy",
  metadata: { name, namespace },
  spec: { targetRef: { apiVersion: "apps/v1", kind, name }, vertical: {} },
});
const beside = () => {
  const policy = aPolicy({ namespace, name: "web" });
  return { ...policy, spec: { ...policy.spec, vertical: { apply: { mode: "Off" } } } };
};

beforeAll(async () => {
  plane = await controlPlane();
  namespace = await plane.namespace("vertical");
  here = inNamespace(plane, namespace);
  await plane.addKwokNodes(2);
  await establishCrds(plane);
  await plane.apply([
    aWorkload({ namespace, name: "web" }, "Deployment", { cpu: AT_REST }),
    aWorkload({ namespace, name: "db" }, "StatefulSet", { cpu: AT_REST }),
    agent(),
    beside(),
    recommending("db", "StatefulSet"),
    recommending("agent", "DaemonSet"),
    recommending("absent", "Deployment"),
  ]);
  operator = await startOperator(plane);
});
afterAll(async () => {
  expect(await operator.stop(), "a clean end").toBe(0);
  await plane.kubectl("delete", "sp", "--all", "-n", namespace);
  await plane.kubectl("delete", "namespace", namespace, "--wait=false");
});

const provided = (policy: string) => here.condition(policy, "RecommendationProvided");

describe.each(["web", "db", "agent"])("the policy on %s", (name) => {
  test("has a recommendation in the VPA's shape, of low confidence, beside the requests as they are", async () => {
    await expect.poll(() => provided(name), WAIT).toMatchObject({ status: "True" });
    const { recommendation } = Recommended.parse(await here.status(name)).vertical;
    expect(recommendation.containerRecommendations).toMatchObject([
      // 50m and a quarter of a pod's usage around it are far below the 100m that are asked for; memory is the minimum.
      { containerName: "app", base: { cpu: "100m", memory: "64Mi" }, target: { memory: "250Mi" } },
    ]);
    expect(await here.condition(name, "LowConfidence")).toMatchObject({
      status: "True",
      reason: "HistoryTooShort",
    });
    expect(await here.condition(name, "NoPodsMatched")).toMatchObject({ status: "False" });
    expect(await here.condition(name, "ConfigUnsupported")).toMatchObject({ status: "False" });
    expect(await here.condition(name, "Applying")).toMatchObject({ status: "False", reason: "ApplyModeOff" });
    expect(await here.condition(name, "Ready")).toMatchObject({ status: "True" });
  });
});

test("the workload's template is as its owner wrote it", async () => {
  const template = await plane.kubectl(
    "get", "deployment/web", "-n", namespace, "-o", "jsonpath={.spec.template.spec.containers[0].resources}",
  ); // prettier-ignore
  expect(JSON.parse(template)).toEqual({ requests: { cpu: "100m", memory: "64Mi" } });
});

test("a utilization that horizontal follows comes with the pair to write, or stays as its request does", async () => {
  const { targets } = Recommended.parse(await here.status("web")).vertical.recommendation;
  for (const { metric, averageValue } of targets)
    expect({ metric, averageValue }).toEqual({ metric: "cpu", averageValue: "60m" });
  expect(await here.condition("web", "Applying")).toMatchObject({
    message: expect.stringContaining("horizontal scales on a utilization of cpu"),
  });
});

test("a policy whose target has no pods says so", async () => {
  await expect
    .poll(() => provided("absent"), WAIT)
    .toMatchObject({ status: "False", reason: "NoPodsMatched" });
  expect(await here.condition("absent", "Ready")).toMatchObject({ status: "False", reason: "NoPodsMatched" });
});

describe("kubectl", () => {
  test("shows in one line what is asked for and what is recommended", async () => {
    const rows = async () => plane.kubectl("get", "sp", "-n", namespace);
    await expect
      .poll(rows, WAIT)
      .toMatch(/^db +StatefulSet +db +Active +cpu 100m\S* mem 64Mi→250Mi +True +\d/m);
    expect(await rows()).toMatch(/^agent +DaemonSet +agent +Active .*mem 64Mi→250Mi +True/m);
    expect(await rows()).toMatch(/^web +Deployment +web +Active +2 +8 +\d +\d +cpu .*mem 64Mi→250Mi +True/m);
    expect(await rows()).toMatch(/^absent +Deployment +absent +Active +False/m);
  });

  test("describes each container's amounts, and the recommendation as a sentence", async () => {
    const text = await plane.kubectl("describe", "sp", "db", "-n", namespace);
    expect(text).toMatch(/Container Recommendations:[\s\S]*Container Name: +app/);
    expect(text).toMatch(/Lower Bound:[\s\S]*Uncapped Target:[\s\S]*Upper Bound:/);
    expect(text).toMatch(/Summary: +recommended app: cpu 100m.*, memory 64Mi→250Mi/);
  });

  test("refuses a mode of the VPA that evicts, with those that there are", async () => {
    const { status, body } = await plane.request(
      "PATCH",
      `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/db`,
      { body: { spec: { vertical: { apply: { mode: "Recreate" } } } } },
    );
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain("must be one of Off, InPlace, Template");
  });
});

test("/metrics has the targets, container by container", async () => {
  const metrics = async () => (await operator.get("/metrics")).text;
  await expect
    .poll(metrics, WAIT)
    .toMatch(
      /plimsoll_policy_recommendation_target\{[^}]*policy="agent"[^}]*resource="memory"[^}]*\} 262144000/,
    );
  expect(await metrics()).toMatch(
    /plimsoll_policy_recommendation_base\{[^}]*policy="db"[^}]*resource="cpu"[^}]*\} 0\.1\b/,
  );
  expect(await metrics()).toMatch(/plimsoll_history_workloads [3-9]/);
});

describe("a container killed for want of memory", () => {
  const memory = async () =>
    Recommended.parse(await here.status("cache")).vertical.recommendation.containerRecommendations[0]?.target
      .memory;

  beforeAll(async () => {
    const cache = aWorkload({ namespace, name: "cache" }, "StatefulSet", { replicas: 1, cpu: AT_REST });
    const [container] = cache.spec.template.spec.containers;
    const requests = { cpu: "100m", memory: "512Mi" };
    const containers = [{ ...container, resources: { requests } }];
    const template = { ...cache.spec.template, spec: { containers } };
    await plane.apply([
      { ...cache, spec: { ...cache.spec, template } },
      recommending("cache", "StatefulSet"),
    ]);
  });

  test("raises its workload's recommendation, by the VPA's bump of 100 MiB and its margin", async () => {
    await expect.poll(() => provided("cache"), WAIT).toMatchObject({ status: "True" });
    expect(await memory()).toBe("250Mi");
    const path = `/api/v1/namespaces/${namespace}/pods/cache-0`;
    const pod = z
      .object({ status: z.object({ containerStatuses: z.array(z.looseObject({ name: z.string() })) }) })
      .parse(await succeed(plane.request, "GET", path));
    const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const lastState = {
      terminated: { reason: "OOMKilled", exitCode: 137, finishedAt, startedAt: finishedAt },
    };
    const containerStatuses = pod.status.containerStatuses.map((one) => ({
      ...one,
      lastState,
      restartCount: 1,
    }));
    await succeed(plane.request, "PATCH", `${path}/status`, { body: { status: { containerStatuses } } });
    // 512 MiB + 100 MiB lie in the bucket that ends at 664388475 bytes; with 15 %: 764046746.
    await expect.poll(memory, WAIT).toBe("764046746");
    expect((await operator.get("/metrics")).text).toMatch(/plimsoll_oom_kills_total 1\b/);
  });

  test("counts also where it ends the pod: a run of a CronJob that nobody saw running", async () => {
    const requests = { cpu: "100m", memory: "512Mi" };
    // It fits nowhere, so nothing but this test says how it ends.
    const spec = {
      restartPolicy: "Never",
      nodeSelector: { "kubernetes.io/hostname": "nowhere" },
      containers: [{ name: "app", image: "registry.example/app", resources: { requests } }],
    };
    const job = { backoffLimit: 0, template: { spec } };
    await plane.apply([
      { apiVersion: "batch/v1", kind: "Job", metadata: { name: "nightly-29381760", namespace }, spec: job },
      {
        ...recommending("nightly", "CronJob"),
        spec: { targetRef: { apiVersion: "batch/v1", kind: "CronJob", name: "nightly" }, vertical: {} },
      },
    ]);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const List = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
    const podOf = async () =>
      List.parse(await succeed(plane.request, "GET", `${pods}?labelSelector=job-name=nightly-29381760`))
        .items[0];
    await expect.poll(podOf, WAIT).toBeDefined();
    const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const state = { terminated: { reason: "OOMKilled", exitCode: 137, finishedAt, startedAt: finishedAt } };
    const containerStatuses = [
      { name: "app", image: "app", imageID: "", ready: false, restartCount: 0, state },
    ];
    const name = (await podOf())?.metadata.name;
    const body = { status: { phase: "Failed", containerStatuses } };
    await succeed(plane.request, "PATCH", `${pods}/${name}/status`, { body });
    const Memory = z.object({
      vertical: z.object({
        recommendation: z.object({
          containerRecommendations: z.array(z.object({ target: z.object({ memory: z.string() }) })),
        }),
      }),
    });
    const recommended = async () =>
      Memory.safeParse(await here.status("nightly")).data?.vertical.recommendation;
    await expect
      .poll(recommended, WAIT)
      .toMatchObject({ containerRecommendations: [{ target: { memory: "764046746" } }] });
  });
});
