/**
 * What holds a decrease (and one rail that holds any large first move): each both where it holds and where
 * it does not, and never an increase that evidence allows.
 */
import { describe, expect, test } from "vitest";
import { nodeName } from "../../src/base/ids.ts";
import { later, minutes, seconds } from "../../src/base/units.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { afterStandby, type DecisionMemory } from "../../src/coordinate/memory.ts";
import type { PlanCondition, RailMove } from "../../src/coordinate/plan.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import type { LackingPod } from "../../src/usage/evidence.ts";
import { T0 } from "../builders.ts";
import { ago, aPod, cpuUtilization } from "../horizontal/pods.ts";
import { aBehavior, aMemory, aPlanQuestion, after, podsAt, WINDOW } from "./questions.ts";

const moveOf = (question: PlanQuestion, rail: RailMove["rail"]) =>
  makePlan(question).plan.moves.find((move) => move.rail === rail);
const limitedBy = (conditions: readonly PlanCondition[]) =>
  conditions.find(({ type }) => type === "ScalingLimited");
const lack = (name: string, node: string): LackingPod => ({
  name,
  node,
  because: "sample-too-old",
  silentFor: seconds(95),
});

/** Wants 2 of 4, or 20 of 40. */
const LOW = 30;
const HIGH = 90;

test("at half of the mark, with nothing in the way, half of the replicas go", () => {
  expect(makePlan(aPlanQuestion({ level: LOW })).plan).toMatchObject({ from: 4, to: 2, moves: [] });
});

describe("hold-on-missing-evidence", () => {
  const lacking = (count: number) => Array.from({ length: count }, (_, n) => lack(`web-${n}`, "n7"));
  const unsampled = (level: number, silent: number) =>
    podsAt(level, 40).map((pod, n) => (n < silent ? { ...pod, usage: undefined } : pod));
  const ask = (level: number, silent: number) =>
    aPlanQuestion({
      replicas: 40,
      evidence: { pods: unsampled(level, silent), lacking: lacking(silent), expectedCount: 40 },
    });

  test("more than a tenth of the pods without a sample hold a decrease, and say so", () => {
    const { plan } = makePlan(ask(LOW, 5));
    expect(plan.to).toBe(40);
    expect(plan.sentence).toMatch(
      /^held: 5 of 40 pods have had no sample for 1m35s \(node n7\): 40 stay, now wants \d+ \(cpu 30 % of request over 35 of 40 pods, mark 60 %\)$/,
    );
    expect(limitedBy(plan.conditions)).toMatchObject({ status: "True", reason: "MissingEvidence" });
  });

  test("up to a tenth are imputed as the HPA does", () => {
    expect(makePlan(ask(LOW, 4)).plan).toMatchObject({ to: 25, moves: [] });
  });

  describe("a view that shows fewer pods than the target has", () => {
    const seen = (has: number, of: Partial<Parameters<typeof aPlanQuestion>[0]> = {}) => {
      const question = aPlanQuestion({ replicas: 40, evidence: { pods: podsAt(LOW, 40) }, ...of });
      return makePlan({ ...question, target: { ...question.target, observedReplicas: has } }).plan;
    };

    test.each([
      { has: 40, held: false },
      { has: 44, held: false },
      { has: 45, held: true },
    ])("40 of $has: held $held", ({ has, held }) => {
      expect(seen(has).to === 40).toBe(held);
    });

    test("says so", () => {
      expect(seen(45).sentence).toContain("the cluster's view shows 40 of 45 pods that the target has");
    });

    test("pods on lost nodes and pods of no weight are in view", () => {
      const pods = podsAt(LOW, 40);
      expect(seen(46, { evidence: { pods, lostCount: 1, weightlessCount: 1 } }).to).toBeLessThan(40);
    });

    test("says nothing of a kind whose status may count other things", () => {
      expect(seen(80, { rollout: { kind: "unknown" } }).to).toBeLessThan(40);
    });
  });

  test("an increase is not held", () => {
    expect(makePlan(ask(200, 5)).plan.to).toBeGreaterThan(40);
  });

  test.each([
    { what: "a view of 91 s", evidence: { cacheAge: seconds(91) }, to: 4 },
    { what: "a view of 90 s", evidence: { cacheAge: seconds(90) }, to: 2 },
    { what: "a view that was never heard", evidence: { cacheAge: undefined }, to: 4 },
  ])("$what: → $to", ({ evidence, to }) => {
    expect(makePlan(aPlanQuestion({ level: LOW, evidence })).plan.to).toBe(to);
  });

  test("F02 any metric without an answer holds a decrease, and lets an increase pass", () => {
    const metrics = [cpuUtilization(60), cpuUtilization(60, "absent")];
    const at = (level: number) => makePlan(aPlanQuestion({ level, spec: { metrics } })).plan;
    expect(at(LOW)).toMatchObject({ to: 4, proposal: { combined: { kind: "failure" } } });
    expect(at(HIGH)).toMatchObject({ to: 6, proposal: { combined: { invalidCount: 1 } } });
  });
});

