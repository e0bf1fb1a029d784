import { describe, expect, test } from "vitest";
import { epochMillis } from "../../../src/base/units.ts";
import type { Pod } from "../../../src/cluster/pod.ts";
import { createShared } from "../../../src/real/apiserver/watch/trim/meta.ts";
import { trimPod } from "../../../src/real/apiserver/watch/trim/pod.ts";
import type { Raw } from "../../../src/real/apiserver/watch/trim/raw.ts";
import { rawContainer, rawMeta, rawPod, rawStatus } from "./raw-objects.ts";

const at = (second: number): number => epochMillis(Date.UTC(2026, 10, 25, 12, 0, second));
const trim = (raw: Raw): Pod => trimPod(raw, createShared())!;

test("of a pod, what decisions read is kept", () => {
  expect(trim(rawPod())).toEqual({
    meta: {
      namespace: "shop",
      name: "web-5d8-x",
      uid: "uid-of-web-5d8-x",
      resourceVersion: "7",
      generation: 0,
      createdAt: at(0),
      deleting: false,
      owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d8", uid: "rs-uid" },
    },
    labels: { app: "web", "pod-template-hash": "5d8" },
    shape: {
      containers: [
        {
          name: "app",
          role: "main",
          requests: { cpu: 250, memory: 1024 ** 3 * 1000 },
          limits: { memory: 2 * 1024 ** 3 * 1000 },
        },
      ],
      podRequests: undefined,
      overhead: {},
    },
    node: "node-1",
    phase: "Running",
    startTime: at(2),
    readiness: { status: "True", since: at(9) },
    runningSince: at(5),
    oomKills: [],
  });
});

test("a pod that no node has taken on yet has no node, start, readiness or running containers", () => {
  const pod = trim({
    metadata: rawMeta("p"),
    spec: { containers: [rawContainer("app")] },
    status: { phase: "Pending" },
  });
  expect(pod).toMatchObject({ phase: "Pending", labels: {} });
  expect([pod.node, pod.startTime, pod.readiness, pod.runningSince, pod.meta.owner]).toEqual(
    Array(5).fill(undefined),
  );
});

test("init containers that restart always are sidecars; others are init", () => {
  const { shape } = trim(
    rawPod({
      spec: {
        initContainers: [
          rawContainer("mesh", { restartPolicy: "Always" }),
          rawContainer("migrate"),
          rawContainer("once", { restartPolicy: "OnFailure" }),
        ],
      },
    }),
  );
  expect(shape.containers.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "app main",
    "mesh sidecar",
    "migrate init",
    "once init",
  ]);
});

describe("amounts", () => {
  test.each([
    ["cpu in cores", { cpu: "2" }, { cpu: 2000 }],
    ["cpu with a fraction finer than a thousandth, rounded up", { cpu: "1500u" }, { cpu: 2 }],
    ["memory in bytes", { memory: "128" }, { memory: 128_000 }],
    ["memory in decimal units", { memory: "1.5G" }, { memory: 1_500_000_000_000 }],
    ["zero", { cpu: "0" }, { cpu: 0 }],
    ["resources that no policy follows", { "nvidia.com/gpu": "1" }, {}],
    ["no resources", undefined, {}],
    ["what is no quantity: absent, not 0", { cpu: "lots", memory: "1Gi" }, { memory: 1024 ** 3 * 1000 }],
    ["what is no record", "250m", {}],
  ])("%s", (_, requests, expected) => {
    const pod = trim(rawPod({ spec: { containers: [rawContainer("app", { resources: { requests } })] } }));
    expect(pod.shape.containers[0]!.requests).toEqual(expected);
  });

  test("requests of the whole pod and overhead are kept apart from those of its containers", () => {
    const { shape } = trim(
      rawPod({
        spec: { resources: { requests: { cpu: "3" } }, overhead: { cpu: "100m", memory: "64Mi" } },
      }),
    );
    expect(shape.podRequests).toEqual({ cpu: 3000 });
    expect(shape.overhead).toEqual({ cpu: 100, memory: 64 * 1024 ** 2 * 1000 });
  });

  test("limits of the whole pod alone are no requests of it", () => {
    expect(trim(rawPod({ spec: { resources: { limits: { cpu: "3" } } } })).shape.podRequests).toBeUndefined();
  });
});

