/**
 * The pair of a target and a request.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { milliCores } from "../../../src/base/units.ts";
import { targetPairs } from "../../../src/report/vertical/pair.ts";
import { aContainer, amounts, aRecommendation, aVerdict, cpuUtilization, none } from "./verdicts.ts";

const recommending = (cpu: number) => [aRecommendation({ target: amounts(cpu, 305) })];
const at60 = [{ metric: cpuUtilization(60), tolerance: 0.1 }];
const pairs = (cpu: number, followed = at60) =>
  targetPairs(aVerdict({ followed, answered: recommending(cpu) }));

describe("a pair, from a target of 60 % of 500m", () => {
  test.each([
    [450, { request: "450m", averageUtilization: 66, averageValue: "300m" }],
    [240, { request: "335m", averageUtilization: 89, averageValue: "300m" }],
    [335, { request: "335m", averageUtilization: 89, averageValue: "300m" }],
    [1000, { request: "1", averageUtilization: 30, averageValue: "300m" }],
  ])("to %dm", (cpu, pair) => {
    expect(pairs(cpu)).toEqual([{ metric: "cpu", ...pair }]);
  });

  test("is none where the request stays", () => {
    expect(pairs(500)).toEqual([]);
  });

  test("is none without a utilization, or without a request that it could be a part of", () => {
    const byAmount = { ...cpuUtilization(60), target: { kind: "average-value", amount: 300 } } as never;
    expect(pairs(240, [{ metric: byAmount, tolerance: 0.1 }])).toEqual([]);
    const asked = [aContainer({ requests: {} })];
    expect(targetPairs(aVerdict({ followed: at60, asked, answered: recommending(240) }))).toEqual([]);
  });
});

test("a pod's pair counts every container: those without a recommendation with what they ask for", () => {
  const asked = [aContainer(), aContainer({ name: "proxy", requests: amounts(100, 64) })];
  const answered = [...recommending(400), none("proxy", "policy-off")];
  expect(targetPairs(aVerdict({ followed: at60, asked, answered }))).toEqual([
    { metric: "cpu", request: "500m", averageUtilization: 72, averageValue: "360m" },
  ]);
});

test("a container's pair counts that container alone", () => {
  const asked = [aContainer(), aContainer({ name: "proxy", requests: amounts(100, 64) })];
  const followed = [{ metric: cpuUtilization(60, "proxy"), tolerance: 0.1 }];
  const answered = [...recommending(400), aRecommendation({ container: "proxy", target: amounts(80, 64) })];
  expect(targetPairs(aVerdict({ followed, asked, answered }))).toEqual([
    { metric: "proxy/cpu", request: "80m", averageUtilization: 75, averageValue: "60m" },
  ]);
});

test("both halves of a pair hold nearly the usage that the target held, and more is seen before the request is full", () => {
  const numbers = fc.record({
    base: fc.integer({ min: 50, max: 64_000 }),
    target: fc.integer({ min: 1, max: 64_000 }),
    percent: fc.integer({ min: 10, max: 90 }),
  });
  fc.assert(
    fc.property(numbers, ({ base, target, percent }) => {
      const followed = [{ metric: cpuUtilization(percent), tolerance: 0.1 }];
      const asked = [aContainer({ requests: { cpu: milliCores(base) } })];
      const answered = [aRecommendation({ target: { cpu: milliCores(target) } })];
      const [pair] = targetPairs(aVerdict({ followed, asked, answered }));
      if (pair === undefined) return base === target;
      const inMilli = (text: string): number =>
        text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
      const [request, carry] = [inMilli(pair.request), inMilli(pair.averageValue)];
      const held = (pair.averageUtilization * request) / 100;
      const isLeast = pair.averageUtilization === 1;
      const wanted = (base * percent) / 100;
      return carry <= wanted && (held <= wanted || isLeast) && request > carry * 1.1;
    }),
  );
});
