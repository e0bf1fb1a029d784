import { describe, expect, test } from "vitest";
import { createSurveySource } from "../../../src/real/apiserver/survey/survey.ts";
import { createUsageNow } from "../../../src/real/apiserver/survey/usage-now.ts";
import type { ApiRequest, ApiStream, ApiTransport } from "../../../src/real/apiserver/transport.ts";
import type { Subject } from "../../../src/rightsizing/subject.ts";
import { NOW } from "../../rightsizing/subjects.ts";
import { answered } from "./scripted.ts";

const never = new AbortController().signal;

/** Lists by path; a path that is not listed is not served. */
function serving(
  lists: Readonly<Record<string, readonly object[] | number>>,
  pageSize = 500,
): ApiTransport & { asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  return {
    asked,
    send: () => Promise.reject(new Error("only lists are asked for")),
    close: () => Promise.resolve(),
    async stream(request): Promise<ApiStream> {
      asked.push(request);
      const items = lists[request.path] ?? 404;
      if (typeof items === "number")
        return answered(items, { kind: "Status", message: `${request.path} says ${items}` }) as ApiStream;
      const start = Number(request.query?.["continue"] ?? 0);
      const more = start + pageSize < items.length ? { continue: `${start + pageSize}` } : {};
      const list = { kind: "List", metadata: more, items: items.slice(start, start + pageSize) };
      return { kind: "open", chunks: pieces(JSON.stringify(list)) };
    },
  };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 997) yield Buffer.from(text.slice(at, at + 997));
}

