/**
 * Rates and bounds: upstream's own cases (A7), and what is ours.
 */
import { describe, expect, test } from "vitest";
import { type EpochMillis, seconds } from "../../src/base/units.ts";
import { arithmeticOf } from "../../src/horizontal/arithmetic.ts";
import { limitReplicas, limitWithoutBehavior, type ScaleEvent } from "../../src/horizontal/limit.ts";
import type { Behavior, ScalingPolicy, ScalingRules } from "../../src/policy/policy.ts";
import { T0 } from "../builders.ts";
import { ago } from "./pods.ts";

/** `P 20/60` is 20 pods per 60 s, `% 10/30` is 10 % per 30 s. */
function policiesOf(text: string): readonly ScalingPolicy[] {
  return [...text.matchAll(/([P%]) (\d+)\/(\d+)/g)].map(([, type, value, period]) => ({
    type: type === "P" ? "Pods" : "Percent",
    value: Number(value),
    period: seconds(Number(period)),
  }));
}

const rules = (policies: string, selectPolicy: ScalingRules["selectPolicy"] = "Max"): ScalingRules => ({
  stabilizationWindow: undefined,
  selectPolicy,
  policies: policiesOf(policies),
  tolerance: undefined,
});

const behaviorOf = (
  { up = "P 4/15 % 100/15", down = "% 100/15" }: Readonly<{ up?: string; down?: string }>,
  selectPolicy: ScalingRules["selectPolicy"] = "Max",
): Behavior => ({ scaleUp: rules(up, selectPolicy), scaleDown: rules(down, selectPolicy) });

const event = (at: EpochMillis, added: number, removed: number, notBefore = at): ScaleEvent => ({
  at,
  notBefore,
  added,
  removed,
});

/** Three past events were 100, 60 and 20 s ago, two 90 and 30 s, one 60 s. */
const AGES: Readonly<Record<number, readonly number[]>> = { 0: [], 1: [60], 2: [90, 30], 3: [100, 60, 20] };
function eventsOf({
  added = [],
  removed = [],
}: Readonly<{ added?: number[]; removed?: number[] }>): ScaleEvent[] {
  const agesOf = (sizes: readonly number[]): readonly number[] => AGES[sizes.length] ?? [];
  return [
    ...added.map((size, index) => event(ago(agesOf(added)[index] ?? 0), size, 0)),
    ...removed.map((size, index) => event(ago(agesOf(removed)[index] ?? 0), 0, size)),
  ];
}

type Row = readonly [
  numbers: readonly [current: number, desired: number, min: number, max: number],
  policies: Readonly<{ up?: string; down?: string }>,
  past: Readonly<{ added?: number[]; removed?: number[] }>,
  replicas: number,
  reason: string,
];

const A7: readonly Row[] = [
  [[5, 7, 3, 8], {}, {}, 7, "DesiredWithinRange"],
  [[3, 1, 2, 8], {}, {}, 2, "TooFewReplicas"],
  [[1, 0, 0, 10], {}, {}, 0, "DesiredWithinRange"],
  [[20, 1000, 1, 10], {}, {}, 10, "TooManyReplicas"],
  [[100, 1000, 100, 150], {}, {}, 150, "TooManyReplicas"],
  [[3, 1000, 1, 2000], { up: "% 1/60" }, {}, 4, "ScaleUpLimit"],
  [[1000, 3, 3, 2000], { down: "P 20/60" }, {}, 980, "ScaleDownLimit"],
  [[10, 50, 1, 1000], {}, {}, 20, "ScaleUpLimit"],
  [[10, 500, 1, 1000], { up: "P 100/60 % 100/60" }, {}, 110, "ScaleUpLimit"],
  [[10, 500, 1, 1000], { up: "P 2/60 % 100/60" }, {}, 20, "ScaleUpLimit"],
  [[10, 50, 1, 1000], { up: "P 30/60" }, {}, 40, "ScaleUpLimit"],
  [[10, 50, 1, 1000], { up: "% 200/60" }, {}, 30, "ScaleUpLimit"],
  [[100, 2, 1, 1000], { down: "P 20/60 % 1/60" }, {}, 80, "ScaleDownLimit"],
  [[100, 2, 1, 1000], { down: "P 2/60 % 1/60" }, {}, 98, "ScaleDownLimit"],
  [[10, 0, 1, 1000], { down: "P 100/60" }, {}, 1, "TooFewReplicas"],
  [[10, 2, 5, 1000], { down: "% 100/60" }, {}, 5, "TooFewReplicas"],
  [[10, 2, 1, 1000], { down: "P 5/60" }, {}, 5, "ScaleDownLimit"],
  [[10, 5, 1, 1000], { down: "% 50/60" }, {}, 5, "DesiredWithinRange"],
  [[100, 500, 1, 200], { up: "P 300/60" }, { added: [1, 5, 9] }, 200, "TooManyReplicas"],
  [[100, 500, 1, 1000], { up: "P 5/120" }, { added: [1, 5, 9] }, 100, "ScaleUpLimit"],
  [[100, 500, 1, 1000], { up: "P 150/120" }, { added: [1, 5, 9] }, 235, "ScaleUpLimit"],
  [[100, 500, 1, 1000], { up: "% 200/120" }, { added: [1, 5, 9] }, 255, "ScaleUpLimit"],
  [[6, 24, 1, 1000], { up: "% 300/300" }, { added: [4], removed: [2] }, 16, "ScaleUpLimit"],
  [[10, 5, 1, 1000], {}, { removed: [1, 5, 9] }, 5, "DesiredWithinRange"],
  [[100, 2, 1, 1000], { down: "P 5/120" }, { removed: [1, 5, 9] }, 100, "ScaleDownLimit"],
  [[100, 0, 1, 1000], { down: "P 115/120" }, { removed: [1, 5, 9] }, 1, "TooFewReplicas"],
  [[100, 0, 1, 1000], { down: "% 50/120" }, { removed: [2, 4, 6] }, 56, "ScaleDownLimit"],
  [[10, 1, 1, 1000], { down: "% 50/180" }, { added: [2], removed: [4] }, 6, "ScaleDownLimit"],
  [[100, 0, 1, 1000], { down: "% 10/120" }, { removed: [10, 10, 10] }, 100, "ScaleDownLimit"],
  [[10, 5, 1, 1000], { down: "% 1000/120" }, { removed: [10, 10, 10] }, 5, "DesiredWithinRange"],
];

