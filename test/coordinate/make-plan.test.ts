/**
 * Plans as a whole: what is stated, what is said, what is remembered, and what is true of every plan.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeName } from "../../src/base/ids.ts";
import { millis, monoMillis, seconds } from "../../src/base/units.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { rememberScale } from "../../src/coordinate/memory.ts";
import { RAILS } from "../../src/coordinate/rails.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import { T0 } from "../builders.ts";
import { ago, aPod, averageValue, cpuUtilization, usageOf } from "../horizontal/pods.ts";
import { aBehavior, aPlanQuestion, after, podsAt } from "./questions.ts";

describe("the sentence", () => {
  const memory = (bytes: number) => aPod({ usage: usageOf({ app: { cpu: 1, memory: bytes } }) });
  test.each([
    { question: aPlanQuestion({ level: 90 }), says: "cpu 90 % of request, mark 60 %: 4 → 6" },
    { question: aPlanQuestion({ level: 58 }), says: "cpu 58 % of request, mark 60 %: 4 stay" },
    {
      question: aPlanQuestion({ level: 200, spec: { metrics: [cpuUtilization(50)] } }),
      says: "cpu 200 % of request, mark 50 %: 4 → 8; scaleUp allows at most 8 now (wants 16)",
    },
    {
      question: aPlanQuestion({ level: 90, spec: { metrics: [cpuUtilization(60, "app")] } }),
      says: "cpu of container app 90 % of request, mark 60 %: 4 → 6",
    },
    {
      question: aPlanQuestion({
        replicas: 1,
        evidence: { pods: [memory(620 * 2 ** 20)] },
        spec: { metrics: [averageValue("memory", 310 * 2 ** 20 * 1000)] },
      }),
      says: "memory 620Mi per pod, mark 310Mi: 1 → 2",
    },
    {
      question: aPlanQuestion({
        evidence: { pods: podsAt(0, 4).map((pod) => ({ ...pod, usage: undefined })) },
      }),
      says: "held: no pod has a usable sample (4 without a sample): 4 stay",
    },
    {
      question: aPlanQuestion({ replicas: 0, evidence: { pods: [] } }),
      says: "paused: someone set the replicas to 0, and scaling goes on when they are not 0",
    },
    {
      question: aPlanQuestion({
        replicas: 3,
        level: 30,
        evidence: {
          expectedCount: 3,
          lacking: ["n7", "n8"].map((node) => ({
            name: `on-${node}`,
            node: nodeName(node),
            because: "never-scraped" as const,
            silentFor: seconds(95),
          })),
        },
      }),
      says: "held: 2 of 3 pods have had no sample for 1m35s (node n7, n8): 3 stay, now wants 2 (cpu 30 % of request, mark 60 %)",
    },
  ])("$says", ({ question, says }) => {
    expect(makePlan(question).plan.sentence).toBe(says);
  });
});

describe("conditions", () => {
  test("a calm plan states all three, in the HPA's words", () => {
    expect(makePlan(aPlanQuestion()).plan.conditions).toEqual([
      {
        type: "ScalingActive",
        status: "True",
        reason: "ValidMetricFound",
        message: "decided on cpu 60 % of request, mark 60 %",
      },
      {
        type: "AbleToScale",
        status: "True",
        reason: "ReadyForNewScale",
        message: "the recommendation is used as it is",
      },
      {
        type: "ScalingLimited",
        status: "False",
        reason: "DesiredWithinRange",
        message: "nothing limits what the metrics ask for",
      },
    ]);
  });

  test("without a usable metric the first one's reason is given", () => {
    const question = aPlanQuestion({ spec: { metrics: [cpuUtilization(60, "absent")] } });
    expect(makePlan(question).plan.conditions[0]).toMatchObject({
      status: "False",
      reason: "FailedGetContainerResourceMetric",
      message: "pod web-0: no container is named absent",
    });
  });

  test("0 replicas disable scaling, and their end starts a new window", () => {
    const paused = makePlan(aPlanQuestion({ replicas: 0, evidence: { pods: [] } }));
    expect(paused.plan).toMatchObject({ from: 0, to: 0, moves: [] });
    expect(paused.plan.conditions[0]).toMatchObject({ status: "False", reason: "ScalingDisabled" });
    expect(paused.memory.completeSince).toBe(T0);
  });
});

test("the rails are those of the design, in its order", () => {
  expect(RAILS.map(({ name }) => name)).toEqual([
    "count-own-pods",
    "exact-arithmetic",
    "hold-on-missing-evidence",
    "freeze-on-blind-cluster",
    "censored-demand",
    "no-decrease-while-rolling",
    "one-step-when-all-unready",
    "behavior",
    "first-move-after-edit",
    "memory-of-windows",
    "after-silence",
    "cluster-brake",
    "quota-and-failure",
    "bounds",
  ]);
  for (const { rule, answers } of RAILS) expect(Math.min(rule.length, answers.length)).toBeGreaterThan(2);
});

describe("the wall clock", () => {
  const shifted = (question: PlanQuestion, wallBy: number, monoBy: number): PlanQuestion => ({
    ...question,
    now: (question.now + wallBy) as PlanQuestion["now"],
    mono: monoMillis(question.mono + monoBy),
  });
  /** A peak a minute ago that the window should hold, and a change just made. */
  const base = aPlanQuestion({ replicas: 10, level: 30 });
  const peak = makePlan({ ...base, evidence: { ...base.evidence, cacheAge: seconds(100) } }).memory;
  const remembered = rememberScale(peak, { from: 8, to: 10, at: T0 });
  const day = 24 * 60 * 60_000;

  test.each([
    { what: "a day forward", by: day },
    { what: "a day back", by: -day },
    { what: "twenty years forward", by: 20 * 365 * day },
    { what: "back to 1970", by: 0 - T0 },
  ])("set $what, it loosens nothing: no decrease for a full window", ({ by }) => {
    const decided = makePlan(shifted({ ...base, memory: remembered }, by + 15_000, 15_000));
    expect(decided.plan.to).toBe(10);
    const later = shifted({ ...base, memory: decided.memory }, by + 300_000, 300_000);
    expect(makePlan(later).plan.to).toBe(10);
  });

  test("moved by the slew of NTP it is left alone", () => {
    const { memory } = makePlan(shifted({ ...base, memory: remembered }, 16_000, 15_000));
    expect(memory.completeSince).toBe(remembered.completeSince);
  });
});

