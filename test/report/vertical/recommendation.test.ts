/**
 * `status.vertical`, and which of its moves are worth a write.
 */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import { needsWriting } from "../../../src/report/status-change.ts";
import { verticalStatusOf } from "../../../src/report/vertical/recommendation.ts";
import { notDecided, statusAfter, steady } from "../records.ts";
import {
  alone,
  amounts,
  aRecommendation,
  aVerdict,
  besideHorizontal,
  cpuUtilization,
  none,
} from "./verdicts.ts";

describe("a recommendation in the status", () => {
  test("has the VPA's shape, the base beside it, and the least confidence of all containers", () => {
    const answered = [
      aRecommendation(),
      none("init", "not-counted"),
      aRecommendation({ container: "proxy", base: {}, confidence: 0.139 }),
    ];
    expect(verticalStatusOf(aVerdict({ answered }), undefined)).toEqual({
      recommendation: {
        containerRecommendations: [
          {
            containerName: "app",
            target: { cpu: "240m", memory: "305Mi" },
            lowerBound: { cpu: "125m", memory: "250Mi" },
            upperBound: { cpu: "900m", memory: "1Gi" },
            uncappedTarget: { cpu: "240m", memory: "305Mi" },
            base: { cpu: "500m", memory: "310Mi" },
          },
          expect.objectContaining({ containerName: "proxy", base: {} }),
        ],
        targets: [],
      },
      confidence: "0.13",
    });
  });

  test("is absent while no container has one", () => {
    expect(verticalStatusOf(aVerdict({ answered: [none("app", "no-samples")] }), undefined)).toEqual({});
  });

  test("brings the pair of each utilization that horizontal follows", () => {
    const followed = [{ metric: cpuUtilization(60), tolerance: 0.1 }];
    expect(verticalStatusOf(aVerdict({ followed }), undefined).recommendation?.targets).toEqual([
      { metric: "cpu", request: "335m", averageUtilization: 89, averageValue: "300m" },
    ]);
  });
});

const recommending = (cpu: number, mebi = 305, base = amounts(500, 310)): DecisionRecord =>
  alone(aVerdict({ answered: [aRecommendation({ target: amounts(cpu, mebi), base })] }));
const shown = (...records: readonly DecisionRecord[]) =>
  statusAfter(...records)?.vertical?.recommendation?.containerRecommendations[0]?.target;
const need = (before: DecisionRecord, after: DecisionRecord) =>
  needsWriting(statusAfter(before), statusAfter(before, after)!, seconds(3600));

describe("a recommendation that moves", () => {
  test("by less than 5 % is not shown, so that nothing is written", () => {
    expect(shown(recommending(240), recommending(251))).toEqual({ cpu: "240m", memory: "305Mi" });
    expect(need(recommending(240), recommending(251))).toBeUndefined();
    expect(need(recommending(240), recommending(229))).toBeUndefined();
  });

  test("by 5 % is shown whole, and is worth a write at once", () => {
    expect(shown(recommending(240), recommending(252, 306))).toEqual({ cpu: "252m", memory: "306Mi" });
    expect(need(recommending(240), recommending(252))).toBe("meaning");
    expect(need(recommending(240), recommending(240, 321))).toBe("meaning");
  });

  test("in small steps is shown once they add up to 5 %", () => {
    const steps = [240, 246, 251, 253].map((cpu) => recommending(cpu));
    expect(shown(...steps)).toMatchObject({ cpu: "253m" });
  });

  test("in its bounds alone is newer figures, which wait", () => {
    const wider = alone(aVerdict({ answered: [aRecommendation({ upperBound: amounts(2000, 2048) })] }));
    expect(need(recommending(240), wider)).toBe("figures");
  });

  test("because the template asks for something else is shown at once", () => {
    expect(need(recommending(240), recommending(240, 305, amounts(501, 310)))).toBe("meaning");
  });

  test("from nothing to something, and back, is worth a write at once", () => {
    const nothing = alone(aVerdict({ answered: [none("app", "no-samples")] }));
    expect(need(nothing, recommending(240))).toBe("meaning");
    expect(need(recommending(240), nothing)).toBe("meaning");
  });
});

describe("a policy's status", () => {
  test("loses its vertical part with the spec's", () => {
    const status = statusAfter(besideHorizontal(), steady());
    expect(status).not.toHaveProperty("vertical");
    expect(status?.conditions.map(({ type }) => type)).toEqual([
      "Ready", "ScalingActive", "AbleToScale", "ScalingLimited",
    ]); // prettier-ignore
  });

  test("keeps it while the spec does not parse", () => {
    const { mode: _mode, target: _target, ...unread } = notDecided("UnknownField", "Ready");
    const status = statusAfter(besideHorizontal(), { ...unread, mode: undefined, target: undefined });
    expect(status?.vertical?.recommendation?.containerRecommendations).toHaveLength(1);
    expect(status?.conditions.map(({ type }) => type)).toContain("Applying");
  });

  test("shows what is recommended in the column of requests, and as a sentence where nothing is scaled", () => {
    expect(statusAfter(besideHorizontal())?.display.requests).toBe("cpu 500m→240m mem 310Mi");
    expect(statusAfter(alone())?.lastDecision?.summary).toBe("recommended app: cpu 500m→240m, memory 310Mi");
    expect(statusAfter(besideHorizontal())?.lastDecision?.summary).toContain("cpu 90 % of request");
  });
});
