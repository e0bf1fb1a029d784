import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figuresOf } from "../../src/rightsizing/evidence/figures.ts";
import { findingsOf, type FindingContainer } from "../../src/rightsizing/judge/horizontal.ts";
import { compareLevels, LEVELS, worstOf } from "../../src/rightsizing/judge/level.ts";
import { type Cents, DEFAULT_PRICES, monthly } from "../../src/rightsizing/judge/money.ts";
import { type PairContainer, pairFor } from "../../src/rightsizing/judge/pair.ts";
import { type RiskQuestion, riskOf } from "../../src/rightsizing/judge/risk.ts";
import { wasteOf } from "../../src/rightsizing/judge/waste.ts";
import { epochMillis } from "../../src/base/units.ts";
import { aMark, aScaler, DAY, MIB, NOW } from "./subjects.ts";

describe("a month", () => {
  const azure = { ...DEFAULT_PRICES, cpuCoreHour: 0.039, memoryGiBHour: 0.001917 };
  const attune = { ...DEFAULT_PRICES, cpuCoreHour: 0.031, memoryGiBHour: 0.004 };
  test.each([
    { of: "300m cpu", resource: "cpu", amount: 300, prices: DEFAULT_PRICES, costs: 20.77 },
    { of: "624Mi", resource: "memory", amount: 624 * MIB, prices: DEFAULT_PRICES, costs: 5.65 },
    { of: "300m cpu", resource: "cpu", amount: 300, prices: attune, costs: 20.37 },
    { of: "624Mi", resource: "memory", amount: 624 * MIB, prices: attune, costs: 5.34 },
    { of: "300m cpu", resource: "cpu", amount: 300, prices: azure, costs: 25.62 },
    { of: "624Mi", resource: "memory", amount: 624 * MIB, prices: azure, costs: 2.56 },
  ] as const)("of $of in three pods costs $costs", ({ resource, amount, prices, costs }) =>
    expect(monthly(amount, { resource, replicas: 3, prices })).toBe(Math.round(costs * 100)),
  );
});

describe("waste", () => {
  test.each([
    { part: 0.09, month: 1000, level: "none" },
    { part: 0.6, month: 0.8, level: "low" },
    { part: 0.6, month: 12, level: "medium" },
    { part: 0.6, month: 80, level: "high" },
    { part: 0.25, month: 80, level: "medium" },
    { part: 0.2, month: 80, level: "low" },
  ])("of $part of the request and $month a month is $level", ({ part, month, level }) =>
    expect(wasteOf({ part, cents: (month * 100) as Cents })).toBe(level),
  );
});

describe("risk", () => {
  /** 100 samples, of which so many are over 100. */
  const over = (count: number, high = 150) =>
    figuresOf(Array.from({ length: 100 }, (_, at) => (at < count ? high : 50)))!;
  const asked: RiskQuestion = {
    resource: "cpu",
    figures: over(0),
    request: 100,
    limit: undefined,
    oomKills: 0,
    confidence: 0.5,
  };
  const rows: readonly (readonly [string, Partial<RiskQuestion>, string, string])[] = [
    ["memory: killed for it", { resource: "memory", oomKills: 1 }, "critical", "oom-killed"],
    [
      "killed, and never measured",
      { resource: "memory", oomKills: 1, figures: undefined },
      "critical",
      "oom-killed",
    ],
    ["cpu: killed for memory", { oomKills: 1 }, "low", "seen-enough"],
    ["median over the request", { figures: over(51) }, "critical", "median-over-request"],
    [
      "memory at 96 % of its limit",
      { resource: "memory", figures: over(1, 96), limit: 100 },
      "high",
      "near-limit",
    ],
    [
      "memory at 94 % of its limit",
      { resource: "memory", figures: over(1, 94), limit: 100 },
      "low",
      "seen-enough",
    ],
    ["cpu p95 at its limit", { figures: over(10, 150), request: 200, limit: 150 }, "high", "near-limit"],
    [
      "one cpu sample at its limit",
      { figures: over(1, 150), request: 200, limit: 150 },
      "low",
      "seen-enough",
    ],
    ["over it in 6 of 100", { figures: over(6) }, "high", "often-over-request"],
    ["over it in 5 of 100", { figures: over(5) }, "medium", "sometimes-over-request"],
    ["over it in 1 of 100", { figures: over(1) }, "low", "seen-enough"],
    ["memory without a request", { resource: "memory", request: undefined }, "high", "no-request"],
    ["cpu without a request", { request: undefined }, "medium", "no-request"],
    ["nothing seen, in an hour", { confidence: 0.04 }, "unknown", "seen-too-little"],
    ["much seen, in an hour", { confidence: 0.04, figures: over(6) }, "high", "often-over-request"],
    ["never measured", { figures: undefined }, "unknown", "not-measured"],
  ];
  test.each(rows)("%s", (_, parts, level, because) =>
    expect(riskOf({ ...asked, ...parts })).toEqual({ level, because }),
  );

  test("never falls when the request does", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 999 }),
        (samples, request, less) => {
          const figures = figuresOf(samples)!;
          const [more, fewer] = [request, Math.max(1, request - less)].map(
            (one) => riskOf({ ...asked, figures, request: one }).level,
          );
          expect(compareLevels(fewer!, more!)).toBeLessThanOrEqual(0);
        },
      ),
    ));
});