describe("freeze-on-blind-cluster", () => {
  const silent = (count: number) => Array.from({ length: count }, (_, n) => nodeName(`n${n}`));
  test.each([
    { knownCount: 10, silentCount: 4, level: LOW, to: 4 },
    { knownCount: 10, silentCount: 3, level: LOW, to: 2 },
    { knownCount: 0, silentCount: 0, level: LOW, to: 2 },
    { knownCount: 10, silentCount: 10, level: HIGH, to: 6 },
  ])(
    "$silentCount of $knownCount nodes silent, $level %: → $to",
    ({ knownCount, silentCount, level, to }) => {
      const nodes = { knownCount, silent: silent(silentCount) };
      const { plan } = makePlan(aPlanQuestion({ level, nodes }));
      expect(plan.to).toBe(to);
      if (to === 4)
        expect(plan.sentence).toBe(
          "held: 4 of 10 nodes give no fresh samples (n0, n1, n2, …): 4 stay, now wants 2 (cpu 30 % of request, mark 60 %)",
        );
    },
  );
});

describe("no-decrease-while-rolling", () => {
  const inProgress = { kind: "in-progress", updated: 3, replicas: 10 } as const;
  const stuck = (age: number) => ({ kind: "stuck", since: ago(age) }) as const;

  test.each([
    { rollout: inProgress, to: 4 },
    { rollout: stuck(60), to: 4 },
    { rollout: stuck(1800), to: 4 },
    { rollout: stuck(1801), to: 2 },
    { rollout: { kind: "settled" } as const, to: 2 },
    { rollout: { kind: "unknown" } as const, to: 2 },
  ])("$rollout.kind: a decrease to 2 becomes $to", ({ rollout, to }) => {
    expect(makePlan(aPlanQuestion({ level: LOW, rollout })).plan.to).toBe(to);
  });

  test.each([
    { what: "surge pods under the mark", pods: podsAt(51, 13), to: 10 },
    { what: "few pods that take what ten took within the tolerance", pods: podsAt(81, 8), to: 10 },
    { what: "usage that is flat over a full surge", pods: podsAt(30, 20), to: 10 },
    { what: "usage that ten pods could not take", pods: podsAt(80, 13), to: 18 },
  ])("$what: → $to", ({ pods, to }) => {
    const question = aPlanQuestion({ replicas: 10, evidence: { pods }, rollout: inProgress });
    expect(makePlan(question).plan.to).toBe(to);
  });

  test("the same usage without a rollout is followed upwards", () => {
    const question = aPlanQuestion({ replicas: 10, evidence: { pods: podsAt(81, 8) } });
    expect(makePlan(question).plan.to).toBe(11);
  });

  test("a stuck rollout shows in the conditions, also when nothing is asked for", () => {
    const { conditions } = makePlan(aPlanQuestion({ rollout: stuck(60) })).plan;
    expect(limitedBy(conditions)).toMatchObject({ status: "True", reason: "RolloutStuck" });
  });
});

