/**
 * What the metrics are worth: `count-own-pods`, `exact-arithmetic`, `censored-demand`,
 * `one-step-when-all-unready`; each both where it moves the answer and where it does not.
 */
import { describe, expect, test } from "vitest";
import { later, milliUnits, seconds } from "../../src/base/units.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import type { RailMove } from "../../src/coordinate/plan.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import { aContainer, ago, aPod, aShape, cpuUtilization, SETTINGS } from "../horizontal/pods.ts";
import { aPlanQuestion, podsAt } from "./questions.ts";

const moveOf = (question: PlanQuestion, rail: RailMove["rail"]) =>
  makePlan(question).plan.moves.find((move) => move.rail === rail);

describe("count-own-pods", () => {
  test.each([
    { level: 135, live: 6, lostCount: 3, replicas: 9, to: 17 },
    { level: 90, live: 6, lostCount: 3, replicas: 9, to: 12 },
    { level: 75, live: 6, lostCount: 3, replicas: 9, to: 11 },
    { level: 60, live: 6, lostCount: 3, replicas: 9, to: 9 },
    { level: 30, live: 6, lostCount: 3, replicas: 9, to: 3 },
    { level: 90, live: 9, lostCount: 0, replicas: 9, to: 14 },
  ])(
    "$replicas replicas, $lostCount lost, $live live at $level % of a mark of 60 %: → $to",
    ({ level, live, lostCount, replicas, to }) => {
      const question = aPlanQuestion({ replicas, evidence: { pods: podsAt(level, live), lostCount } });
      expect(makePlan(question).plan.to).toBe(to);
      const move = moveOf(question, "count-own-pods");
      expect(move).toEqual(
        lostCount > 0 && to > replicas
          ? {
              rail: "count-own-pods",
              before: to - lostCount,
              after: to,
              why: `3 pods on nodes NotReady for more than 40 s: ${to - lostCount} live ones are needed, so ${to}`,
            }
          : undefined,
      );
    },
  );

  test("when all pods are lost, nothing is known and nothing changes", () => {
    const question = aPlanQuestion({ replicas: 3, evidence: { pods: [], lostCount: 3 } });
    expect(makePlan(question).plan).toMatchObject({ to: 3, proposal: { combined: { kind: "failure" } } });
  });
});

describe("exact-arithmetic", () => {
  const busy = { replicas: 15, level: 25, spec: { metrics: [cpuUtilization(3)], maxReplicas: 1000 } };

  test("takes back the pod that float64 adds", () => {
    expect(moveOf(aPlanQuestion(busy), "exact-arithmetic")).toEqual({
      rail: "exact-arithmetic",
      before: 126,
      after: 125,
      why: "exact arithmetic gives 125, float64 rounding 126",
    });
  });

  test.each([
    { when: "both agree", question: aPlanQuestion({ level: 90 }) },
    {
      when: "it is switched off",
      question: aPlanQuestion({ ...busy, settings: { ...SETTINGS, arithmetic: "upstream" } }),
    },
  ])("does nothing when $when", ({ question }) => {
    expect(moveOf(question, "exact-arithmetic")).toBeUndefined();
  });
});