describe("every plan", () => {
  const level = fc.integer({ min: 0, max: 400 });
  const question: fc.Arbitrary<PlanQuestion> = fc
    .record({
      level,
      replicas: fc.integer({ min: 0, max: 40 }),
      live: fc.integer({ min: 0, max: 40 }),
      lostCount: fc.integer({ min: 0, max: 5 }),
      silent: fc.integer({ min: 0, max: 10 }),
      minReplicas: fc.integer({ min: 1, max: 10 }),
      span: fc.integer({ min: 0, max: 30 }),
      behaves: fc.boolean(),
      generation: fc.integer({ min: 1, max: 2 }),
      completeFor: fc.integer({ min: 0, max: 600 }),
      tookOver: fc.boolean(),
      missingFor: fc.option(fc.integer({ min: 0, max: 900 })),
      history: fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 60 })), {
        maxLength: 6,
      }),
      observedReplicas: fc.integer({ min: 0, max: 40 }),
      failing: fc.boolean(),
      rollout: fc.constantFrom("settled", "in-progress", "stuck", "unknown"),
      removed: fc.integer({ min: 0, max: 40 }),
    })
    .map((world) =>
      aPlanQuestion({
        evidence: {
          pods: podsAt(world.level, world.live).map((pod, n) =>
            n < world.silent ? { ...pod, usage: undefined } : pod,
          ),
          expectedCount: world.live,
          lacking: podsAt(0, Math.min(world.silent, world.live)).map(({ name }) => ({
            name,
            node: "n1",
            because: "sample-too-old" as const,
            silentFor: millis(99_000),
          })),
          lostCount: world.lostCount,
        },
        target: {
          uid: aPlanQuestion().target.uid,
          replicas: world.replicas,
          observedReplicas: world.observedReplicas,
        },
        spec: {
          minReplicas: world.minReplicas,
          maxReplicas: world.minReplicas + world.span,
          behavior: world.behaves ? aBehavior() : undefined,
        },
        generation: world.generation,
        rollout:
          world.rollout === "stuck"
            ? { kind: "stuck", since: ago(60) }
            : world.rollout === "in-progress"
              ? { kind: "in-progress", updated: 1, replicas: world.replicas }
              : { kind: world.rollout === "settled" ? "settled" : "unknown" },
        replicaFailure: world.failing ? { since: ago(60), message: "quota" } : undefined,
        fleet: {
          ...aPlanQuestion().fleet,
          managedReplicas: 100,
          policiesMoved: 4,
          replicasRemoved: world.removed,
        },
        memory: {
          completeSince: ago(world.completeFor),
          tookOver: world.tookOver,
          missingSince: world.missingFor === null ? undefined : ago(world.missingFor),
          recommendations: world.history
            .map(([age, replicas]) => ({ at: ago(age), notBefore: ago(age), low: replicas, high: replicas }))
            .toSorted((one, other) => one.at - other.at),
        },
      }),
    );

  test("lies in its bounds, or is the count that a take-over or a pause keeps", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { to, from } = makePlan(asked).plan;
        const { minReplicas, maxReplicas } = asked.spec;
        expect(Number.isInteger(to)).toBe(true);
        const kept = from === 0 || (from > maxReplicas && asked.memory.tookOver);
        if (kept) expect(to).toBe(from);
        else expect(to >= minReplicas && to <= maxReplicas).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("is told in full by its moves: they lead from what was asked to what is planned", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { moves, to } = makePlan(asked).plan;
        moves.forEach(({ before, after: next, why }, index) => {
          expect(why).not.toBe("");
          expect(next).not.toBe(before);
          expect(moves[index + 1]?.before ?? to).toBe(next);
        });
      }),
      { numRuns: 1000 },
    );
  });

  test("on incomplete evidence is never a decrease, but for an order of the bounds or pods that never were", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { plan } = makePlan(asked);
        const { lacking, expectedCount } = asked.evidence;
        const ordered = plan.moves.some(
          ({ rail, after: next, before }) =>
            next < before && (rail === "bounds" || rail === "quota-and-failure"),
        );
        if (lacking.length * 10 <= expectedCount || ordered) return;
        expect(plan.to).toBeGreaterThanOrEqual(plan.from);
      }),
      { numRuns: 2000 },
    );
  });

  test("is the same when asked again from its record", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const recorded = JSON.parse(JSON.stringify(asked)) as PlanQuestion;
        expect(makePlan(recorded).plan).toEqual(makePlan(asked).plan);
      }),
    );
  });

  test("gives up replicas that were refused only down to what exists", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { plan } = makePlan(asked);
        const move = plan.moves.find(({ rail }) => rail === "quota-and-failure");
        if (move !== undefined) expect(move.after).toBeGreaterThanOrEqual(asked.target.observedReplicas);
      }),
      { numRuns: 1000 },
    );
  });
});

