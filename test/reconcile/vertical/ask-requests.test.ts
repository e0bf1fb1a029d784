/** What a question about writing requests is made of, and what is remembered between two. */
import { describe, expect, test } from "vitest";
import { nodeName, objectKey, uid } from "../../../src/base/ids.ts";
import { later, milliUnits, minutes, millis, monoMillis } from "../../../src/base/units.ts";
import { resizablePods } from "../../../src/actuate/requests/resizable-pod.ts";
import type { Pod } from "../../../src/cluster/pod.ts";
import type { ClusterView } from "../../../src/cluster/view.ts";
import {
  afterRequestWrite, afterSight, containerMemory, startApplyMemory,
} from "../../../src/reconcile/vertical/apply-memory.ts"; // prettier-ignore
import {
  askRequests, calmAfter, daemonRequests, nodesOf, type RequestMatter, withinTenMinutes,
} from "../../../src/reconcile/vertical/ask-requests.ts"; // prettier-ignore
import { anAutoscaler, aMeta, aVerticalSpec, aWorkload, T0 } from "../../builders.ts";
import {
  ago,
  amounts,
  aRecommendation,
  mebi,
  named,
  resources,
} from "../../coordinate/requests/questions.ts";
import { aVerdict, cpuUtilization } from "../../report/vertical/verdicts.ts";

const WEB = uid("uid-of-web");

function aPod(name: string, cpu: number, over: Partial<Pod> = {}): Pod {
  return {
    meta: aMeta({ name, uid: uid(name), createdAt: ago(2) }),
    labels: {},
    shape: {
      containers: [{ name: "app", role: "main", requests: { cpu: milliUnits(cpu) }, limits: {} }],
      podRequests: undefined,
      overhead: {},
    },
    node: nodeName("n1"),
    phase: "Running",
    startTime: T0,
    readiness: { status: "True", since: T0 },
    runningSince: T0,
    oomKills: [],
    ...over,
  };
}

function ask(pods: readonly Pod[], over: Partial<RequestMatter> = {}) {
  return askRequests({
    now: T0,
    spec: aVerticalSpec({ apply: { mode: "InPlace", minReplicas: 2, windows: [] } }),
    verdict: aVerdict(),
    workload: aWorkload({ replicas: 5 }),
    shape: aPod("shape", 500).shape,
    pods: resizablePods(pods),
    seen: pods,
    memory: startApplyMemory(WEB),
    memoryPeak: () => mebi(100),
    autoscalers: [],
    nodes: [],
    calm: { kind: "calm" },
    fleet: { managedPods: 5, podsResized: 0, workloads: 1, rolling: 0 },
    template: undefined,
    ...over,
  });
}
const [app] = [(question: ReturnType<typeof ask>) => question.containers[0]!];
const cpu = (n: number) => resources(amounts(n));

describe("what a container has", () => {
  test("is what most of the pods carry", () => {
    const state = app(ask([aPod("a", 500), aPod("b", 400), aPod("c", 400)]));
    expect(state).toMatchObject({ present: cpu(400), others: [cpu(500)] });
  });

  test("is what those carry that were resized, and the base is of one that was not", () => {
    const state = app(ask([aPod("a", 500), aPod("b", 500), aPod("c", 300, { resizedAt: ago(1) })]));
    expect(state).toMatchObject({ present: cpu(300), base: cpu(500), others: [cpu(500), cpu(500)] });
  });

  test("is the template's where that is written, and its base what the annotation says", () => {
    const containers = [named("app", cpu(300))];
    const bases = [named("app", cpu(500))];
    const state = {
      gitOps: undefined,
      requestsIgnored: false,
      annotation: "readable",
      reverted: false,
      writtenAt: ago(20),
    } as const;
    const question = ask([aPod("a", 700)], { template: { containers, bases, state } });
    expect(app(question)).toMatchObject({ present: cpu(300), base: cpu(500), others: [] });
    expect(question.lastWrite).toEqual({ at: ago(20), before: bases });
    expect(question.workload).toMatchObject({ template: state, surge: 2, replicas: 5, readyPods: 1 });
  });

  test("is the shape's where there is no pod", () => {
    expect(app(ask([]))).toMatchObject({ present: cpu(500), base: cpu(500), others: [] });
  });
});

test("after a restart, a limit that was lowered at an unknown time was lowered when a pod was resized last", () => {
  const question = ask([aPod("a", 300, { resizedAt: ago(0.5) })]);
  expect(app(question).memoryLimitLoweredAt).toBe(ago(0.5));
  expect(question.lastWrite).toEqual({ at: ago(0.5), before: [] });
  expect(app(ask([aPod("a", 500)])).memoryLimitLoweredAt).toBeUndefined();
});

