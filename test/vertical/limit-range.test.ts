import { describe, expect, test } from "vitest";
import type { RequestAmounts } from "../../src/base/units.ts";
import { bytes, milliCores } from "../../src/base/units.ts";
import type { LimitRange, PodContainer } from "../../src/vertical/limit-range.ts";
import { fitToPod, mergeLimitRanges } from "../../src/vertical/limit-range.ts";
import { aContainerPolicy } from "./questions.ts";

const cpu = (milli: number): RequestAmounts => ({ cpu: milliCores(milli) });
const memory = (amount: number): RequestAmounts => ({ memory: bytes(amount) });
const range = (over: Partial<LimitRange>): LimitRange => ({ min: {}, max: {}, default: {}, ...over });

const wants = (amounts: RequestAmounts) => ({ target: amounts, lowerBound: amounts, upperBound: amounts });
const container = (over: Partial<PodContainer> = {}): PodContainer => ({
  container: "app",
  requests: {},
  limits: {},
  recommended: wants(cpu(500)),
  ...over,
});

type Question = Parameters<typeof fitToPod>[0];
function fit(containers: readonly PodContainer[], over: Partial<Question> = {}) {
  const fitted = fitToPod({
    spec: { containers: [] },
    pod: undefined,
    perContainer: undefined,
    containers,
    ...over,
  });
  return containers.map((each) => fitted.get(each.container)?.target);
}

describe("a LimitRange of type Container", () => {
  test.each([
    ["raises a request to its minimum, without any limit", range({ min: cpu(800) }), {}, 800],
    ["ignores its maximum, without any limit", range({ max: cpu(100) }), {}, 500],
    [
      "lowers the request so that the limit fits",
      range({ max: cpu(600) }),
      { requests: cpu(100), limits: cpu(200) },
      300,
    ],
    [
      "raises the request so that the limit fits",
      range({ min: cpu(2000) }),
      { requests: cpu(100), limits: cpu(200) },
      2000,
    ],
    [
      "takes the default for a limit",
      range({ max: cpu(600), default: cpu(200) }),
      { requests: cpu(100) },
      300,
    ],
    ["takes a limit for the request", range({ max: cpu(400) }), { limits: cpu(200) }, 400],
    [
      "leaves what fits",
      range({ min: cpu(100), max: cpu(4000) }),
      { requests: cpu(100), limits: cpu(200) },
      500,
    ],
    ["of another resource says nothing", range({ min: memory(800) }), {}, 500],
  ])("%s", (_, perContainer, over, target) => {
    expect(fit([container(over)], { perContainer })).toEqual([cpu(target)]);
  });

  test("comes before the policy, which has the last word", () => {
    const spec = { containers: [aContainerPolicy({ maxAllowed: cpu(700) })] };
    expect(fit([container()], { perContainer: range({ min: cpu(800) }), spec })).toEqual([cpu(700)]);
  });
});

describe("controlledValues", () => {
  test("RequestsOnly keeps a request under the container's limit", () => {
    const spec = { containers: [aContainerPolicy({ controlledValues: "RequestsOnly" })] };
    const limited = container({ limits: cpu(300) });
    expect(fit([limited], { spec })).toEqual([cpu(300)]);
    expect(fit([limited])).toEqual([cpu(500)]);
  });
});

describe("a LimitRange of type Pod", () => {
  const twice = { requests: cpu(100), limits: cpu(200) };
  const a = container({ container: "a", ...twice, recommended: wants(cpu(300)) });
  const b = container({ container: "b", ...twice, recommended: wants(cpu(500)) });

  test.each([
    ["leaves what fits", range({ min: cpu(800), max: cpu(1600) }), [300, 500]],
    ["lowers all in proportion, so that the limits fit", range({ max: cpu(1000) }), [187, 312]],
    ["raises all in proportion to the requests, CPU rounded up", range({ min: cpu(1001) }), [376, 626]],
  ])("%s", (_, pod, targets) => {
    expect(fit([a, b], { pod })).toEqual(targets.map(cpu));
  });

  test("raises by the limits where only they are too low", () => {
    const tight = { requests: cpu(200), limits: cpu(100) };
    const low = [a, b].map((each) => ({ ...each, ...tight }));
    expect(fit(low, { pod: range({ min: cpu(500) }) })).toEqual([cpu(375), cpu(625)]);
  });

  test("cuts memory where CPU is rounded up", () => {
    const some = { requests: memory(100), limits: memory(200), recommended: wants(memory(300)) };
    const pair = ["a", "b", "c"].map((name) => container({ container: name, ...some }));
    expect(fit(pair, { pod: range({ min: memory(1001) }) })).toEqual([333, 333, 333].map(memory));
  });

  test("does nothing to containers without limits", () => {
    const free = [a, b].map((each) => ({ ...each, limits: {} }));
    expect(fit(free, { pod: range({ min: cpu(5000), max: cpu(10) }) })).toEqual([cpu(300), cpu(500)]);
  });

  test("counts a container without a recommendation with its requests, and leaves it alone", () => {
    const other = container({
      container: "b",
      requests: cpu(500),
      limits: cpu(1000),
      recommended: undefined,
    });
    expect(fit([a, other], { pod: range({ max: cpu(1000) }) })).toEqual([cpu(187), undefined]);
  });

  test("gives no amount to a resource without a recommendation", () => {
    expect(fit([a, b], { pod: range({ min: memory(5000), max: memory(5000) }) })).toEqual([
      cpu(300),
      cpu(500),
    ]);
  });
});

describe("several LimitRanges", () => {
  test("count as one: highest minimum, lowest maximum, last default", () => {
    const merged = mergeLimitRanges([
      range({ min: cpu(100), max: { ...cpu(900), ...memory(900) }, default: { ...cpu(50), ...memory(50) } }),
      range({ min: { ...cpu(50), ...memory(7) }, max: cpu(800) }),
      range({ default: cpu(60) }),
    ]);
    expect(merged).toEqual({
      min: { cpu: 100, memory: 7 },
      max: { cpu: 800, memory: 900 },
      default: { cpu: 60 },
    });
  });

  test("of which there are none are none", () => {
    expect(mergeLimitRanges([])).toBeUndefined();
  });
});