describe("first-move-after-edit", () => {
  const freely = {
    spec: { behavior: aBehavior({ up: { policies: [{ type: "Pods", value: 1000, period: seconds(15) }] } }) },
  };
  const edited = { generation: 2, ...freely };
  const moves = (question: PlanQuestion) => ({
    to: makePlan(question).plan.to,
    announced: makePlan(question).memory.announced,
  });

  test.each([
    { what: "an edit that more than doubles", level: 130, over: edited, to: 4, announced: 9 },
    {
      what: "an edit that more than halves",
      level: 20,
      over: { ...edited, replicas: 12 },
      to: 12,
      announced: 4,
    },
    { what: "an edit that doubles", level: 120, over: edited, to: 8, announced: undefined },
    { what: "an edit that halves", level: 30, over: edited, to: 2, announced: undefined },
    { what: "no edit", level: 130, over: freely, to: 9, announced: undefined },
    {
      what: "a maximum that keeps the move small",
      level: 130,
      over: { ...edited, spec: { ...freely.spec, maxReplicas: 8 } },
      to: 8,
      announced: undefined,
    },
  ])("$what: → $to", ({ level, over, to, announced }) => {
    const decided = moves(aPlanQuestion({ level, ...over }));
    expect({ to: decided.to, announced: decided.announced?.to }).toEqual({ to, announced });
  });

  test("what was published is applied after one period, and not before", () => {
    const question = aPlanQuestion({ level: 130, ...edited });
    const first = makePlan(question);
    const soon = makePlan(after(seconds(14), question, first.memory));
    const due = makePlan(after(seconds(15), question, soon.memory));
    const next = makePlan(after(seconds(30), question, due.memory));
    expect([first, soon, due, next].map(({ plan }) => plan.to)).toEqual([4, 4, 9, 9]);
    expect([first, soon, due].map(({ memory }) => memory.announced?.at)).toEqual([T0, T0, undefined]);
  });

  test("what was published and mended within the period moves nothing: the windows have not taken it for meant", () => {
    const slip = aPlanQuestion({ level: 130, ...edited });
    const mended = aPlanQuestion({ level: 60, ...freely, generation: 3 });
    const next = makePlan(after(seconds(8), mended, makePlan(slip).memory));
    expect(next.plan).toMatchObject({ from: 4, to: 4, moves: [] });
  });

  test("another edit meanwhile is published anew", () => {
    const question = aPlanQuestion({ level: 130, ...edited });
    const first = makePlan(question);
    const again = makePlan({ ...after(seconds(14), question, first.memory), generation: 3 });
    expect(again.memory.announced).toMatchObject({ at: later(T0, seconds(14)), generation: 3 });
  });

  test("the first decision after a take-over is published likewise", () => {
    const question = aPlanQuestion({ level: 130, ...freely, memory: { tookOver: true } });
    expect(makePlan(question).plan).toMatchObject({
      to: 4,
      moves: [{ rail: "first-move-after-edit", before: 9 }],
    });
  });
});

describe("memory-of-windows", () => {
  test.each([
    { since: 299, level: LOW, to: 4 },
    { since: 300, level: LOW, to: 2 },
    { since: 0, level: HIGH, to: 6 },
  ])("known for $since s of 300 s, $level %: → $to", ({ since, level, to }) => {
    expect(makePlan(aPlanQuestion({ level, memory: { completeSince: ago(since) } })).plan.to).toBe(to);
  });

  test("it says when the window is whole", () => {
    const { plan } = makePlan(aPlanQuestion({ level: LOW, memory: { completeSince: ago(60) } }));
    expect(plan.sentence).toBe(
      "held: the 5m window is known in full at 12:04:00 UTC: 4 stay, now wants 2 (cpu 30 % of request, mark 60 %)",
    );
    expect(limitedBy(plan.conditions)).toMatchObject({ reason: "WindowsIncomplete" });
  });

  test("a window of the policy's own counts, and one of 0 needs no memory", () => {
    const to = (window: number, since: number) => {
      const behavior = aBehavior({ down: { stabilizationWindow: seconds(window) } });
      return makePlan(
        aPlanQuestion({ level: LOW, spec: { behavior }, memory: { completeSince: ago(since) } }),
      ).plan.to;
    };
    expect([to(60, 59), to(60, 60), to(0, 0)]).toEqual([4, 2, 2]);
  });

  test("the first decision after a standby never goes down, the second may", () => {
    const question = aPlanQuestion({ level: LOW });
    const first = makePlan({ ...question, memory: afterStandby(question.memory) });
    expect(first.plan).toMatchObject({ to: 4, moves: [{ rail: "memory-of-windows" }] });
    // The window then holds what was kept, as for every held decrease.
    const second = makePlan(after(seconds(15), question, first.memory));
    expect(second.plan.moves.map(({ rail }) => rail)).not.toContain("memory-of-windows");
  });

  test("a short gap is bridged once what is wanted is what was wanted before it", () => {
    const bridge = { since: ago(7200), low: 2, high: 3 };
    const held = { completeSince: T0, bridge };
    const agreeing = makePlan(aPlanQuestion({ level: LOW, memory: held }));
    expect(agreeing.plan.to).toBe(4);
    expect(agreeing.memory).toMatchObject({ completeSince: ago(7200), bridge: undefined });
    const other = makePlan(aPlanQuestion({ level: 10, memory: held }));
    expect(other.memory).toMatchObject({ completeSince: T0, bridge });
  });

  test.each([
    { before: "2", bridge: { since: ago(7200), low: 2, high: 2 }, held: 2 },
    { before: "2 and 3", bridge: { since: ago(7200), low: 2, high: 3 }, held: 3 },
  ])("where $before was wanted before a bridged gap, $held stay until it left the window", (row) => {
    const base = aPlanQuestion({ level: LOW, memory: { completeSince: T0, bridge: row.bridge } });
    let { memory } = base;
    const counts = Array.from({ length: 22 }, (_, n) => {
      const question = after(seconds(15 * n), base, memory);
      const pods = question.evidence.pods.map((pod) => ({
        ...pod,
        usage: pod.usage && { ...pod.usage, at: question.now },
      }));
      const decided = makePlan({ ...question, evidence: { ...question.evidence, pods } });
      ({ memory } = decided);
      return decided.plan.to;
    });
    expect(counts).toEqual([4, ...Array.from({ length: 20 }, () => row.held), 2]);
  });

  test("incomplete evidence bridges nothing", () => {
    const bridge = { since: ago(7200), low: 1, high: 9 };
    const question = aPlanQuestion({
      memory: { completeSince: T0, bridge },
      evidence: { cacheAge: seconds(100) },
    });
    expect(makePlan(question).memory).toMatchObject({ completeSince: T0, bridge });
  });

  test("another target is no memory", () => {
    const memory: DecisionMemory = { ...aMemory(), target: "another" as DecisionMemory["target"] };
    const { plan, memory: next } = makePlan({ ...aPlanQuestion({ level: LOW }), memory });
    expect(plan.to).toBe(4);
    expect(next).toMatchObject({ target: "uid-of-web", completeSince: T0 });
  });
});

