/**
 * What limits: `behavior`, `cluster-brake`, `quota-and-failure`, `bounds`; each both where it moves the answer
 * and where it does not.
 */
import { describe, expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { rememberScale } from "../../src/coordinate/memory.ts";
import type { PlanCondition } from "../../src/coordinate/plan.ts";
import type { FleetActivity } from "../../src/coordinate/question.ts";
import type { Recommendation } from "../../src/horizontal/stabilize.ts";
import { ago, SETTINGS } from "../horizontal/pods.ts";
import { aBehavior, aMemory, aPlanQuestion, after, podsAt } from "./questions.ts";

const recommended = (replicas: number, age: number): Recommendation => ({
  at: ago(age),
  notBefore: ago(age),
  low: replicas,
  high: replicas,
});
const reasonsOf = (conditions: readonly PlanCondition[]) =>
  Object.fromEntries(conditions.map(({ type, reason }) => [type, reason]));
const pods = (value: number, period: number) => [{ type: "Pods", value, period: seconds(period) }] as const;

describe("behavior", () => {
  test("a higher recommendation in the window keeps a decrease from it, and says until when", () => {
    const recommendations = [recommended(12, 400), recommended(10, 175)];
    const { plan } = makePlan(aPlanQuestion({ replicas: 14, level: 30, memory: { recommendations } }));
    expect(plan).toMatchObject({ from: 14, to: 10 });
    expect(plan.moves).toEqual([
      {
        rail: "behavior",
        before: 7,
        after: 10,
        why: "5m window keeps 10 (now wants 7) until 12:02:05 UTC",
      },
    ]);
    expect(reasonsOf(plan.conditions)).toEqual({
      ScalingActive: "ValidMetricFound",
      AbleToScale: "ScaleDownStabilized",
      ScalingLimited: "DesiredWithinRange",
    });
  });

  test("a decision that no metric had an answer for holds no increase in its window, and every decrease", () => {
    const [up, down] = [{ stabilizationWindow: minutes(5) }, { stabilizationWindow: minutes(5) }];
    const spec = { behavior: aBehavior({ up, down }) };
    const blind = aPlanQuestion({ spec, evidence: { pods: [] } });
    const { memory } = makePlan(blind);
    const later = (level: number) =>
      makePlan(after(seconds(15), aPlanQuestion({ spec, level }), memory)).plan;
    expect(later(90).to).toBe(6);
    expect(later(30)).toMatchObject({ to: 4, moves: [{ rail: "behavior", before: 2, after: 4 }] });
  });

  test("a hold by the window reads as one", () => {
    const recommendations = [recommended(10, 175)];
    expect(
      makePlan(aPlanQuestion({ replicas: 10, level: 40, memory: { recommendations } })).plan.sentence,
    ).toBe("held: 5m window keeps 10 (now wants 7) until 12:02:05 UTC (cpu 40 % of request, mark 60 %)");
  });

  test.each([
    { what: "without behavior at most twice", behavior: undefined, to: 8 },
    { what: "the defaults allow four more", behavior: aBehavior(), to: 8 },
    { what: "one pod per minute", behavior: aBehavior({ up: { policies: pods(1, 60) } }), to: 5 },
    { what: "disabled", behavior: aBehavior({ up: { selectPolicy: "Disabled" } }), to: 4 },
    { what: "as many as one likes", behavior: aBehavior({ up: { policies: pods(100, 60) } }), to: 20 },
  ])("$what: 4 that want 20 → $to", ({ behavior, to }) => {
    const { plan } = makePlan(aPlanQuestion({ level: 300, spec: { behavior } }));
    expect(plan.to).toBe(to);
    expect(reasonsOf(plan.conditions)["ScalingLimited"]).toBe(
      to === 20 ? "DesiredWithinRange" : "ScaleUpLimit",
    );
  });

  test("the rate of a decrease is limited likewise", () => {
    const behavior = aBehavior({ down: { policies: pods(2, 60) } });
    const { plan } = makePlan(aPlanQuestion({ replicas: 10, level: 30, spec: { behavior } }));
    expect(plan).toMatchObject({
      to: 8,
      sentence: "cpu 30 % of request, mark 60 %: 10 → 8; scaleDown allows at least 8 now (wants 5)",
    });
    expect(reasonsOf(plan.conditions)["ScalingLimited"]).toBe("ScaleDownLimit");
  });

  test("a change by someone else counts in the rates", () => {
    const behavior = aBehavior({ up: { policies: pods(2, 60) } });
    const seen = rememberScale(aMemory(), { from: 2, to: 4, at: ago(30), own: false });
    const asked = { level: 300, spec: { behavior } };
    expect(makePlan(aPlanQuestion({ ...asked, memory: seen })).plan.to).toBe(4);
    expect(makePlan(aPlanQuestion(asked)).plan.to).toBe(6);
    expect([seen.lastScaleAt, rememberScale(aMemory(), { from: 2, to: 4, at: ago(30) }).lastScaleAt]).toEqual(
      [undefined, ago(30)],
    );
  });

  test("a scale-up window that is not known in full keeps the count, as the HPA's seeded one", () => {
    const behavior = aBehavior({ up: { stabilizationWindow: seconds(60) } });
    const to = (since: number) =>
      makePlan(aPlanQuestion({ level: 90, spec: { behavior }, memory: { completeSince: ago(since) } })).plan
        .to;
    expect([to(59), to(60)]).toEqual([4, 6]);
  });

  test("percent steps follow the arithmetic that was chosen", () => {
    const percent = [{ type: "Percent", value: 10, period: seconds(60) }] as const;
    const asked = aPlanQuestion({
      replicas: 50,
      level: 300,
      spec: { behavior: aBehavior({ up: { policies: percent } }), maxReplicas: 1000 },
    });
    const upstream = { ...asked, settings: { ...SETTINGS, arithmetic: "upstream" as const } };
    expect([asked, upstream].map((one) => makePlan(one).plan.to)).toEqual([55, 56]);
  });

  test("while no metric has an answer old recommendations move nothing", () => {
    const recommendations = [recommended(20, 10)];
    const evidence = { pods: podsAt(60, 4).map((pod) => ({ ...pod, usage: undefined })) };
    expect(makePlan(aPlanQuestion({ evidence, memory: { recommendations } })).plan.to).toBe(4);
  });

  test("what entered the rail is remembered: a held decrease fills the window with the present count", () => {
    const question = aPlanQuestion({ replicas: 10, level: 30, evidence: { cacheAge: seconds(120) } });
    expect(makePlan(question).memory.recommendations).toEqual([recommended(10, 0)]);
    const free = aPlanQuestion({ replicas: 10, level: 30 });
    expect(makePlan(free).memory.recommendations).toEqual([recommended(5, 0)]);
  });

  test("at a steady level memory does not grow", () => {
    const base = aPlanQuestion();
    let { memory } = base;
    for (let round = 0; round < 100; round += 1)
      ({ memory } = makePlan(after(seconds(15 * round), base, memory)));
    expect(memory.recommendations).toHaveLength(1);
  });
});

describe("cluster-brake", () => {
  const fleet = (over: Partial<FleetActivity>): FleetActivity => ({
    policyCount: 20,
    managedReplicas: 100,
    policiesMoved: 5,
    policiesRaised: 0,
    replicasAdded: 0,
    replicasRemoved: 0,
    ownAdded: 0,
    ownBefore: 20,
    ...over,
  });
  const decrease = { replicas: 20, level: 15 };
  const rising = { policiesRaised: 11, policiesMoved: 11, managedReplicas: 140, replicasAdded: 40 };
  const freely = aBehavior({ up: { policies: pods(1000, 15) } });

  test.each([
    { what: "a quiet fleet", activity: {}, to: 5 },
    { what: "15 of 100 gone: 5 more", activity: { managedReplicas: 85, replicasRemoved: 15 }, to: 15 },
    { what: "20 of 100 gone: none", activity: { managedReplicas: 80, replicasRemoved: 20 }, to: 20 },
    { what: "a small fleet may lose 10", activity: { managedReplicas: 22, replicasRemoved: 8 }, to: 18 },
    { what: "20 managed replicas are free", activity: { managedReplicas: 20, replicasRemoved: 80 }, to: 5 },
    { what: "two policies are no fleet", activity: { policiesMoved: 2, replicasRemoved: 80 }, to: 5 },
  ])("decrease, $what: 20 → $to", ({ activity, to }) => {
    const { plan } = makePlan(aPlanQuestion({ ...decrease, fleet: fleet(activity) }));
    expect(plan.to).toBe(to);
    expect(reasonsOf(plan.conditions)["ScalingLimited"]).toBe(
      to === 5 ? "DesiredWithinRange" : "ClusterBrake",
    );
  });

  test.each([
    { what: "most rise together: 10 more of 50", activity: { ...rising, ownBefore: 10 }, to: 30 },
    { what: "a first doubling is free", activity: { ...rising, ownBefore: 20 }, to: 40 },
    {
      what: "half is not more than half",
      activity: { ...rising, policiesRaised: 10, ownBefore: 10 },
      to: 60,
    },
    {
      what: "nine policies are no crowd",
      activity: { ...rising, policyCount: 9, policiesRaised: 9, ownBefore: 10 },
      to: 60,
    },
  ])("increase, $what: 20 → $to", ({ activity, to }) => {
    const question = aPlanQuestion({
      replicas: 20,
      level: 180,
      spec: { behavior: freely },
      fleet: fleet(activity),
    });
    expect(makePlan(question).plan.to).toBe(to);
  });

  test("each direction has a switch", () => {
    const gone = fleet({ managedReplicas: 80, replicasRemoved: 20 });
    const up = {
      replicas: 20,
      level: 180,
      spec: { behavior: freely },
      fleet: fleet({ ...rising, ownBefore: 10 }),
    };
    const off = (brakes: { decrease: boolean; increase: boolean }) => [
      makePlan(aPlanQuestion({ ...decrease, fleet: gone, brakes })).plan.to,
      makePlan(aPlanQuestion({ ...up, brakes })).plan.to,
    ];
    expect(off({ decrease: false, increase: true })).toEqual([5, 30]);
    expect(off({ decrease: true, increase: false })).toEqual([20, 60]);
  });
});

describe("quota-and-failure", () => {
  const replicaFailure = { since: ago(40), message: 'pods "web-x" is forbidden: exceeded quota' };
  const stuckAtSix = (replicas: number) => ({
    replicas,
    evidence: { pods: podsAt(120, 6) },
    target: { uid: aPlanQuestion().target.uid, replicas, observedReplicas: 6 },
    spec: { maxReplicas: 10 },
  });

  test("replicas that do not exist are given up, and one more is tried after 5 min", () => {
    const failing = aPlanQuestion({ ...stuckAtSix(8), replicaFailure });
    const first = makePlan(failing);
    expect(first.plan).toMatchObject({ from: 8, to: 6 });
    expect(reasonsOf(first.plan.conditions)["ScalingLimited"]).toBe("QuotaLimited");
    expect(first.plan.sentence).toContain(
      "exceeded quota): 6 until one more is tried at 12:05:00 UTC (wants 12)",
    );

    // The owner has what it was asked for, so it reports nothing any more: the refusal is remembered.
    const content = aPlanQuestion(stuckAtSix(6));
    expect(makePlan(after(seconds(299), content, first.memory)).plan.to).toBe(6);
    const tried = makePlan(after(seconds(300), content, first.memory));
    expect(tried.plan.to).toBe(7);
    const again = aPlanQuestion({ ...stuckAtSix(7), replicaFailure });
    const refused = makePlan(after(seconds(330), again, tried.memory));
    expect(refused.plan.to).toBe(6);
    expect(refused.memory.refused?.retryAt).toBe(ago(-630));
  });

  test("once one of them exists, all are asked for", () => {
    const memory = { refused: { above: 6, since: ago(400), retryAt: ago(100) } };
    const born = aPlanQuestion({ replicas: 7, level: 120, spec: { maxReplicas: 10 }, memory });
    expect(makePlan(born).plan.to).toBe(10);
    expect(makePlan(born).memory.refused).toBeUndefined();
  });

  test("a refusal that nobody runs into is forgotten", () => {
    const refused = { above: 6, since: ago(2000), retryAt: ago(301) };
    expect(makePlan(aPlanQuestion({ memory: { refused } })).memory.refused).toBeUndefined();
    const recent = { ...refused, retryAt: ago(300) };
    expect(makePlan(aPlanQuestion({ memory: { refused: recent } })).memory.refused).toEqual(recent);
  });

  test("a fresh scale-up gets one period to be answered", () => {
    const scaled = rememberScale(aMemory(), { from: 6, to: 8, at: ago(14) });
    const question = aPlanQuestion({ ...stuckAtSix(8), replicaFailure, memory: scaled });
    expect(makePlan(question).plan.to).toBeGreaterThanOrEqual(8);
    expect(makePlan(after(seconds(1), question, scaled)).plan.to).toBe(6);
  });

  test("a failure without missing replicas refuses nothing", () => {
    expect(makePlan(aPlanQuestion({ level: 90, replicaFailure })).plan.to).toBe(6);
  });

  test("during a rollout growth stops, and nothing is given up", () => {
    const rollout = { kind: "in-progress", updated: 2, replicas: 8 } as const;
    expect(makePlan(aPlanQuestion({ ...stuckAtSix(8), replicaFailure, rollout })).plan.to).toBe(8);
  });
});

describe("bounds", () => {
  test.each([
    {
      what: "the maximum caps",
      replicas: 4,
      level: 300,
      spec: { maxReplicas: 6 },
      to: 6,
      reason: "TooManyReplicas",
    },
    {
      what: "the minimum keeps",
      replicas: 4,
      level: 10,
      spec: { minReplicas: 3 },
      to: 3,
      reason: "TooFewReplicas",
    },
    { what: "within nothing happens", replicas: 4, level: 90, spec: {}, to: 6, reason: "DesiredWithinRange" },
    {
      what: "over the maximum, straight down",
      replicas: 25,
      level: 300,
      spec: { maxReplicas: 20 },
      to: 20,
      reason: "TooManyReplicas",
    },
    {
      what: "under the minimum, straight up",
      replicas: 1,
      level: 60,
      spec: { minReplicas: 10 },
      to: 10,
      reason: "TooFewReplicas",
    },
  ])("$what: $replicas → $to", ({ replicas, level, spec, to, reason }) => {
    const { plan } = makePlan(aPlanQuestion({ replicas, level, spec }));
    expect(plan.to).toBe(to);
    expect(reasonsOf(plan.conditions)["ScalingLimited"]).toBe(reason);
  });

  test("a lowered maximum is an order: no rail that holds stands in its way", () => {
    const question = aPlanQuestion({
      replicas: 25,
      generation: 2,
      spec: { maxReplicas: 5 },
      evidence: { cacheAge: seconds(600) },
      rollout: { kind: "in-progress", updated: 1, replicas: 25 },
      memory: { completeSince: ago(0) },
    });
    const { plan } = makePlan(question);
    expect(plan).toMatchObject({ to: 5, moves: [{ rail: "bounds", before: 25, after: 5 }] });
    expect(plan.sentence).toBe("cpu 60 % of request, mark 60 %: 25 → 5; 25 is over maxReplicas 5");
  });

  test("only the first decision after a take-over does not go down", () => {
    const question = aPlanQuestion({ replicas: 25, spec: { maxReplicas: 20 }, memory: { tookOver: true } });
    const first = makePlan(question);
    expect(first.plan).toMatchObject({ to: 25, moves: [{ rail: "memory-of-windows" }] });
    expect(makePlan(after(seconds(15), question, first.memory)).plan.to).toBe(20);
  });
});
