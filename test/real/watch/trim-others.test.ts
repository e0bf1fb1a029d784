import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../../src/cluster/port.ts";
import { RESOURCES } from "../../../src/real/apiserver/watch/resources.ts";
import { trimAutoscaler, trimPolicy } from "../../../src/real/apiserver/watch/trim/autoscaler.ts";
import { InternTable } from "../../../src/real/apiserver/watch/trim/intern-table.ts";
import { createShared, type Trim } from "../../../src/real/apiserver/watch/trim/meta.ts";
import { trimNode } from "../../../src/real/apiserver/watch/trim/node.ts";
import type { Raw } from "../../../src/real/apiserver/watch/trim/raw.ts";
import {
  trimDeployment,
  trimReplicaSet,
  trimStatefulSet,
} from "../../../src/real/apiserver/watch/trim/workload.ts";
import { rawMeta, rawPod } from "./raw-objects.ts";

const NOON = Date.UTC(2026, 10, 25, 12, 0, 0);
const trimmed = <T>(trim: Trim<T>, raw: Raw): T => trim(raw, createShared())!;

describe("a node", () => {
  const conditions = [
    { type: "MemoryPressure", status: "False" },
    { type: "Ready", status: "True", lastTransitionTime: "2026-11-25T12:00:09Z" },
  ];
  const status = {
    conditions,
    addresses: [
      { type: "InternalIP", address: "10.0.0.1" },
      { type: "Hostname", address: "n1" },
      { type: "ExternalIP" },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    capacity: { cpu: "16", memory: "64Gi", pods: "110" },
  };

  test("keeps where its kubelet answers and whether it is ready", () => {
    const annotations = { "metrics.k8s.io/resource-metrics-path": "/metrics/nodes/n1/metrics/resource" };
    const metadata = rawMeta("n1", { namespace: undefined, labels: { zone: "a" }, annotations });
    expect(trimmed(trimNode, { metadata, status })).toMatchObject({
      meta: { namespace: "", name: "n1" },
      labels: { zone: "a" },
      ready: { status: "True", since: NOON + 9000 },
      addresses: [
        { type: "InternalIP", address: "10.0.0.1" },
        { type: "Hostname", address: "n1" },
      ],
      kubeletPort: 10250,
      metricsPath: "/metrics/nodes/n1/metrics/resource",
      capacity: { cpu: 16_000, memory: 64 * 2 ** 30 * 1000 },
    });
  });

  test.each([
    ["a port of 0", { daemonEndpoints: { kubeletEndpoint: { Port: 0 } } }],
    ["no port", {}],
  ])("%s is no port, an empty path no path, and no report no readiness", (_, sparse) => {
    const annotations = { "metrics.k8s.io/resource-metrics-path": "" };
    const node = trimmed(trimNode, { metadata: rawMeta("n1", { annotations }), status: sparse });
    expect(node.kubeletPort).toBeUndefined();
    expect(node.metricsPath).toBeUndefined();
    expect(node.ready).toBeUndefined();
    expect(node.addresses).toEqual([]);
    expect(node.capacity).toEqual({});
  });
});

describe("a workload", () => {
  test("keeps replicas and how its rollout stands", () => {
    const raw = {
      metadata: rawMeta("web", { generation: 4 }),
      spec: { replicas: 6, paused: true },
      status: { observedGeneration: 3, replicas: 7, updatedReplicas: 2, readyReplicas: 5 },
    };
    expect(trimmed(trimDeployment, raw)).toMatchObject({
      meta: { generation: 4 },
      kind: "Deployment",
      replicas: 6,
      status: { observedGeneration: 3, replicas: 7, updatedReplicas: 2, readyReplicas: 5 },
      paused: true,
      rollsByItself: true,
      partition: 0,
      stuckSince: undefined,
      replicaFailure: undefined,
      scaledBy: undefined,
    });
  });

  test("fields that the API leaves out have its defaults: 1 replica, counts of 0", () => {
    const workload = trimmed(trimStatefulSet, { metadata: rawMeta("db"), spec: {}, status: {} });
    expect(workload.replicas).toBe(1);
    expect(workload.status).toEqual({
      observedGeneration: 0,
      replicas: 0,
      updatedReplicas: 0,
      readyReplicas: 0,
    });
  });

  test("zero replicas are zero, not the default", () => {
    expect(trimmed(trimDeployment, { metadata: rawMeta("web"), spec: { replicas: 0 } }).replicas).toBe(0);
  });

  test.each([
    [{ type: "RollingUpdate", rollingUpdate: { partition: 3 } }, true, 3],
    [{ type: "OnDelete" }, false, 0],
    [undefined, true, 0],
  ])("a StatefulSet with update strategy %j", (updateStrategy, rollsByItself, partition) => {
    const raw = { metadata: rawMeta("db"), spec: { updateStrategy } };
    expect(trimmed(trimStatefulSet, raw)).toMatchObject({ rollsByItself, partition });
  });

  const lastTransitionTime = "2026-11-25T12:05:00Z";
  test.each([
    [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }, NOON + 300_000, undefined],
    [{ type: "Progressing", status: "False", reason: "FailedCreate" }, undefined, undefined],
    [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated" }, undefined, undefined],
    [
      { type: "ReplicaFailure", status: "True", message: "exceeded quota" },
      undefined,
      { since: NOON + 300_000, message: "exceeded quota" },
    ],
    [{ type: "ReplicaFailure", status: "False", message: "was full" }, undefined, undefined],
  ])("condition %j", (condition, stuckSince, replicaFailure) => {
    const status = { conditions: [{ ...condition, lastTransitionTime }] };
    const workload = trimmed(trimDeployment, { metadata: rawMeta("web"), spec: {}, status });
    expect(workload.stuckSince).toBe(stuckSince);
    expect(workload.replicaFailure).toEqual(replicaFailure);
  });
});

describe("who scaled a workload last", () => {
  const entry = (manager: string, second: number, fields: Raw, subresource?: string): Raw => ({
    manager,
    operation: "Update",
    time: `2026-11-25T12:00:${String(second).padStart(2, "0")}Z`,
    fieldsType: "FieldsV1",
    fieldsV1: fields,
    ...(subresource !== undefined && { subresource }),
  });
  const replicas = { "f:spec": { "f:replicas": {} } };
  const template = { "f:spec": { "f:template": {} } };
  const scaledBy = (managedFields: unknown) =>
    trimmed(trimDeployment, { metadata: rawMeta("web", { managedFields }), spec: {} }).scaledBy;

  test.each([
    [
      "through the scale subresource",
      [entry("kubectl", 1, template), entry("plimsoll", 2, replicas, "scale")],
      "plimsoll",
      2,
    ],
    [
      "through the object",
      [entry("plimsoll", 2, replicas, "scale"), entry("argocd", 5, replicas)],
      "argocd",
      5,
    ],
    ["in whatever order they stand", [entry("argocd", 5, replicas), entry("hpa", 3, replicas)], "argocd", 5],
    [
      "of equal times, the later entry",
      [entry("helm", 5, replicas), entry("plimsoll", 5, replicas)],
      "plimsoll",
      5,
    ],
    [
      "who changed something else later does not count",
      [entry("hpa", 3, replicas), entry("kubectl", 9, template)],
      "hpa",
      3,
    ],
  ])("%s", (_, managedFields, manager, second) => {
    expect(scaledBy(managedFields)).toEqual({ manager, at: NOON + second * 1000 });
  });

  test("a write through scale, which has no time, is known by its manager", () => {
    const scale = { manager: "kubectl", operation: "Update", subresource: "scale", fieldsV1: replicas };
    expect(scaledBy([scale, entry("argocd", 5, template)])).toEqual({ manager: "kubectl", at: undefined });
    expect(scaledBy([scale, entry("argocd", 5, replicas)])?.manager, "who repeated its value").toBe("argocd");
  });

  test.each([[undefined], [[]], [[entry("kubectl", 1, template)]], ["garbage"]])(
    "nobody, by %j",
    (managedFields) => {
      expect(scaledBy(managedFields)).toBeUndefined();
    },
  );
});

test.each([
  ["12", 12],
  [undefined, 0],
  ["newest", 0],
])("a ReplicaSet with revision %s has %i", (revision, expected) => {
  const annotations = { "deployment.kubernetes.io/revision": revision };
  const raw = { metadata: rawMeta("web-1", { annotations }), spec: { replicas: 2 } };
  expect(trimmed(trimReplicaSet, raw)).toMatchObject({ replicas: 2, revision: expected });
});

describe("a foreign autoscaler", () => {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  const resource = (name: string, type: string): Raw => ({
    type: "Resource",
    resource: { name, target: { type } },
  });

  test("keeps its target, its owner's kind and what it follows by utilization", () => {
    const ownerReferences = [
      { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "web", uid: "u", controller: true },
    ];
    const metrics = [
      resource("cpu", "Utilization"),
      resource("memory", "AverageValue"),
      { type: "ContainerResource", containerResource: { name: "memory", target: { type: "Utilization" } } },
      resource("cpu", "Utilization"),
      resource("nvidia.com/gpu", "Utilization"),
      { type: "External", external: { metric: { name: "queue" }, target: { type: "Value" } } },
    ];
    const raw = {
      metadata: rawMeta("hpa", { ownerReferences }),
      spec: { scaleTargetRef, metrics },
      status: { desiredReplicas: 4 },
    };
    expect(trimmed(trimAutoscaler, raw)).toMatchObject({
      target: scaleTargetRef,
      ownerKind: "ScaledObject",
      desiredReplicas: 4,
      followsUtilizationOf: ["cpu", "memory"],
    });
  });

  test("without a status it desires nothing, and without a target it is none", () => {
    const raw = { metadata: rawMeta("hpa"), spec: { scaleTargetRef } };
    expect(trimmed(trimAutoscaler, raw)).toMatchObject({
      desiredReplicas: undefined,
      followsUtilizationOf: [],
    });
    expect(trimAutoscaler({ metadata: rawMeta("hpa"), spec: {} }, createShared())).toBeUndefined();
  });
});

test("a policy's spec and status are kept as they were written", () => {
  const raw = { metadata: rawMeta("web"), spec: { anything: [1] }, status: { conditions: "odd" } };
  expect(trimmed(trimPolicy, raw)).toMatchObject({ spec: raw.spec, status: raw.status });
});

describe.each(KINDS)("%s", (kind) => {
  const trim: Trim<unknown> = RESOURCES[kind].trim;
  const whole = { ...rawPod(), spec: { scaleTargetRef: { kind: "Deployment", name: "web" } } };

  test.each(["name", "uid", "resourceVersion", "creationTimestamp"])("without %s it is none", (field) => {
    expect(trim(whole, createShared())).toBeDefined();
    expect(
      trim({ ...whole, metadata: rawMeta("web", { [field]: undefined }) }, createShared()),
    ).toBeUndefined();
  });

  test("no JSON of whatever shape makes the trimming throw", () => {
    const anything = fc.jsonValue().map((value) => value as unknown);
    const odd = fc.record({
      metadata: fc.record({
        labels: anything,
        ownerReferences: anything,
        annotations: anything,
        managedFields: anything,
      }),
      spec: anything,
      status: anything,
    });
    fc.assert(
      fc.property(odd, ({ metadata, spec, status }) => {
        trim({ metadata: rawMeta("web", metadata), spec, status }, createShared());
      }),
      { numRuns: 200 },
    );
  });
});

describe("an intern table", () => {
  test("holds at most two generations, and what is asked for stays the same", () => {
    const table = new InternTable<{ key: string }>(10);
    const get = (key: string) => table.get(key, () => ({ key }));
    const kept = get("kept");
    for (let i = 0; i < 1000; i++) {
      get(`passing-${i}`);
      expect(get("kept")).toBe(kept);
      expect(table.size).toBeLessThanOrEqual(20);
    }
    expect(get("passing-0").key).toBe("passing-0");
  });
});