const question = (
  [current, desired, minReplicas, maxReplicas]: Row[0],
  events: readonly ScaleEvent[] = [],
) => ({ current, desired, minReplicas, maxReplicas, now: T0, events });

describe.each(["exact", "upstream"] as const)("%s arithmetic", (name) => {
  const arithmetic = arithmeticOf(name);

  test.each(A7)("A7: %j with %j after %j → %i, %s", (...row) => {
    const [numbers, policies, past, replicas, reason] = row;
    // The one row outside its bounds is answered before rates in a whole decision, and here by the maximum.
    expect(limitReplicas(question(numbers, eventsOf(past)), behaviorOf(policies), arithmetic)).toMatchObject({
      replicas,
      reason,
    });
  });

  test.each([
    { current: 1, desired: 100, replicas: 2, because: "the smaller of 2 pods and 50 %" },
    { current: 5, desired: 1, replicas: 3, because: "the smaller of 2 pods and 50 %" },
  ])("selectPolicy Min takes $because: $current → $replicas", ({ current, desired, replicas }) => {
    const policies = "P 2/60 % 50/60";
    const asked = question([current, desired, 1, 1000]);
    const behavior = behaviorOf({ up: policies, down: policies }, "Min");
    expect(limitReplicas(asked, behavior, arithmetic).replicas).toBe(replicas);
  });

  test.each([{ desired: 20 }, { desired: 1 }])("Disabled keeps 10 when $desired is wanted", ({ desired }) => {
    const asked = question([10, desired, 1, 1000]);
    expect(limitReplicas(asked, behaviorOf({}, "Disabled"), arithmetic).replicas).toBe(10);
  });
});

test.each([
  { percent: "% 10/60", current: 50, desired: 100, upstream: 56, exact: 55 },
  { percent: "% 12/60", current: 25, desired: 100, upstream: 29, exact: 28 },
  { percent: "% 80/60", current: 5, desired: 0, upstream: 0, exact: 1 },
  { percent: "% 80/60", current: 10, desired: 0, upstream: 1, exact: 2 },
  { percent: "% 90/60", current: 100, desired: 0, upstream: 9, exact: 10 },
])("$percent of $current is $exact, where float64 makes it $upstream", ({ percent, ...row }) => {
  const asked = question([row.current, row.desired, 0, 1000]);
  const behavior = behaviorOf({ up: percent, down: percent });
  expect(limitReplicas(asked, behavior, arithmeticOf("upstream")).replicas).toBe(row.upstream);
  expect(limitReplicas(asked, behavior, arithmeticOf("exact")).replicas).toBe(row.exact);
});

test("an event counts for its whole period, and not at its end", () => {
  const behavior = behaviorOf({ up: "P 5/60" });
  const limitAfter = (age: number) =>
    limitReplicas(question([10, 50, 1, 100], [event(ago(age), 5, 0)]), behavior, arithmeticOf("exact"))
      .replicas;
  expect([limitAfter(59), limitAfter(60)]).toEqual([10, 15]);
});

test("an event of an uncertain moment counts where that allows less", () => {
  const behavior = behaviorOf({ up: "P 5/60", down: "P 5/60" });
  const limit = (desired: number, added: number, removed: number) => {
    const asked = question([10, desired, 1, 100], [event(ago(50), added, removed, ago(70))]);
    return limitReplicas(asked, behavior, arithmeticOf("exact")).replicas;
  };
  expect({ added: limit(50, 5, 0), removed: limit(50, 0, 5) }).toEqual({ added: 10, removed: 15 });
  expect({ added: limit(1, 5, 0), removed: limit(1, 0, 5) }).toEqual({ added: 5, removed: 10 });
});

describe("without behavior", () => {
  test.each([
    { current: 3, desired: 1000, max: 2000, replicas: 6, reason: "ScaleUpLimit" },
    { current: 1, desired: 1000, max: 2000, replicas: 4, reason: "ScaleUpLimit" },
    { current: 1, desired: 0, max: 10, replicas: 0, reason: "DesiredWithinRange" },
    { current: 6, desired: 1000, max: 8, replicas: 8, reason: "TooManyReplicas" },
    { current: 100, desired: 3, max: 200, replicas: 3, reason: "DesiredWithinRange" },
  ])(
    "$current, wants $desired of at most $max → $replicas, $reason",
    ({ current, desired, max, ...wanted }) => {
      expect(limitWithoutBehavior(question([current, desired, 0, max]))).toMatchObject(wanted);
    },
  );

  test("growth is twice the count of 15 s ago, however often decisions are made", () => {
    const after = (age: number) =>
      limitWithoutBehavior(question([8, 1000, 1, 2000], [event(ago(age), 4, 0)])).replicas;
    expect([after(5), after(14), after(15)]).toEqual([8, 8, 16]);
  });

  test("a decrease moments ago does not make room for more than twice the count", () => {
    expect(limitWithoutBehavior(question([5, 50, 1, 100], [event(ago(5), 0, 5)])).replicas).toBe(10);
  });
});
