/**
 * What several metrics come to together, and what a metric without an answer says.
 */
import { describe, expect, test } from "vitest";
import { milliUnits } from "../../src/base/units.ts";
import { proposeReplicas } from "../../src/horizontal/propose.ts";
import { aContainer, aPod, aQuestion, aShape, averageValue, cpuUtilization, usageOf } from "./pods.ts";

/** Four ready pods at 90 % of their cpu, and 500 bytes of memory. */
const pods = [1, 2, 3, 4].map((n) =>
  aPod({ name: `web-${n}`, usage: usageOf({ app: { cpu: 900, memory: 500 } }) }),
);
const up = cpuUtilization(60);
const down = averageValue("memory", 1_000_000);
const still = cpuUtilization(90);
const broken = cpuUtilization(60, "absent");

describe("combining", () => {
  test.each([
    { metrics: [up], combined: { kind: "replicas", replicas: 6, winner: 0, invalidCount: 0 } },
    { metrics: [down, up], combined: { kind: "replicas", replicas: 6, winner: 1, invalidCount: 0 } },
    { metrics: [still, still], combined: { kind: "replicas", replicas: 4, winner: 0, invalidCount: 0 } },
    { metrics: [down], combined: { kind: "replicas", replicas: 2, winner: 0, invalidCount: 0 } },
    { metrics: [broken, up], combined: { kind: "replicas", replicas: 6, winner: 1, invalidCount: 1 } },
    { metrics: [still, broken], combined: { kind: "replicas", replicas: 4, winner: 0, invalidCount: 1 } },
    { metrics: [down, broken], combined: { kind: "failure", reason: "FailedGetContainerResourceMetric" } },
    { metrics: [broken], combined: { kind: "failure", reason: "FailedGetContainerResourceMetric" } },
  ])("$metrics.length metrics → $combined", ({ metrics, combined }) => {
    const proposal = proposeReplicas(aQuestion({ pods, metrics }));
    expect(proposal.combined).toMatchObject(combined);
    expect(proposal.metrics.map(({ metric }) => metric)).toEqual(metrics);
  });
});

describe("a metric has no answer", () => {
  const unrequested = aShape([aContainer("app"), aContainer("log", { requests: {} })]);
  test.each([
    { when: "there is no pod", pods: [], message: "no pods" },
    {
      when: "no pod has a sample",
      pods: pods.map((pod) => ({ ...pod, usage: undefined })),
      message: "4 without a sample",
    },
    {
      when: "every pod is pending or failed",
      pods: [aPod({ phase: "Pending" }), aPod({ phase: "Failed", cpu: 1 })],
      message: "1 not ready, 1 failed or being deleted",
    },
    {
      when: "a container has no request",
      pods: [...pods, aPod({ name: "web-5", shape: unrequested })],
      message: "pod web-5: container log has no cpu request",
    },
    {
      when: "the measured pods ask for nothing",
      pods: [aPod({ shape: aShape([aContainer("app", { requests: { cpu: milliUnits(0) } })]), cpu: 100 })],
      message: "the cpu requests of the measured pods are 0",
    },
  ])("when $when", ({ pods: asked, message }) => {
    const { combined } = proposeReplicas(aQuestion({ pods: asked, currentReplicas: 4 }));
    expect(combined).toMatchObject({ kind: "failure", reason: "FailedGetResourceMetric" });
    expect(combined.kind === "failure" && combined.message).toContain(message);
  });

  test("an average value needs no request", () => {
    const asked = [aPod({ shape: unrequested, cpu: 900 })];
    const { combined } = proposeReplicas(aQuestion({ pods: asked, metrics: [averageValue("cpu", 300)] }));
    expect(combined).toMatchObject({ replicas: 3 });
  });
});

test("a proposal shows what it was decided on", () => {
  const limits = { cpu: milliUnits(1000) };
  const limited = pods.map((pod) => ({ ...pod, shape: aShape([aContainer("app", { limits })]) }));
  const starting = aPod({ name: "web-5", phase: "Pending", usage: undefined });
  const question = aQuestion({ pods: [...limited, starting], currentReplicas: 5 });
  expect(proposeReplicas(question).metrics[0]).toEqual({
    kind: "valid",
    metric: up,
    replicas: 6,
    upstreamReplicas: 6,
    utilization: 90,
    averageValue: 900,
    ratio: 1.2,
    readyCount: 4,
    unreadyCount: 1,
    missingCount: 0,
    consideredCount: 5,
    limits: { usage: 3600, limit: 4000 },
    because: "usage-over-target",
  });
});

test.each([
  { utilization: 55, target: 50, because: "within-tolerance", replicas: 1 },
  { utilization: 56, target: 50, because: "usage-over-target", replicas: 2 },
  { utilization: 54, target: 60, because: "within-tolerance", replicas: 1 },
  { utilization: 53, target: 60, because: "usage-under-target", replicas: 1 },
])("$utilization % against $target %: $because", ({ utilization, target, because, replicas }) => {
  const question = aQuestion({ pods: [aPod({ cpu: utilization * 10 })], metrics: [cpuUtilization(target)] });
  expect(proposeReplicas(question).metrics[0]).toMatchObject({ because, replicas });
});

test("a fraction of a percent is cut off before it is compared", () => {
  const question = aQuestion({ pods: [aPod({ cpu: 559 })], metrics: [cpuUtilization(50)] });
  expect(proposeReplicas(question).metrics[0]).toMatchObject({
    utilization: 55,
    because: "within-tolerance",
  });
});

test("with upstream's arithmetic 15 pods at 25 of 3 % become 126, exactly they become 125", () => {
  const busy = Array.from({ length: 15 }, (_, n) => aPod({ name: `web-${n}`, cpu: 250 }));
  const question = aQuestion({ pods: busy, metrics: [cpuUtilization(3)] });
  const upstream = { ...question, settings: { ...question.settings, arithmetic: "upstream" as const } };
  expect(proposeReplicas(question).combined).toMatchObject({ replicas: 125, upstreamReplicas: 126 });
  expect(proposeReplicas(upstream).combined).toMatchObject({ replicas: 126, upstreamReplicas: 126 });
});