test("from a spike to calm and back the plan follows windows and rates over an hour", () => {
  const base = aPlanQuestion({ spec: { minReplicas: 2, maxReplicas: 20 } });
  let { memory } = base;
  let replicas = 4;
  const story: string[] = [];
  for (let at = 0; at < 3600; at += 15) {
    const demand = at >= 600 && at < 1200 ? 9600 : 1600;
    const each = Math.floor(demand / replicas);
    const question = after(seconds(at), base, memory);
    const pods = podsAt(Math.floor(each / 10), replicas).map((pod) => ({
      ...pod,
      usage: pod.usage && { ...pod.usage, at: question.now },
    }));
    const asked = {
      ...question,
      target: { ...question.target, replicas, observedReplicas: replicas },
      evidence: { ...base.evidence, pods, expectedCount: replicas },
    };
    const { plan, memory: next } = makePlan(asked);
    memory =
      plan.to === replicas ? next : rememberScale(next, { from: replicas, to: plan.to, at: question.now });
    if (plan.to !== replicas) story.push(`${at}s ${replicas} → ${plan.to}`);
    replicas = plan.to;
  }
  expect(story).toEqual(["0s 4 → 3", "600s 3 → 6", "615s 6 → 12", "630s 12 → 16", "1500s 16 → 3"]);
});
