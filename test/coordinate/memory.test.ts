/**
 * What is remembered, and that what outlives the process never allows more than what was in it. A9, the
 * HPA's event store, is asked by outcome: what counts in a rate, not which slot holds it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { epochMillis, later, millis, minutes, seconds } from "../../src/base/units.ts";
import { bucketSecondsFor, decodeHistory, encodeHistory } from "../../src/coordinate/history.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import {
  afterStandby,
  type DecisionMemory,
  recallMemory,
  rememberScale,
  startMemory,
} from "../../src/coordinate/memory.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import type { ScaleEvent } from "../../src/horizontal/limit.ts";
import type { Recommendation } from "../../src/horizontal/stabilize.ts";
import { parseHistory } from "../../src/policy/parse-status.ts";
import type { HistoryStatus } from "../../src/policy/status.ts";
import { T0 } from "../builders.ts";
import { ago } from "../horizontal/pods.ts";
import { aBehavior, aMemory, aPlanQuestion, after, TARGET } from "./questions.ts";

const recommended = (replicas: number, age: number): Recommendation => ({
  at: ago(age),
  notBefore: ago(age),
  low: replicas,
  high: replicas,
});

describe("changes of the count", () => {
  test.each([
    { from: 4, to: 6, added: 2, removed: 0 },
    { from: 6, to: 1, added: 0, removed: 5 },
  ])("$from → $to", ({ from, to, added, removed }) => {
    expect(rememberScale(aMemory(), { from, to, at: T0 }).scaleEvents).toEqual([
      { at: T0, notBefore: T0, added, removed },
    ]);
  });

  test("none is none", () => {
    const memory = aMemory();
    expect(rememberScale(memory, { from: 4, to: 4, at: T0 })).toBe(memory);
  });

  test("one that was only seen may have happened since the last look", () => {
    const seen = rememberScale(aMemory(), { from: 4, to: 6, at: T0, notBefore: ago(15), own: false });
    expect(seen).toMatchObject({
      scaleEvents: [{ at: T0, notBefore: ago(15), added: 2 }],
      lastScaleAt: undefined,
    });
  });

  test.each([
    { what: "one that is older than the period", ages: [61], to: 9 },
    { what: "one within it", ages: [59], to: 6 },
    { what: "two older, one within", ages: [300, 61, 30], to: 6 },
    { what: "none", ages: [], to: 9 },
  ])("A9, a budget of 5 per 60 s after $what of 3: 4 → $to", ({ ages, to }) => {
    const memory = ages.reduce((so, age) => rememberScale(so, { from: 1, to: 4, at: ago(age) }), aMemory());
    const policies = [{ type: "Pods", value: 5, period: seconds(60) }] as const;
    const question = aPlanQuestion({
      level: 600,
      spec: { behavior: aBehavior({ up: { policies } }) },
      memory,
    });
    expect(makePlan(question).plan.to).toBe(to);
  });

  test("what no window or period can reach is dropped", () => {
    const memory = aMemory({
      recommendations: [recommended(9, 3601), recommended(8, 3600)],
      scaleEvents: [1801, 1800].map((age) => ({ at: ago(age), notBefore: ago(age), added: 1, removed: 0 })),
    });
    const kept = makePlan(aPlanQuestion({ memory })).memory;
    expect(kept.recommendations.map(({ high }) => high)).toEqual([8, 4]);
    expect(kept.scaleEvents.map(({ at }) => at)).toEqual([ago(1800)]);
  });

  test("stamps of the future are taken for now", () => {
    const memory = aMemory({ recommendations: [recommended(9, -86_400)], completeSince: ago(-100) });
    const kept = makePlan(aPlanQuestion({ level: 20, memory })).memory;
    expect(kept.recommendations[0]).toEqual(recommended(9, 0));
    expect(kept.completeSince).toBe(T0);
  });
});

describe("the persisted history", () => {
  const question = aPlanQuestion();
  const memory = aMemory({
    completeSince: ago(7200),
    recommendations: [recommended(9, 200), recommended(7, 196), recommended(4, 0)],
    scaleEvents: [{ at: ago(100), notBefore: ago(100), added: 3, removed: 0 }],
  });
  const history = encodeHistory(memory, question);

  test("is a few buckets, each with its lowest and highest", () => {
    expect(history).toEqual({
      version: 1,
      targetUID: TARGET,
      bucketSeconds: 15,
      completeSince: "2026-11-25T11:55:00Z",
      recordedAt: "2026-11-25T12:00:00Z",
      buckets: [
        { start: ago(210) / 1000, low: 7, high: 9 },
        { start: ago(105) / 1000, low: 4, high: 4, added: 3 },
        { start: ago(0) / 1000, low: 4, high: 4 },
      ],
    });
  });

  test("is read back dated so that it allows less", () => {
    expect(decodeHistory(history, { target: TARGET, now: ago(-10) })).toEqual({
      completeSince: ago(300),
      bridge: undefined,
      recommendations: [
        { at: later(ago(195), millis(-1)), notBefore: ago(210), low: 7, high: 9 },
        { at: later(ago(90), millis(-1)), notBefore: ago(105), low: 4, high: 4 },
        { at: ago(0), notBefore: ago(0), low: 4, high: 4 },
      ],
      scaleEvents: [{ at: later(ago(90), millis(-1)), notBefore: ago(105), added: 3, removed: 0 }],
    });
  });

  test.each([
    { span: 300, width: 15 },
    { span: 885, width: 15 },
    { span: 900, width: 16 },
    { span: 1800, width: 31 },
    { span: 3600, width: 62 },
  ])("$span s are kept in buckets of $width s", ({ span, width }) => {
    expect(bucketSecondsFor(seconds(span))).toBe(width);
    expect(span / width + 1).toBeLessThanOrEqual(60);
  });

  test("is read back as it was written at any fraction of a second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (by) => {
        const now = later(T0, millis(by));
        const asked = aPlanQuestion({ now, memory: startMemory(TARGET, now) });
        const written = encodeHistory(makePlan(asked).memory, asked);
        expect(parseHistory({ horizontal: { history: written } })).toEqual(written);
      }),
    );
  });

  test("has at most 60 buckets, whatever the spec and the time of day", () => {
    const many = Array.from({ length: 400 }, (_, n) => recommended(n % 2 === 0 ? 1000 - n : n, 3600 - 9 * n));
    const windows = fc.integer({ min: 0, max: 3600 });
    fc.assert(
      fc.property(windows, fc.integer({ min: 0, max: 100_000 }), (window, offset) => {
        const behavior = aBehavior({ down: { stabilizationWindow: seconds(window) } });
        const moved = many.map(({ at, low, high }) => ({
          at: later(at, millis(offset)),
          notBefore: at,
          low,
          high,
        }));
        const asked = aPlanQuestion({ now: later(T0, millis(offset)), spec: { behavior } });
        expect(
          encodeHistory({ ...memory, recommendations: moved }, asked).buckets.length,
        ).toBeLessThanOrEqual(60);
      }),
    );
  });

  describe("is no memory, so that a decrease waits for a full window", () => {
    const damaged = (over: Record<string, unknown>): HistoryStatus =>
      ({ ...history, ...over }) as HistoryStatus;
    test.each([
      { what: "of another target", history: damaged({ targetUID: "another" }) },
      { what: "of a later version", history: damaged({ version: 2 }) },
      { what: "without a readable time", history: damaged({ recordedAt: "yesterday" }) },
      { what: "with a count that is none", history: damaged({ buckets: [{ start: 0, low: -1, high: 4 }] }) },
      { what: "without a width", history: damaged({ bucketSeconds: 0 }) },
      { what: "that is not there", history: undefined },
    ])("$what", ({ history: stored }) => {
      const recalled = recallMemory({ history: stored, target: TARGET, generation: 1, now: T0 });
      expect(recalled).toEqual(startMemory(TARGET, T0));
      expect(makePlan({ ...aPlanQuestion({ level: 30 }), memory: recalled }).plan.to).toBe(4);
    });
  });

  test.each([
    { gap: 30, completeSince: ago(300), bridged: false },
    { gap: 31, completeSince: ago(-31), bridged: true },
    { gap: 120, completeSince: ago(-120), bridged: true },
    { gap: 121, completeSince: ago(-121), bridged: false },
    { gap: -30, completeSince: ago(300), bridged: false },
    // Dated by a clock that was ahead: how long ago it was, nobody knows.
    { gap: -31, completeSince: ago(31), bridged: false },
    { gap: -250, completeSince: ago(250), bridged: false },
  ])("a gap of $gap s: complete since $completeSince, bridge $bridged", ({ gap, completeSince, bridged }) => {
    const recalled = recallMemory({ history, target: TARGET, generation: 1, now: ago(-gap) });
    expect(recalled).toMatchObject({ completeSince, tookOver: true, generation: 1 });
    expect(recalled.bridge).toEqual(bridged ? { since: ago(300), low: 4, high: 9 } : undefined);
  });

  test("a gap that nothing bridges holds decreases until it has left the window", () => {
    const recalled = recallMemory({ history, target: TARGET, generation: 1, now: ago(-600) });
    const low = aPlanQuestion({ level: 30 });
    const to = (since: number) => {
      const asked = after(seconds(600 + since), low, { ...recalled, recommendations: [], tookOver: false });
      return makePlan(asked).plan.to;
    };
    expect([to(0), to(299), to(300)]).toEqual([4, 4, 2]);
  });

  test("a clock that went back makes no future", () => {
    const recalled = decodeHistory(history, { target: TARGET, now: ago(3600) });
    expect(recalled?.completeSince).toBe(ago(3600));
    const stamps = [...(recalled?.recommendations ?? []), ...(recalled?.scaleEvents ?? [])];
    expect(Math.max(...stamps.flatMap(({ at, notBefore }) => [at, notBefore]))).toBe(ago(3600));
  });
});

test("after a standby everything is remembered", () => {
  const memory = aMemory({ recommendations: [recommended(9, 60)] });
  expect(afterStandby(memory)).toEqual({ ...memory, tookOver: true });
});

describe("a decision on what was read back", () => {
  const age = fc.integer({ min: 0, max: 900_000 }).map((n) => epochMillis(T0 - n));
  const recommendation = fc.record({ at: age, replicas: fc.integer({ min: 1, max: 60 }) });
  const event: fc.Arbitrary<ScaleEvent> = fc
    .record({ at: age, added: fc.integer({ min: 0, max: 9 }), removed: fc.integer({ min: 0, max: 9 }) })
    .map((one) => ({ ...one, notBefore: one.at }));
  const period = fc.integer({ min: 1, max: 600 }).map(seconds);
  const policy = fc.record({
    type: fc.constantFrom("Pods" as const, "Percent" as const),
    value: fc.integer({ min: 1, max: 150 }),
    period,
  });
  const rules = fc.record({
    stabilizationWindow: fc.integer({ min: 0, max: 900 }).map(seconds),
    selectPolicy: fc.constantFrom("Max" as const, "Min" as const, "Disabled" as const),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
    tolerance: fc.constant(undefined),
  });
  const past: fc.Arbitrary<DecisionMemory> = fc
    .record({
      recommendations: fc.array(recommendation, { maxLength: 12 }),
      scaleEvents: fc.array(event, { maxLength: 8 }),
      completeSince: age,
    })
    .map(({ recommendations, scaleEvents, completeSince }) =>
      aMemory({
        completeSince,
        scaleEvents: scaleEvents.toSorted((one, other) => one.at - other.at),
        recommendations: recommendations
          .toSorted((one, other) => one.at - other.at)
          .map(({ at, replicas }) => ({ at, notBefore: at, low: replicas, high: replicas })),
      }),
    );
  const world = fc.record({
    memory: past,
    behavior: fc.option(fc.record({ scaleUp: rules, scaleDown: rules }), { nil: undefined }),
    replicas: fc.integer({ min: 1, max: 40 }),
    level: fc.integer({ min: 0, max: 300 }),
    gap: fc.integer({ min: 0, max: 200_000 }).map(millis),
  });
  type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

  /** The same decision with the memory that was there, and with the one that was written down and read. */
  const both = ({ memory, behavior, replicas, level, gap }: World) => {
    const written = aPlanQuestion({ replicas, level, spec: { behavior }, memory });
    const read = encodeHistory(memory, written);
    const question: PlanQuestion = after(gap, written, memory);
    const recalled = recallMemory({ history: read, target: TARGET, generation: 1, now: question.now });
    const remembering = makePlan(question).plan.to;
    return {
      current: replicas,
      remembering,
      recalling: (over: Partial<DecisionMemory>) =>
        makePlan({ ...question, memory: { ...recalled, ...over } }).plan.to,
    };
  };

  test("goes down no further and up no further than one on the memory that was written", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { current, remembering, recalling } = both(one);
        const recalled = recalling({ tookOver: false });
        expect(recalled).toBeGreaterThanOrEqual(Math.min(current, remembering));
        expect(recalled).toBeLessThanOrEqual(Math.max(current, remembering));
      }),
      { numRuns: 5000 },
    );
  });

  test("is never a decrease when it is the first after the restart", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { current, recalling } = both(one);
        expect(recalling({})).toBeGreaterThanOrEqual(current);
      }),
      { numRuns: 1000 },
    );
  });

  test("written and read again, it still allows no more", () => {
    fc.assert(
      fc.property(world, (one) => {
        const written = aPlanQuestion({
          replicas: one.replicas,
          level: one.level,
          spec: { behavior: one.behavior },
        });
        const again = (memory: DecisionMemory): DecisionMemory => ({
          ...recallMemory({
            history: encodeHistory(memory, written),
            target: TARGET,
            generation: 1,
            now: written.now,
          }),
          tookOver: false,
        });
        const to = (memory: DecisionMemory) => makePlan({ ...written, memory }).plan.to;
        const [first, second] = [again(one.memory), again(again(one.memory))];
        expect(to(second)).toBeGreaterThanOrEqual(Math.min(one.replicas, to(first)));
        expect(to(second)).toBeLessThanOrEqual(Math.max(one.replicas, to(first)));
      }),
      { numRuns: 2000 },
    );
  });

  test("at a steady level is the one that would have been made without a restart", () => {
    const base = aPlanQuestion({ replicas: 10, level: 40 });
    const steady = { ...base, evidence: aPlanQuestion({ replicas: 10 }).evidence };
    let { memory } = base;
    for (let round = 0; round < 40; round += 1)
      ({ memory } = makePlan(after(seconds(15 * round), steady, memory)));
    const last = after(seconds(15 * 39), steady, memory);
    const history = encodeHistory(memory, last);
    const now = later(last.now, seconds(40));
    let recalled = recallMemory({ history, target: TARGET, generation: 1, now });
    const decisions = Array.from({ length: 40 }, (_, round) => {
      const { plan, memory: next } = makePlan(after(seconds(15 * 39 + 40 + 15 * round), steady, recalled));
      recalled = next;
      return plan.to;
    });
    expect(new Set(decisions)).toEqual(new Set([10]));
    expect(recalled.completeSince).toBeLessThanOrEqual(later(now, minutes(-5)));
  });
});

test("memory of one target is none of another with its name", () => {
  const { memory } = makePlan(
    aPlanQuestion({ target: { uid: uid("reborn"), replicas: 4, observedReplicas: 4 } }),
  );
  expect(memory).toMatchObject({ target: "reborn", completeSince: T0, scaleEvents: [] });
});