test("the worst level is the worst, and unknown is neither good nor bad", () => {
  expect(worstOf(["low", "critical", "high"])).toBe("critical");
  expect(worstOf(["unknown", "low"])).toBe("unknown");
  expect(worstOf(["unknown", "medium"])).toBe("medium");
  expect(worstOf([])).toBe("none");
  expect(LEVELS.toSorted(compareLevels)).toEqual(["critical", "high", "medium", "unknown", "low", "none"]);
});

const aPaired = (parts: Partial<PairContainer> = {}): PairContainer => ({
  name: "app",
  role: "main",
  request: 500,
  recommended: 250,
  p90: 200,
  ...parts,
});

describe("a pair", () => {
  const mark = aMark();
  const scaler = aScaler();

  test("keeps the headroom of who scales: 60 % of 500m, recommended 250m", () =>
    expect(pairFor(mark, scaler, [aPaired()])).toEqual({
      scaler: { kind: "HorizontalPodAutoscaler", name: "web" },
      resource: "cpu",
      container: undefined,
      target: { now: 60, after: 89 },
      carry: 300,
      requests: [{ container: "app", amount: 335 }],
    }));

  test("with a request over the floor is that request", () =>
    expect(pairFor(mark, scaler, [aPaired({ recommended: 400 })])).toMatchObject({
      target: { now: 60, after: 75 },
      requests: [{ amount: 400 }],
    }));

  test("shares the floor out by what each container uses", () => {
    const containers = [
      aPaired({ request: 400, recommended: 100, p90: 150 }),
      aPaired({ name: "side", request: 100, recommended: 50, p90: 50 }),
    ];
    expect(pairFor(mark, scaler, containers)).toMatchObject({
      carry: 300,
      requests: [
        { container: "app", amount: 252 },
        { container: "side", amount: 84 },
      ],
    });
  });

  test("of one container's metric leaves the others alone", () => {
    const containers = [aPaired(), aPaired({ name: "side", request: undefined })];
    expect(pairFor(aMark({ container: "app" }), scaler, containers)?.requests).toEqual([
      { container: "app", amount: 335 },
    ]);
  });

  test.each([
    { when: "nothing would change", containers: [aPaired({ recommended: 500 })] },
    {
      when: "a counted container has no request, which the HPA cannot read either",
      containers: [aPaired(), aPaired({ name: "side", request: undefined, recommended: undefined })],
    },
    { when: "there is nothing to count", containers: [aPaired({ role: "init" })] },
  ])("is not needed where $when", ({ containers }) =>
    expect(pairFor(mark, scaler, containers)).toBeUndefined(),
  );

  test("never lets a pod carry more than it does now, and at most a percent of the request less", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 150 }),
        fc.array(
          fc.record({
            request: fc.integer({ min: 10, max: 4000 }),
            recommended: fc.integer({ min: 10, max: 4000 }),
            p90: fc.integer({ min: 1, max: 4000 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (percent, drawn) => {
          const containers = drawn.map((one, at) => aPaired({ name: `c${at}`, ...one }));
          const pair = pairFor(aMark({ percent }), scaler, containers);
          // a percentage is 1 at least
          if (pair === undefined || pair.target.after === 1) return;
          const base = drawn.reduce((sum, { request }) => sum + request, 0);
          const total = pair.requests.reduce((sum, { amount }) => sum + amount, 0);
          const carried = (pair.target.after * total) / 100;
          expect(carried).toBeLessThanOrEqual((percent * base) / 100 + 1e-9);
          expect(carried).toBeGreaterThan((percent * base - total) / 100 - 1e-9);
          expect(total).toBeGreaterThanOrEqual(
            (base * (Math.floor(percent * 1.1) + 1)) / 100 <= total ? 0 : base,
          );
        },
      ),
    ));
});

describe("horizontal findings", () => {
  const container: FindingContainer = { ...aPaired(), p95: 100, limit: undefined };
  const both = (parts: Partial<FindingContainer>) => {
    const one = { ...container, ...parts };
    return { cpu: [one], memory: [one] };
  };
  const ask = (scaler: Parameters<typeof aScaler>[0], parts: Partial<FindingContainer> = {}, replicas = 6) =>
    findingsOf({ now: NOW, replicas, scaler: aScaler(scaler), containers: both(parts) });

  test("min too high: 6 pods that use 100m of 500m at a mark of 60 % would be 2", () =>
    expect(ask({ minReplicas: 6 })).toEqual([
      {
        kind: "min-too-high",
        scaler: { kind: "HorizontalPodAutoscaler", name: "web" },
        message: "min 6 holds 6 pods; p95 usage needs 2 at the target",
        spareReplicas: 4,
      },
    ]));

  test.each([
    { when: "usage needs them", scaler: { minReplicas: 6 }, parts: { p95: 290 } },
    { when: "min is 1", scaler: { minReplicas: 1 }, parts: {} },
    { when: "there are more than min", scaler: { minReplicas: 5 }, parts: {} },
    { when: "something else is followed, too", scaler: { minReplicas: 6, followsMore: true }, parts: {} },
    { when: "usage is unknown", scaler: { minReplicas: 6 }, parts: { p95: undefined } },
    {
      when: "there is no request to compare with",
      scaler: { minReplicas: 6 },
      parts: { request: undefined },
    },
  ])("min is not called too high where $when", ({ scaler, parts }) => expect(ask(scaler, parts)).toEqual([]));

  test.each([
    {
      when: "it says so itself",
      scaler: { maxReplicas: 6, limitedByMax: true },
      message: "max 6 is reached and more are wanted",
    },
    {
      when: "usage is over the mark by more than the tolerance",
      scaler: { maxReplicas: 6, marks: [aMark({ current: 95 })] },
      message: "max 6 is reached and more are wanted: cpu 95 % of request, mark 60 %",
    },
  ])("pinned at max when $when", ({ scaler, message }) =>
    expect(ask(scaler)).toMatchObject([{ kind: "pinned-at-max", message, spareReplicas: 0 }]),
  );

  test("not pinned within the tolerance", () =>
    expect(ask({ maxReplicas: 6, marks: [aMark({ current: 65 })] })).toEqual([]));

  test("a target above what a limit lets show is unreachable", () =>
    expect(ask({ marks: [aMark({ percent: 95 })] }, { limit: 500 })).toMatchObject([
      {
        kind: "target-unreachable",
        message: "cpu can show 100 % at most, for its limit; a target of 95 % adds pods above 104.5 %",
      },
    ]));

  test.each([
    { when: "the limit leaves room", limit: 1000 },
    { when: "there is no limit", limit: undefined },
  ])("a target is reachable where $when", ({ limit }) =>
    expect(ask({ marks: [aMark({ percent: 95 })] }, { limit })).toEqual([]),
  );

  test.each([
    { when: "never, in 30 days", scaler: { lastScaledAt: undefined }, days: 30 },
    { when: "last 20 days ago", scaler: { lastScaledAt: epochMillis(NOW - 20 * DAY) }, days: 20 },
  ])("never scaled: $when", ({ scaler, days }) =>
    expect(ask(scaler)).toMatchObject([
      { kind: "never-scaled", message: `no change of the count in ${days} days, between 2 and 10` },
    ]),
  );

  test.each([
    { when: "it is young", scaler: { createdAt: epochMillis(NOW - 13 * DAY), lastScaledAt: undefined } },
    {
      when: "it may not",
      scaler: { minReplicas: 6, maxReplicas: 6, lastScaledAt: undefined, marks: [aMark({ percent: 1 })] },
    },
  ])("is no finding while $when", ({ scaler }) => expect(ask(scaler)).toEqual([]));
});
