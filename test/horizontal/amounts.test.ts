/**
 * What a pod asks for and uses, in upstream's own cases (A6), and amounts beyond what a Number holds.
 */
import { describe, expect, test } from "vitest";
import { bytes, milliUnits, nanoCores } from "../../src/base/units.ts";
import type { PodShape } from "../../src/cluster/pod.ts";
import { limitOf, requestOf, usageOf } from "../../src/horizontal/amounts.ts";
import { aContainer, aPod, aShape, usageOf as sampleOf } from "./pods.ts";

const cpu = (milli: number) => ({ requests: { cpu: milliUnits(milli) } });
const podLevel = (milli: number, overhead = 0) => ({
  podRequests: { cpu: milliUnits(milli) },
  overhead: { cpu: milliUnits(overhead) },
});
const two = [aContainer("app", cpu(100)), aContainer("log", cpu(50))];
const withSidecar = [
  aContainer("app", cpu(100)),
  aContainer("init", { ...cpu(20), role: "init" }),
  aContainer("proxy", { ...cpu(50), role: "sidecar" }),
];
const bare = aContainer("bare", { requests: {} });

describe("requests", () => {
  test.each<{ of: string; shape: PodShape; container?: string; wanted: number | string }>([
    { of: "containers add up", shape: aShape(two), wanted: 150 },
    { of: "a sidecar counts, an init container does not", shape: aShape(withSidecar), wanted: 150 },
    { of: "a pod-level request is the pod's", shape: aShape([...two, bare], podLevel(800)), wanted: 800 },
    { of: "overhead is added to a pod-level request", shape: aShape(two, podLevel(800, 30)), wanted: 830 },
    {
      of: "overhead is not added to containers' requests",
      shape: aShape(two, { overhead: { cpu: milliUnits(30) } }),
      wanted: 150,
    },
    {
      of: "a named container has its own",
      shape: aShape(two, podLevel(800)),
      container: "app",
      wanted: 100,
    },
    { of: "a sidecar can be named", shape: aShape(withSidecar), container: "proxy", wanted: 50 },
    { of: "an init container cannot", shape: aShape(withSidecar), container: "init", wanted: "init" },
    { of: "one without a request spoils it", shape: aShape([...two, bare]), wanted: "bare" },
    { of: "the named one without a request", shape: aShape([bare]), container: "bare", wanted: "bare" },
    { of: "a name that no container has", shape: aShape(two), container: "other", wanted: "other" },
  ])("$of", ({ shape, container, wanted }) => {
    const request = requestOf(shape, { resource: "cpu", container });
    if (typeof wanted === "number") expect(request).toEqual({ kind: "request", amount: wanted });
    else expect(request).toMatchObject({ kind: "lacking", message: expect.stringContaining(wanted) });
  });

  test("a resource without a pod-level request is what the scheduler reserves for the containers, and overhead", () => {
    const memory = (milli: number) => ({ requests: { memory: milliUnits(milli) } });
    const shape = aShape(
      [
        aContainer("app", memory(100)),
        aContainer("migrate", { ...memory(400), role: "init" }),
        aContainer("proxy", { ...memory(50), role: "sidecar" }),
        aContainer("warm-up", { ...memory(90), role: "init" }),
      ],
      podLevel(800),
    );
    expect(requestOf(shape, { resource: "memory", container: undefined })).toEqual({
      kind: "request",
      amount: 400,
    });
    const neither = aShape(two, podLevel(800));
    expect(requestOf(neither, { resource: "memory", container: undefined }).kind).toBe("lacking");
    const overhead = { ...neither, overhead: { memory: milliUnits(0) } };
    expect(requestOf(overhead, { resource: "memory", container: undefined })).toEqual({
      kind: "request",
      amount: 0,
    });
  });
});

describe("limits", () => {
  const limited = aContainer("app", { limits: { cpu: milliUnits(500) } });
  test.each([
    { containers: [limited], wanted: 500 },
    { containers: [limited, { ...limited, name: "two" }], wanted: 1000 },
    { containers: [limited, bare], wanted: undefined },
    { containers: [limited, { ...bare, role: "init" as const }], wanted: 500 },
  ])("of $containers.length containers: $wanted", ({ containers, wanted }) => {
    expect(limitOf(aShape(containers), { resource: "cpu", container: undefined })).toBe(wanted);
  });
});

describe("usage", () => {
  test("each container is rounded up to a whole milli-unit before summing", () => {
    const containers = ["app", "log"].map((container) => ({
      ...sampleOf({ app: {} }).containers[0]!,
      container,
      cpu: nanoCores(1_000_001),
    }));
    const pod = aPod({ usage: { ...sampleOf({ app: {} }), containers } });
    expect(usageOf(pod, { resource: "cpu", container: undefined })).toBe(4);
    expect(usageOf(pod, { resource: "cpu", container: "log" })).toBe(2);
  });

  test.each([
    { of: "a container that has no sample", container: "other" },
    { of: "a pod without containers in its sample", container: undefined, usage: sampleOf({}) },
  ])("$of is unknown, not 0", ({ container, usage = sampleOf({ app: { cpu: 1 } }) }) => {
    expect(usageOf(aPod({ usage }), { resource: "cpu", container })).toBeUndefined();
  });

  test("an absurd amount saturates and stays whole", () => {
    const containers = [
      { ...sampleOf({ app: {} }).containers[0]!, memory: bytes(1e300), cpu: nanoCores(1e300) },
    ];
    const pod = aPod({ usage: { ...sampleOf({ app: {} }), containers } });
    expect(usageOf(pod, { resource: "memory", container: undefined })).toBe(Number.MAX_SAFE_INTEGER);
    expect(usageOf(pod, { resource: "cpu", container: undefined })).toBe(Number.MAX_SAFE_INTEGER);
  });
});