test("whoever follows a utilization is named", () => {
  const verdict = aVerdict({ followed: [{ metric: cpuUtilization(60), tolerance: 0.1 }] });
  const autoscalers = [anAutoscaler({ followsUtilizationOf: ["memory"] })];
  expect(ask([], { verdict, autoscalers }).followed).toEqual([
    { resource: "cpu", by: "horizontal" },
    { resource: "memory", by: "HorizontalPodAutoscaler shop/web-hpa" },
  ]);
});

test("only pods that came after our write wait by our act", () => {
  const waiting = (name: string, hours: number) =>
    aPod(name, 500, { phase: "Pending", node: undefined, meta: aMeta({ name, createdAt: ago(hours) }) });
  const memory = afterRequestWrite(startApplyMemory(WEB), { before: [], to: [] }, ago(1));
  const pods = [waiting("old", 2), waiting("new", 0.2), waiting("newer", 0.1), aPod("runs", 500)];
  expect(ask(pods, { memory }).room.pendingSince).toBe(ago(0.2));
  expect(ask(pods).room.pendingSince).toBeUndefined();
});

describe("the nodes that a pod may use", () => {
  const node = { capacity: { cpu: milliUnits(4000), memory: milliUnits(8_589_934_592_000) } };
  const view = {
    of: { nodes: { get: (key: string) => (key === objectKey("", "n1") ? node : undefined) } },
  } as unknown as ClusterView;

  test("are those that run such pods, less what DaemonSets ask for there", () => {
    const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent", uid: uid("d") };
    const daemons = daemonRequests([
      aPod("agent", 300, { meta: aMeta({ owner }) }),
      aPod("agent-2", 100, { meta: aMeta({ owner }) }),
      aPod("web", 900),
    ]);
    expect(nodesOf(view, [aPod("a", 500), aPod("b", 500)], daemons)).toEqual([
      { cpu: 3600, memory: mebi(8192) },
    ]);
  });

  test("are none where nothing is known of them", () => {
    expect(nodesOf(view, [aPod("a", 500, { node: nodeName("gone") })], new Map())).toEqual([]);
    expect(nodesOf(view, [aPod("a", 500, { node: undefined })], new Map())).toEqual([]);
  });
});

test.each([
  { lastScale: undefined, kind: "calm" },
  { lastScale: later(T0, minutes(-4.9)), kind: "restless" },
  { lastScale: later(T0, minutes(-5)), kind: "calm" },
])("scaled $lastScale, in a window of 5 min: $kind", ({ lastScale, kind }) => {
  expect(calmAfter(lastScale, { now: T0, window: minutes(5) }).kind).toBe(kind);
});

test("what happened ten minutes ago counts no more", () => {
  const now = monoMillis(1_000_000);
  const times = [now - 600_000, now - 599_999, now - 1].map(monoMillis);
  expect(withinTenMinutes(times, now)).toEqual(times.slice(1));
});

describe("what is remembered", () => {
  const present = named("app", resources(amounts(500, 512), amounts(undefined, 1024)));
  const within = aRecommendation(amounts(500, 512));
  const outside = aRecommendation(amounts(250, 256));
  const start = startApplyMemory(WEB);

  test("of kills: each once, for a day", () => {
    const oom = (hours: number) => ({ at: ago(hours), needed: mebi(700) });
    const seen = [oom(30), oom(3), oom(3), oom(1)].reduce(
      (memory, lastOom) => afterSight(memory, [{ present, recommendation: within, lastOom }], T0),
      start,
    );
    expect(containerMemory(seen, "app").ooms).toEqual([oom(3), oom(1)]);
  });

  test("since when a request is outside of its bounds, without a break", () => {
    const look = (memory: typeof start, recommendation: typeof within, hours: number) =>
      afterSight(memory, [{ present, recommendation, lastOom: undefined }], ago(hours));
    const since = look(look(start, outside, 5), outside, 3);
    expect(containerMemory(since, "app").outsideSince).toBe(ago(5));
    expect(containerMemory(look(since, within, 2), "app").outsideSince).toBeUndefined();
  });

  test("of writes: what was there, which way each request went, and when a limit went down", () => {
    const to = [named("app", resources(amounts(300, 600), amounts(undefined, 900)))];
    const written = afterRequestWrite(start, { before: [present], to }, T0);
    expect(written.lastWrite).toEqual({ at: T0, before: [present] });
    expect(containerMemory(written, "app")).toMatchObject({
      turns: { cpu: { at: T0, to: "lower" }, memory: { at: T0, to: "higher" } },
      memoryLimitLoweredAt: T0,
    });
    const again = afterRequestWrite(written, { before: to, to: [present] }, later(T0, millis(1)));
    expect(containerMemory(again, "app").memoryLimitLoweredAt).toBe(T0);
  });
});