describe("running since: the youngest of the containers that must all run", () => {
  const two = { containers: [rawContainer("app"), rawContainer("log")] };
  const sidecar = { initContainers: [rawContainer("mesh", { restartPolicy: "Always" })] };
  const init = { initContainers: [rawContainer("migrate")] };
  const app = rawStatus("app", "2026-11-25T12:00:05Z");
  test.each([
    ["two that run", two, { containerStatuses: [app, rawStatus("log", "2026-11-25T12:00:08Z")] }, at(8)],
    ["one of two waits", two, { containerStatuses: [app, rawStatus("log")] }, undefined],
    ["one of two is not reported", two, { containerStatuses: [app] }, undefined],
    ["one has been restarted", {}, { containerStatuses: [rawStatus("app", "2026-11-25T12:00:30Z")] }, at(30)],
    [
      "one has ended",
      {},
      { containerStatuses: [{ name: "app", state: { terminated: { exitCode: 0 } } }] },
      undefined,
    ],
    [
      "a sidecar that is younger",
      sidecar,
      { initContainerStatuses: [rawStatus("mesh", "2026-11-25T12:00:20Z")] },
      at(20),
    ],
    ["a sidecar that does not run", sidecar, {}, undefined],
    [
      "an init container that has ended",
      init,
      { initContainerStatuses: [{ name: "migrate", state: { terminated: {} } }] },
      at(5),
    ],
    ["nothing is reported", {}, { containerStatuses: undefined }, undefined],
  ])("%s", (_, spec: Raw, status: Raw, expected) => {
    expect(trim(rawPod({ spec, status })).runningSince).toBe(expected);
  });
});

describe("readiness", () => {
  test.each([
    ["True", { status: "True", since: at(9) }],
    ["False", { status: "False", since: at(9) }],
    ["Unknown", { status: "Unknown", since: at(9) }],
    ["Perhaps", undefined],
  ])("%s", (status, expected) => {
    const conditions = [{ type: "Ready", status, lastTransitionTime: "2026-11-25T12:00:09Z" }];
    expect(trim(rawPod({ status: { conditions } })).readiness).toEqual(expected);
  });

  test("a condition without a time is as old as the pod", () => {
    const conditions = [{ type: "Ready", status: "False", lastTransitionTime: null }];
    expect(trim(rawPod({ status: { conditions } })).readiness).toEqual({ status: "False", since: at(0) });
  });
});

test.each([
  ["Running", "Running"],
  ["Succeeded", "Succeeded"],
  ["", "Unknown"],
  ["Melting", "Unknown"],
  [undefined, "Unknown"],
])("phase %s is %s", (phase, expected) => {
  expect(trim(rawPod({ status: { phase } })).phase).toBe(expected);
});

test("a pod being deleted says so; an owner that does not control is none", () => {
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u" }];
  const pod = trim(rawPod({ metadata: { deletionTimestamp: "2026-11-25T12:01:00Z", ownerReferences } }));
  expect(pod.meta.deleting).toBe(true);
  expect(pod.meta.owner).toBeUndefined();
});

test("what siblings have in common is kept once", () => {
  const shared = createShared();
  const [a, b] = ["a", "b"].map((name) => trimPod(rawPod({ metadata: { name, uid: name } }), shared)!);
  expect(a!.shape).toBe(b!.shape);
  expect(a!.labels).toBe(b!.labels);
  expect(a!.meta.owner).toBe(b!.meta.owner);
});

