/**
 * Which of a workload's pods count, whose samples lack, and what is lost or weightless.
 */
import { describe, expect, test } from "vitest";
import { nodeName, uid } from "../../src/base/ids.ts";
import { bytes, later, millis, milliUnits, monoMillis, nanoCores, seconds } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import type { ReplicaSet } from "../../src/cluster/workload.ts";
import type { PodAbsence, PodUsage } from "../../src/store/reader.ts";
import { type EvidenceSources, freshFor, gatherEvidence } from "../../src/usage/gather.ts";
import { aMeta, T0 } from "../builders.ts";

const MONO = monoMillis(10_000_000);
const ago = (length: number) => later(T0, seconds(-length));

const NEW = aMeta({ name: "web-2", uid: uid("new") });
const OLD = aMeta({ name: "web-1", uid: uid("old") });
const revisions: readonly ReplicaSet[] = [
  { meta: OLD, replicas: 2, revision: 9 },
  { meta: NEW, replicas: 2, revision: 10 },
];
const ownedBy = (meta: typeof NEW) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name: meta.name,
  uid: meta.uid,
});

/** Ready and running for ten minutes, on n1. */
function aClusterPod({ name = "a", ...over }: Partial<Pod> & Readonly<{ name?: string }> = {}): Pod {
  return {
    meta: aMeta({ name, owner: ownedBy(NEW) }),
    labels: {},
    shape: { containers: [], podRequests: undefined, overhead: {} },
    node: nodeName("n1"),
    phase: "Running",
    startTime: ago(600),
    readiness: { status: "True", since: ago(590) },
    runningSince: ago(595),
    oomKills: [],
    ...over,
  };
}

function aNode(name: string, ready: Node["ready"]): Node {
  return {
    meta: aMeta({ namespace: "", name }),
    labels: {},
    ready,
    addresses: [],
    kubeletPort: undefined,
    metricsPath: undefined,
    capacity: {},
  };
}

const usage = (age: number): PodUsage => ({
  kind: "usage",
  at: ago(age),
  window: seconds(15),
  arrivedAt: later(MONO, seconds(-age)),
  containers: [
    { container: "app", cpu: nanoCores(5e8), memory: bytes(1e8), at: ago(age), window: seconds(15) },
  ],
});
const absent: PodAbsence = { kind: "absent", because: "never-scraped" };

type World = Readonly<{
  pods?: readonly Pod[];
  replicaSets?: readonly ReplicaSet[];
  nodes?: readonly Node[];
  /** By pod name; a pod that is not named has a sample of 10 s ago. */
  samples?: Readonly<Record<string, PodUsage | PodAbsence>>;
  heard?: Readonly<{ pods: number | undefined; nodes: number | undefined }>;
  resolution?: number;
}>;

function gather({ pods = [aClusterPod()], nodes = [], samples = {}, resolution = 15, ...world }: World = {}) {
  const heard = world.heard ?? { pods: 1, nodes: 1 };
  const reader = <T>(objects: readonly T[], age: number | undefined, keyOf: (object: T) => string) => ({
    get: (key: string) => objects.find((object) => keyOf(object) === key),
    all: () => objects,
    count: () => objects.length,
    synced: () => true,
    resourceVersion: () => "1",
    heardAt: () => (age === undefined ? undefined : later(MONO, seconds(-age))),
  });
  const named = new Map(pods.map(({ meta }) => [meta.uid, meta.name]));
  const sources: EvidenceSources = {
    pods,
    replicaSets: world.replicaSets ?? [],
    attributedBy: "owner",
    view: {
      of: {
        pods: reader(pods, heard.pods, ({ meta }) => `${meta.namespace}/${meta.name}`),
        nodes: reader(nodes, heard.nodes, ({ meta }) => `/${meta.name}`),
      },
    },
    samples: { pod: (of) => samples[named.get(of) ?? ""] ?? usage(10) },
    now: { wall: T0, mono: MONO },
    resolution: seconds(resolution),
  };
  return gatherEvidence(sources);
}

test("a pod with a fresh sample counts with its usage", () => {
  const { pods, expectedCount, lacking } = gather();
  expect(pods).toHaveLength(1);
  expect(pods[0]).toMatchObject({
    name: "a",
    usage: { at: ago(10), window: seconds(15), containers: [{ container: "app", cpu: 5e8 }] },
  });
  expect({ expectedCount, lacking }).toEqual({ expectedCount: 1, lacking: [] });
});

test.each([
  { what: "Succeeded", over: { phase: "Succeeded" as const } },
  { what: "Failed", over: { phase: "Failed" as const } },
  { what: "being deleted", over: { meta: aMeta({ name: "b", deleting: true }) } },
])("a pod that is $what counts for nothing", ({ over }) => {
  const evidence = gather({ pods: [aClusterPod(), { ...aClusterPod({ name: "b" }), ...over }] });
  expect(evidence.pods.map(({ name }) => name)).toEqual(["a"]);
  expect(evidence).toMatchObject({ lostCount: 0, weightlessCount: 0, expectedCount: 1 });
});

