import { describe, expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { parseHistory, parseStatus } from "../../src/policy/parse-status.ts";
import type { Act, Condition, HistoryStatus, ScalePolicyStatus } from "../../src/policy/status.ts";
import { status as statusSchema } from "../../src/policy/status-schema.ts";
import type { VerticalStatus } from "../../src/policy/vertical/status.ts";
import { FULL_STATUS } from "./full-status.ts";

const { horizontal } = FULL_STATUS;

describe("a status that the operator wrote", () => {
  test("is what the schema of the CRD describes, whole", () => {
    expect(statusSchema.strict().parse(FULL_STATUS)).toEqual(FULL_STATUS);
  });

  test("has no field that the schema lacks, and none less (the compiler checks)", () => {
    type Described = z.output<typeof statusSchema>;
    type Part<T, Key extends keyof T> = NonNullable<T[Key]>;
    type Scaling = Part<Described, "horizontal">;
    expectTypeOf<keyof Described>().toEqualTypeOf<keyof ScalePolicyStatus>();
    expectTypeOf<keyof Scaling>().toEqualTypeOf<keyof Part<ScalePolicyStatus, "horizontal">>();
    expectTypeOf<keyof Part<Scaling, "history">>().toEqualTypeOf<keyof HistoryStatus>();
    expectTypeOf<keyof Part<Scaling, "history">["buckets"][number]>().toEqualTypeOf<
      keyof HistoryStatus["buckets"][number]
    >();
    type Requests = Part<Described, "vertical">;
    expectTypeOf<keyof Requests>().toEqualTypeOf<keyof VerticalStatus>();
    expectTypeOf<Part<Requests, "recommendation">>().toExtend<Part<VerticalStatus, "recommendation">>();
    expectTypeOf<Described["conditions"][number]["type"]>().toEqualTypeOf<Condition["type"]>();
    expectTypeOf<keyof Described["conditions"][number]>().toEqualTypeOf<keyof Condition>();
    expectTypeOf<keyof Described["recentActs"][number]>().toEqualTypeOf<keyof Act>();
    expectTypeOf<keyof Described["display"]>().toEqualTypeOf<keyof ScalePolicyStatus["display"]>();
    expectTypeOf<keyof Part<Described, "lastDecision">>().toEqualTypeOf<
      keyof Part<ScalePolicyStatus, "lastDecision">
    >();
  });

  test("is read back whole", () => {
    expect(parseStatus(FULL_STATUS)).toEqual(FULL_STATUS);
    expect(parseHistory(FULL_STATUS)).toEqual(horizontal.history);
  });

  test("may lack every part that is not always there", () => {
    const { horizontal: _horizontal, lastDecision: _decision, ...least } = FULL_STATUS;
    expect(parseStatus(least)).toEqual(least);
    expect(parseHistory(least)).toBeUndefined();
  });

  test("F27 may have been written by a newer operator: what is unknown is left out", () => {
    const newer = {
      ...FULL_STATUS,
      forecast: { floor: 1 },
      display: { ...FULL_STATUS.display, mood: "calm" },
    };
    expect(parseStatus(newer)).toEqual(FULL_STATUS);
  });
});

describe("a status that someone damaged", () => {
  test.each([undefined, null, 7, "fine", []])("%j is none", (status) => {
    expect(parseStatus(status)).toBeUndefined();
    expect(parseHistory(status)).toBeUndefined();
  });

  test("keeps its whole parts", () => {
    expect(
      parseStatus({
        observedGeneration: "three",
        conditions: [{ type: "Ready" }, FULL_STATUS.conditions[1], "fine"],
        horizontal: {
          ...horizontal,
          lastScaleTime: "yesterday",
          currentMetrics: [{ type: "Resource" }, ...horizontal.currentMetrics.slice(0, 1)],
          history: { ...horizontal.history, buckets: "none" },
        },
        recentActs: [{ what: "something" }, ...FULL_STATUS.recentActs],
        display: "cpu",
        lastDecision: 4,
      }),
    ).toEqual({
      observedGeneration: 0,
      conditions: [FULL_STATUS.conditions[1]],
      horizontal: {
        currentReplicas: 4,
        desiredReplicas: 6,
        currentMetrics: [{ type: "" }, horizontal.currentMetrics[0]],
      },
      recentActs: FULL_STATUS.recentActs,
      display: { metrics: "", requests: "" },
    });
  });

  test.each([{ confidence: 1 }, { recommendation: { containerRecommendations: "none" } }, "half", []])(
    "has no vertical part when it is %j",
    (vertical) => {
      expect(parseStatus({ ...FULL_STATUS, vertical })).not.toHaveProperty("vertical");
    },
  );

  test("has no horizontal part when its counts are gone", () => {
    expect(parseStatus({ ...FULL_STATUS, horizontal: { history: horizontal.history } })).not.toHaveProperty(
      "horizontal",
    );
  });
});

describe("a history", () => {
  const [first, second] = horizontal.history.buckets;
  test.each<[string, Partial<Record<keyof HistoryStatus, unknown>>]>([
    ["of another version", { version: 2 }],
    ["of nothing", { targetUID: undefined }],
    ["without a span", { bucketSeconds: 0 }],
    ["with a time that is none", { recordedAt: "soon" }],
    ["with a start that is none", { completeSince: "2026-02-30T00:00:00Z" }],
    ["that ends before it starts", { recordedAt: "2026-11-24T00:00:00Z" }],
    ["with spans out of order", { buckets: [second, first] }],
    ["with spans that overlap", { buckets: [first, { ...second, start: 1_795_575_601 }] }],
    ["with spans in the future", { buckets: [{ ...first, start: 2_000_000_000 }] }],
    ["with a lowest above its highest", { buckets: [{ ...first, low: 9 }] }],
    ["with a fraction of a replica", { buckets: [{ ...first, high: 5.5 }] }],
    ["with a negative count", { buckets: [{ ...first, added: -1 }] }],
    [
      "with too many spans",
      { buckets: Array.from({ length: 61 }, (_, index) => ({ ...first, start: index * 15 })) },
    ],
    ["without spans", { buckets: undefined }],
    ["emptied of its spans", { buckets: [] }],
  ])("%s is none, so that decreases wait for a full window", (_, damage) => {
    const damaged = {
      ...FULL_STATUS,
      horizontal: { ...horizontal, history: { ...horizontal.history, ...damage } },
    };
    expect(parseHistory(damaged)).toBeUndefined();
    expect(parseStatus(damaged)?.horizontal).not.toHaveProperty("history");
  });

  test("is read even where the rest of the status is damaged", () => {
    expect(parseHistory({ horizontal: { history: horizontal.history } })).toEqual(horizontal.history);
  });
});