test("two shapes that differ in one amount are two", () => {
  const shared = createShared();
  const small = trimPod(rawPod(), shared)!;
  const resources = { requests: { cpu: "300m", memory: "1Gi" }, limits: { memory: "2Gi" } };
  const large = trimPod(rawPod({ spec: { containers: [rawContainer("app", { resources })] } }), shared)!;
  expect(small.shape.containers[0]!.requests.cpu).toBe(250);
  expect(large.shape.containers[0]!.requests.cpu).toBe(300);
});

describe("a container killed for want of memory", () => {
  const killed = { terminated: { reason: "OOMKilled", finishedAt: "2026-11-25T12:00:30Z" } };
  const running = { running: { startedAt: "2026-11-25T12:00:31Z" } };
  const killsOf = (...containerStatuses: Raw[]) => trim(rawPod({ status: { containerStatuses } })).oomKills;
  const kill = { container: "app", at: at(30), request: 1024 ** 3 * 1000 };

  test("is told while it lies there, and after it has started again", () => {
    expect(killsOf({ name: "app", state: killed })).toEqual([kill]);
    expect(killsOf({ name: "app", state: running, lastState: killed, restartCount: 1 })).toEqual([kill]);
    expect(
      killsOf({ name: "app", state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: killed }),
    ).toEqual([kill]);
  });

  test("ran with the request that its status tells, where a resize has changed the spec's", () => {
    const resources = { requests: { memory: "512Mi" } };
    expect(killsOf({ name: "app", state: running, lastState: killed, resources })).toEqual([
      { ...kill, request: 512 * 1024 ** 2 * 1000 },
    ]);
  });

  test.each([
    ["another end", { terminated: { reason: "Error", exitCode: 137, finishedAt: "2026-11-25T12:00:30Z" } }],
    ["a kill without a time", { terminated: { reason: "OOMKilled" } }],
    ["no end at all", undefined],
  ])("is not told of %s", (_, lastState) => {
    expect(killsOf({ name: "app", state: running, lastState })).toEqual([]);
  });

  test("is not told of init containers that end, nor of names that the spec lacks", () => {
    const spec = {
      initContainers: [rawContainer("mesh", { restartPolicy: "Always" }), rawContainer("migrate")],
    };
    const initContainerStatuses = ["mesh", "migrate", "ghost"].map((name) => ({ name, state: killed }));
    const { oomKills } = trim(rawPod({ spec, status: { initContainerStatuses } }));
    expect(oomKills.map(({ container }) => container)).toEqual(["mesh"]);
  });

  test("costs a pod without kills nothing of its own", () => {
    expect(trim(rawPod()).oomKills).toBe(trim(rawPod()).oomKills);
  });
});

describe("a pod evicted for want of memory", () => {
  const conditions = [
    { type: "DisruptionTarget", status: "True", lastTransitionTime: "2026-11-25T12:00:40Z" },
  ];
  const evicted = (message: string, over: Raw = {}) =>
    trim(rawPod({ status: { phase: "Failed", reason: "Evicted", message, conditions, ...over } })).oomKills;

  test.each([
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 93Mi. Container app was using 700Mi, request is 512Mi, has larger consumption of memory. ",
    "The node was low on resource: memory. Container app was using 700Mi, which exceeds its request of 512Mi. ",
  ])("counts with what it used: %s", (message) => {
    expect(evicted(message)).toEqual([{ container: "app", at: at(40), request: 700 * 1024 ** 2 * 1000 }]);
    expect(evicted(message, { conditions: [] }), "by its start where nothing tells when").toEqual([
      { container: "app", at: at(2), request: 700 * 1024 ** 2 * 1000 },
    ]);
  });

  test.each([
    "The node was low on resource: ephemeral-storage. Container app was using 20Gi, request is 0, has larger consumption of ephemeral-storage. ",
    "The node was low on resource: memory. Container ghost was using 700Mi, request is 512Mi, has larger consumption of memory. ",
    "The node was low on resource: memory. Container app was using much, request is 512Mi, has larger consumption of memory. ",
    "Pod was rejected: The node had condition: [MemoryPressure].",
    "",
  ])("is none of: %s", (message) => {
    expect(evicted(message)).toEqual([]);
  });
});