describe("after-silence", () => {
  /** Rounds of 15 s with fresh samples each time, at the level given. */
  const rounds = (count: number, start: DecisionMemory, renewed = true) => {
    const base = aPlanQuestion({ level: LOW });
    let memory = start;
    return Array.from({ length: count }, (_, n) => {
      const question = after(seconds(15 * n), base, memory);
      const pods = question.evidence.pods.map((pod) => ({
        ...pod,
        usage: pod.usage && { ...pod.usage, at: renewed ? question.now : T0 },
      }));
      const decided = makePlan({ ...question, evidence: { ...question.evidence, pods } });
      // What the window remembers would hold too; here only the rail is asked.
      memory = { ...decided.memory, recommendations: [] };
      return decided.plan.to;
    });
  };

  test("after more than 5 min the third complete round may decrease", () => {
    expect(rounds(3, aMemory({ missingSince: ago(301) }))).toEqual([4, 4, 2]);
  });

  test("after 5 min and less the first may", () => {
    expect(rounds(1, aMemory({ missingSince: ago(300) }))).toEqual([2]);
  });

  test("a decision on the same samples is no round", () => {
    expect(rounds(4, aMemory({ missingSince: ago(301) }), false)).toEqual([4, 4, 4, 4]);
  });

  test("an increase needs no round", () => {
    expect(makePlan(aPlanQuestion({ level: HIGH, memory: { missingSince: ago(900) } })).plan.to).toBe(6);
  });

  test("missing evidence is remembered since it began", () => {
    const missing = { level: LOW, evidence: { cacheAge: seconds(91) } };
    const began = makePlan(aPlanQuestion(missing)).memory;
    const goesOn = makePlan(aPlanQuestion({ ...missing, memory: { missingSince: ago(100) } })).memory;
    expect([began.missingSince, goesOn.missingSince]).toEqual([T0, ago(100)]);
  });
});

test("after an outage no decrease is made for one full window", () => {
  const base = aPlanQuestion({ replicas: 10, level: 20 });
  const blind = podsAt(20, 10).map((pod) => ({ ...pod, usage: undefined }));
  let { memory } = base;
  let firstDecrease: number | undefined;
  for (let at = 0; at <= 1200 && firstDecrease === undefined; at += 15) {
    const question = after(seconds(at), base, memory);
    const fresh = base.evidence.pods.map((pod) => ({
      ...pod,
      usage: pod.usage && { ...pod.usage, at: question.now },
    }));
    const evidence = { ...base.evidence, pods: at < 600 ? blind : fresh };
    const decided = makePlan({ ...question, evidence });
    memory = decided.memory;
    if (decided.plan.to < 10) firstDecrease = at;
  }
  // The last blind decision was at 585 s; its 10 leaves the window of 300 s after 885 s.
  expect(firstDecrease).toBe(900);
  expect(WINDOW).toBe(minutes(5));
});

test("an unready pod among ready ones is no reason to hold", () => {
  const starting = aPod({ name: "new", phase: "Pending", usage: undefined });
  const question = aPlanQuestion({
    replicas: 5,
    evidence: { pods: [...podsAt(20, 4), starting], expectedCount: 4 },
  });
  expect(makePlan(question).plan.to).toBe(2);
  expect(moveOf(question, "hold-on-missing-evidence")).toBeUndefined();
});