describe("a sample is fresh", () => {
  test.each([
    { resolution: 15, age: 60, fresh: true },
    { resolution: 15, age: 61, fresh: false },
    { resolution: 1, age: 60, fresh: true },
    { resolution: 30, age: 120, fresh: true },
    { resolution: 30, age: 121, fresh: false },
  ])("at resolution $resolution s, after $age s: $fresh", ({ resolution, age, fresh }) => {
    const { pods, lacking } = gather({ samples: { a: usage(age) }, resolution });
    expect(pods[0]?.usage !== undefined).toBe(fresh);
    expect(lacking).toEqual(
      fresh ? [] : [{ name: "a", node: "n1", because: "sample-too-old", silentFor: seconds(age) }],
    );
  });

  test("for four resolutions, and a minute at least", () => {
    expect([1, 15, 60].map((resolution) => freshFor(seconds(resolution)))).toEqual([60_000, 60_000, 240_000]);
  });
});

describe("a pod without a fresh sample", () => {
  test.each([
    { when: "has been running for a minute", over: { runningSince: ago(60) }, expected: 1 },
    { when: "has been running for less", over: { runningSince: ago(59) }, expected: 0 },
    { when: "has a container that is not running", over: { runningSince: undefined }, expected: 0 },
    { when: "is pending", over: { phase: "Pending" as const }, expected: 0 },
    { when: "is not ready but runs", over: { readiness: undefined }, expected: 1 },
  ])("that $when: $expected lacking", ({ over, expected }) => {
    const { pods, expectedCount, lacking } = gather({ pods: [aClusterPod(over)], samples: { a: absent } });
    expect({ pods: pods.length, expectedCount, lacking: lacking.length }).toEqual({
      pods: 1,
      expectedCount: expected,
      lacking: expected,
    });
  });

  test("is named with its node, its reason and how long it has been silent", () => {
    const { lacking } = gather({ samples: { a: { kind: "absent", because: "container-restarted" } } });
    expect(lacking).toEqual([
      { name: "a", node: "n1", because: "container-restarted", silentFor: seconds(595) },
    ]);
  });
});

describe("a pod is lost with its node", () => {
  test.each([
    { status: "False" as const, since: 41, lost: 1 },
    { status: "Unknown" as const, since: 41, lost: 1 },
    { status: "False" as const, since: 40, lost: 0 },
    { status: "True" as const, since: 600, lost: 0 },
  ])("that has been Ready=$status for $since s: $lost", ({ status, since, lost }) => {
    const nodes = [aNode("n1", { status, since: ago(since) })];
    const evidence = gather({ nodes, samples: { a: absent } });
    expect(evidence.lostCount).toBe(lost);
    expect(evidence.pods).toHaveLength(1 - lost);
    expect(evidence.lacking).toHaveLength(1 - lost);
  });

  test.each([
    { what: "that the cache does not know", nodes: [] },
    { what: "that never reported", nodes: [aNode("n1", undefined)] },
  ])("but not on a node $what", ({ nodes }) => {
    expect(gather({ nodes })).toMatchObject({ lostCount: 0, expectedCount: 1 });
  });
});

describe("never-ready pods of the newest revision", () => {
  const old = { ...aClusterPod({ name: "old" }), meta: aMeta({ name: "old", owner: ownedBy(OLD) }) };
  const starting = aClusterPod({ name: "new", readiness: { status: "False", since: ago(600) } });

  test("are weightless while an older revision has pods", () => {
    const evidence = gather({ pods: [old, starting], replicaSets: revisions });
    expect(evidence.pods.map(({ name }) => name)).toEqual(["old"]);
    expect(evidence).toMatchObject({ weightlessCount: 1, expectedCount: 1 });
  });

  test.each([
    { when: "there is no older pod", pods: [starting] },
    {
      when: "they were ready once",
      pods: [old, { ...starting, readiness: { status: "False" as const, since: ago(500) } }],
    },
    { when: "they are ready", pods: [old, aClusterPod({ name: "new" })] },
    {
      when: "they are of an older revision",
      pods: [{ ...old, readiness: starting.readiness }, aClusterPod()],
    },
  ])("count when $when", ({ pods }) => {
    expect(gather({ pods, replicaSets: revisions })).toMatchObject({
      weightlessCount: 0,
      expectedCount: pods.length,
    });
  });

  test("count where the target has no revisions", () => {
    expect(gather({ pods: [old, starting] })).toMatchObject({ weightlessCount: 0 });
  });
});

test.each([
  { pods: 5, nodes: 95, age: seconds(95) },
  { pods: 95, nodes: 5, age: seconds(95) },
  { pods: undefined, nodes: 5, age: undefined },
])("the view is as old as its oldest part: pods $pods s, nodes $nodes s → $age", ({ pods, nodes, age }) => {
  expect(gather({ heard: { pods, nodes } }).cacheAge).toBe(age);
});

test("a pod that is said to use more than its node has counts with what the node has, and is counted", () => {
  const nodes = [{ ...aNode("n1", { status: "True", since: ago(900) }), capacity: { cpu: milliUnits(400) } }];
  const evidence = gather({ nodes });
  expect(evidence.pods[0]?.usage?.containers.map(({ cpu }) => cpu)).toEqual([4e8]);
  expect(evidence.clippedCount).toBe(1);
  expect(gather().clippedCount).toBe(0);
});

test("evidence is plain data that survives being written down", () => {
  const evidence = gather({ samples: { a: usage(90) } });
  expect(JSON.parse(JSON.stringify(evidence))).toMatchObject({
    expectedCount: 1,
    lacking: [{ silentFor: millis(90_000) }],
  });
});