const meta = (name: string, more: object = {}) => ({
  namespace: "shop",
  name,
  uid: `uid-${name}`,
  resourceVersion: "1",
  creationTimestamp: "2026-11-01T00:00:00Z",
  ...more,
});
const ownedBy = (kind: string, name: string, apiVersion = "apps/v1") => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `uid-${name}`, controller: true }],
});
const resources = { requests: { cpu: "250m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const spec = { containers: [{ name: "app", resources }] };
const aPod = (name: string, owner: object, more: object = {}) => ({
  metadata: meta(name, { labels: { app: name.split("-")[0] }, ...owner }),
  spec,
  status: { phase: "Running" },
  ...more,
});
const aDeployment = (name: string, labels: object = {}) => ({
  metadata: meta(name, { labels }),
  spec: { replicas: 2, template: { spec } },
});

const PATHS = {
  pods: "/api/v1/pods",
  replicasets: "/apis/apps/v1/replicasets",
  jobs: "/apis/batch/v1/jobs",
  deployments: "/apis/apps/v1/deployments",
  cronjobs: "/apis/batch/v1/cronjobs",
  hpas: "/apis/autoscaling/v2/horizontalpodautoscalers",
  policies: "/apis/plimsoll.dev/v1alpha1/scalepolicies",
} as const;

async function survey(lists: Parameters<typeof serving>[0], { selector = "", pageSize = 500 } = {}) {
  const transport = serving(lists, pageSize);
  const source = createSurveySource(transport, { wall: () => NOW });
  const outcome = await source.survey({ namespace: undefined, selector }, never);
  if (outcome.kind !== "read") throw new Error(outcome.message);
  return { ...outcome.value, asked: transport.asked };
}

const names = (subjects: readonly Subject[]): string[] =>
  subjects.map(({ workload: { kind, name }, pods }) => `${kind}/${name}: ${pods.length}`).toSorted();

describe("whose pods there are", () => {
  test("is told by the chain of owners, and workloads without pods are in it", async () => {
    const { subjects, problems } = await survey({
      [PATHS.pods]: [
        aPod("web-7d4b9c6f5-aaaaa", ownedBy("ReplicaSet", "web-7d4b9c6f5")),
        aPod("web-7d4b9c6f5-bbbbb", ownedBy("ReplicaSet", "web-7d4b9c6f5")),
        aPod("canary-5c9b7d-ccccc", ownedBy("ReplicaSet", "canary-5c9b7d")),
        aPod("nightly-29387520-ddddd", ownedBy("Job", "nightly-29387520", "batch/v1")),
        aPod("db-0", ownedBy("StatefulSet", "db")),
        aPod("kube-proxy-n1", ownedBy("Node", "n1", "v1")),
        aPod("alone", {}),
        aPod("done", {}, { status: { phase: "Succeeded" } }),
      ],
      [PATHS.replicasets]: [
        { metadata: meta("web-7d4b9c6f5", ownedBy("Deployment", "web")) },
        { metadata: meta("canary-5c9b7d", ownedBy("Rollout", "canary", "argoproj.io/v1alpha1")) },
      ],
      [PATHS.jobs]: [{ metadata: meta("nightly-29387520", ownedBy("CronJob", "nightly", "batch/v1")) }],
      [PATHS.deployments]: [aDeployment("web"), aDeployment("asleep")],
      [PATHS.cronjobs]: [
        { metadata: meta("weekly"), spec: { jobTemplate: { spec: { template: { spec } } } } },
      ],
    });
    expect(problems).toEqual([]);
    expect(names(subjects)).toEqual([
      "CronJob/nightly: 1",
      "CronJob/weekly: 0",
      "Deployment/asleep: 0",
      "Deployment/web: 2",
      "Pod/alone: 1",
      "Pod/kube-proxy-n1: 1",
      "Rollout/canary: 1",
      "StatefulSet/db: 1",
    ]);
    for (const { containers } of subjects)
      expect(containers).toEqual([
        {
          name: "app",
          role: "main",
          requests: { cpu: 250, memory: 64 * 2 ** 20 },
          limits: { memory: 128 * 2 ** 20 },
          restarts: 0,
          oomKills: [],
        },
      ]);
  });

  test("is guessed from names where ReplicaSets and Jobs may not be read, and that is told", async () => {
    const { subjects, problems } = await survey({
      [PATHS.pods]: [
        aPod("web-7d4b9c6f5-aaaaa", ownedBy("ReplicaSet", "web-7d4b9c6f5")),
        aPod("nightly-29387520-ddddd", ownedBy("Job", "nightly-29387520", "batch/v1")),
        aPod("once-ddddd", ownedBy("Job", "once", "batch/v1")),
      ],
      [PATHS.replicasets]: 403,
      [PATHS.jobs]: 403,
    });
    expect(names(subjects)).toEqual(["CronJob/nightly: 1", "Deployment/web: 1", "Job/once: 1"]);
    expect(problems).toEqual([
      expect.stringContaining("replicasets cannot be read, so the report lacks owners"),
      expect.stringContaining("jobs cannot be read"),
    ]);
  });

  test("is read page by page", async () => {
    const pods = Array.from({ length: 7 }, (_, at) => aPod(`db-${at}`, ownedBy("StatefulSet", "db")));
    const { subjects, asked } = await survey({ [PATHS.pods]: pods }, { pageSize: 3 });
    expect(names(subjects)).toEqual(["StatefulSet/db: 7"]);
    expect(asked.filter(({ path }) => path === PATHS.pods)).toHaveLength(3);
  });

  test("is narrowed by the labels of workloads, or of pods where the workload has no object of its own", async () => {
    const lists = {
      [PATHS.pods]: [aPod("alone-1", {})],
      [PATHS.deployments]: [aDeployment("web", { team: "red" }), aDeployment("api", { team: "blue" })],
    };
    expect(names((await survey(lists, { selector: "team=red" })).subjects)).toEqual(["Deployment/web: 0"]);
    expect(names((await survey(lists, { selector: "app=alone" })).subjects)).toEqual(["Pod/alone-1: 1"]);
  });

  test("cannot be told without pods", async () => {
    const source = createSurveySource(serving({ [PATHS.pods]: 403 }), { wall: () => NOW });
    expect(await source.survey({ namespace: "shop", selector: "" }, never)).toMatchObject({ kind: "absent" });
    const all = await createSurveySource(serving({ [PATHS.pods]: 403 }), { wall: () => NOW }).survey(
      { namespace: undefined, selector: "" },
      never,
    );
    expect(all).toMatchObject({ kind: "forbidden" });
  });
});

test("what happened to containers: restarts add up, and kills for memory count for a fortnight", async () => {
  const ended = (reason: string, finishedAt: string) => ({ terminated: { reason, finishedAt } });
  const status = (restartCount: number, lastState: object) => ({
    phase: "Running",
    containerStatuses: [{ name: "app", restartCount, lastState, state: { running: {} } }],
  });
  const { subjects } = await survey({
    [PATHS.pods]: [
      aPod("db-0", ownedBy("StatefulSet", "db"), {
        status: status(2, ended("OOMKilled", "2026-11-24T12:00:00Z")),
      }),
      aPod("db-1", ownedBy("StatefulSet", "db"), {
        status: status(1, ended("OOMKilled", "2026-10-24T12:00:00Z")),
      }),
      aPod("db-2", ownedBy("StatefulSet", "db"), {
        status: status(4, ended("Error", "2026-11-24T12:00:00Z")),
      }),
    ],
  });
  expect(subjects[0]?.containers).toMatchObject([
    { restarts: 7, oomKills: [{ pod: "db-0", at: Date.UTC(2026, 10, 24, 12), request: 64 * 2 ** 20 }] },
  ]);
});

test("requests are those of most pods while a rollout goes on", async () => {
  const other = { containers: [{ name: "app", resources: { requests: { cpu: "1" } } }] };
  const { subjects } = await survey({
    [PATHS.pods]: [
      aPod("db-0", ownedBy("StatefulSet", "db"), { spec: other }),
      aPod("db-1", ownedBy("StatefulSet", "db")),
      aPod("db-2", ownedBy("StatefulSet", "db")),
    ],
  });
  expect(subjects[0]?.containers[0]?.requests.cpu).toBe(250);
});

describe("who scales", () => {
  const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  const metrics = [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
    {
      type: "ContainerResource",
      containerResource: {
        name: "memory",
        container: "app",
        target: { type: "Utilization", averageUtilization: 80 },
      },
    },
    { type: "External", external: { metric: { name: "queue" }, target: { type: "Value", value: "5" } } },
  ];

  test("an HPA, with its marks and what else it follows", async () => {
    const { subjects } = await survey({
      [PATHS.pods]: [],
      [PATHS.deployments]: [aDeployment("web")],
      [PATHS.hpas]: [
        {
          metadata: meta("web-hpa"),
          spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 9, metrics },
          status: {
            lastScaleTime: "2026-11-20T00:00:00Z",
            currentMetrics: [
              { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 93 } } },
            ],
            conditions: [{ type: "ScalingLimited", status: "True", reason: "TooManyReplicas" }],
          },
        },
        { metadata: meta("broken"), spec: {} },
      ],
    });
    expect(subjects[0]?.scalers).toEqual([
      {
        kind: "HorizontalPodAutoscaler",
        name: "web-hpa",
        minReplicas: 2,
        maxReplicas: 9,
        createdAt: Date.UTC(2026, 10, 1),
        lastScaledAt: Date.UTC(2026, 10, 20),
        marks: [
          { resource: "cpu", container: undefined, percent: 60, current: 93 },
          { resource: "memory", container: "app", percent: 80, current: undefined },
        ],
        followsMore: true,
        limitedByMax: true,
      },
    ]);
  });

  const aPolicy = (mode: string, status: object = {}) => ({
    metadata: meta("web"),
    spec: {
      targetRef: target,
      mode,
      horizontal: { minReplicas: 1, maxReplicas: 5, metrics: metrics.slice(0, 1) },
    },
    status,
  });

  test.each([
    {
      mode: "Active",
      scalers: [{ kind: "ScalePolicy", maxReplicas: 5, marks: [{ percent: 60, current: 41 }] }],
    },
    { mode: "Shadow", scalers: [] },
    { mode: "Paused", scalers: [] },
  ])("a policy that is $mode", async ({ mode, scalers }) => {
    const currentMetrics = [
      { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 41 } } },
    ];
    const { subjects } = await survey({
      [PATHS.pods]: [],
      [PATHS.deployments]: [aDeployment("web")],
      [PATHS.policies]: [aPolicy(mode, { horizontal: { currentMetrics } })],
    });
    expect(subjects[0]?.scalers).toMatchObject(scalers);
    expect(subjects[0]?.scalers).toHaveLength(scalers.length);
  });

  test("shows what the operator recommends, and nothing for what cannot be read", async () => {
    const recommendation = {
      containerRecommendations: [
        {
          containerName: "app",
          target: { cpu: "126m", memory: "250Mi" },
          lowerBound: { cpu: "25m" },
          base: { cpu: "250m" },
        },
        { containerName: "odd", target: { cpu: "many" } },
        { target: { cpu: "1" } },
      ],
    };
    const policy = aPolicy("Shadow", { vertical: { recommendation, confidence: "2.5" } });
    const { subjects } = await survey({
      [PATHS.pods]: [],
      [PATHS.deployments]: [aDeployment("web")],
      [PATHS.policies]: [
        { ...policy, spec: { ...policy.spec, vertical: { recommender: { cpuPercentile: 95 } } } },
      ],
    });
    expect(subjects[0]?.vertical?.recommender).toMatchObject({ cpuPercentile: 0.95, memoryPercentile: 0.9 });
    expect(subjects[0]?.shown).toEqual([
      {
        kind: "recommendation",
        container: "app",
        target: { cpu: 126, memory: 250 * 2 ** 20 },
        lowerBound: { cpu: 25 },
        upperBound: {},
        uncappedTarget: {},
        base: { cpu: 250 },
        confidence: 2.5,
      },
    ]);
  });
});

describe("usage now", () => {
  const path = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods";
  test("is that of each container; what cannot be read is left out", async () => {
    const usage = createUsageNow(
      serving({
        [path]: [
          {
            metadata: { namespace: "shop", name: "web-1" },
            timestamp: "2026-11-25T12:00:00Z",
            containers: [
              { name: "app", usage: { cpu: "4187234n", memory: "65Mi" } },
              { name: "side", usage: { cpu: "lots", memory: "-1" } },
            ],
          },
          { metadata: { namespace: "shop", name: "web-2" }, containers: [{ name: "app", usage: {} }] },
        ],
      }),
    );
    const at = NOW;
    expect(await usage.look("shop", never)).toEqual({
      kind: "read",
      value: [
        {
          place: { namespace: "shop", pod: "web-1", container: "app" },
          reading: { at, cpu: 4_187_234, memory: 65 * 2 ** 20 },
        },
        {
          place: { namespace: "shop", pod: "web-1", container: "side" },
          reading: { at, cpu: undefined, memory: undefined },
        },
      ],
    });
  });

  test("is nobody's to give where the API is not served", async () =>
    expect(await createUsageNow(serving({})).look("shop", never)).toMatchObject({ kind: "absent" }));
});