describe("censored-demand", () => {
  /** `count` pods limited to one core, which they also ask for, at `percent` of it. */
  const limitedPods = (percent: number, count: number, limited = true) => {
    const limits = limited ? { cpu: milliUnits(1000) } : {};
    return podsAt(percent, count).map((pod) => ({ ...pod, shape: aShape([aContainer("app", { limits })]) }));
  };
  /** At the mark of 100 % the metric itself is content. */
  const content = { spec: { metrics: [cpuUtilization(100)] } };
  const tolerant = { spec: { metrics: [cpuUtilization(130)] } };

  test.each([
    { what: "pinned at the limits", pods: limitedPods(97, 4), over: content, to: 5 },
    { what: "at exactly 95 % of them", pods: limitedPods(95, 4), over: content, to: 5 },
    { what: "just below", pods: limitedPods(94, 4), over: content, to: 4 },
    { what: "without limits", pods: limitedPods(97, 4, false), over: content, to: 4 },
    {
      what: "one pod without a limit",
      pods: [...limitedPods(97, 3), ...limitedPods(97, 1, false)],
      over: content,
      to: 4,
    },
    { what: "a decrease would pin the rest", pods: limitedPods(75, 4), over: tolerant, to: 4 },
    { what: "a decrease would not", pods: limitedPods(70, 4), over: tolerant, to: 3 },
    { what: "a decrease may go part of the way", pods: limitedPods(47, 10), over: tolerant, to: 5 },
  ])("$what: → $to", ({ pods, over, to }) => {
    const question = aPlanQuestion({ replicas: pods.length, evidence: { pods }, ...over });
    expect(makePlan(question).plan.to).toBe(to);
  });

  test("pods that are still starting are an answer already: nothing more is added", () => {
    const starting = aPod({ name: "new", phase: "Pending", usage: undefined });
    const pods = [...limitedPods(97, 4), { ...starting, shape: limitedPods(0, 1)[0]!.shape }];
    const question = aPlanQuestion({ replicas: 5, evidence: { pods, expectedCount: 4 }, ...content });
    expect(makePlan(question).plan.to).toBe(5);
  });

  test("pods that were lost with their node are no answer", () => {
    const evidence = { pods: limitedPods(97, 6), lostCount: 3 };
    expect(makePlan(aPlanQuestion({ replicas: 9, evidence, ...content })).plan.to).toBe(10);
  });

  test("at flat load it does not climb: with the pods that came, usage is off the limits", () => {
    const demand = 3900;
    const spread = (count: number) => limitedPods(Math.min(100, demand / 10 / count), count);
    let replicas = 3;
    for (let round = 0; round < 10; round += 1)
      ({ to: replicas } = makePlan(
        aPlanQuestion({ replicas, evidence: { pods: spread(replicas) }, ...content }),
      ).plan);
    expect(replicas).toBe(5);
  });

  test("a policy that does not follow cpu is left alone", () => {
    const memory = { resource: "memory", container: undefined } as const;
    const metrics = [{ ...memory, target: { kind: "average-value", amount: milliUnits(1e9) } as const }];
    const question = aPlanQuestion({ evidence: { pods: limitedPods(99, 4) }, spec: { metrics } });
    expect(moveOf(question, "censored-demand")).toBeUndefined();
  });
});

describe("one-step-when-all-unready", () => {
  /** Started a minute ago, was ready, and is not any more: upstream distrusts its cpu. */
  const overloaded = (count: number, percent = 90) =>
    podsAt(percent, count).map((pod) => ({
      ...pod,
      startTime: ago(120),
      readiness: { status: "False", since: ago(20) } as const,
    }));
  const starting = { readiness: { status: "False", since: ago(60) } as const, startTime: ago(60) };

  test.each([
    { count: 3, to: 4 },
    { count: 10, to: 11 },
    { count: 30, to: 33 },
  ])("F12 $count pods turned unready under load: → $to", ({ count, to }) => {
    const question = aPlanQuestion({ replicas: count, evidence: { pods: overloaded(count) } });
    expect(makePlan(question).plan).toMatchObject({ from: count, to });
    expect(moveOf(question, "one-step-when-all-unready")).toMatchObject({ before: count, after: to });
  });

  test.each([
    { when: "one pod is ready", pods: [...overloaded(2), ...podsAt(60, 1)] },
    { when: "one pod is starting", pods: [...overloaded(2), aPod({ ...starting, cpu: 900 })] },
    { when: "one is pending", pods: [...overloaded(2), aPod({ phase: "Pending" })] },
    { when: "their usage is under the mark", pods: overloaded(3, 40) },
    { when: "not all replicas have come", pods: overloaded(2) },
    {
      when: "none was ever ready",
      pods: podsAt(90, 3).map((pod) => ({ ...pod, ...starting })),
    },
    {
      when: "nothing is known of their usage",
      pods: overloaded(3).map((pod) => ({ ...pod, usage: undefined })),
    },
  ])("nothing happens when $when", ({ pods }) => {
    const question = aPlanQuestion({ replicas: 3, evidence: { pods } });
    expect(moveOf(question, "one-step-when-all-unready")).toBeUndefined();
    expect(makePlan(question).plan.to).toBeLessThanOrEqual(3);
  });

  test("pods that were lost with their node are not waited for", () => {
    const evidence = { pods: overloaded(2), lostCount: 1 };
    expect(moveOf(aPlanQuestion({ replicas: 3, evidence }), "one-step-when-all-unready")).toMatchObject({
      after: 4,
    });
  });

  test("pods that were ready before their initial delay had passed are taken for starting", () => {
    const early = {
      startTime: ago(20),
      readiness: { status: "False", since: later(ago(20), seconds(29)) } as const,
    };
    const pods = podsAt(90, 3).map((pod) => ({ ...pod, ...early }));
    expect(
      moveOf(aPlanQuestion({ replicas: 3, evidence: { pods } }), "one-step-when-all-unready"),
    ).toBeUndefined();
  });
});
