import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeName } from "../../src/base/ids.ts";
import { epochMillis, later, minutes, monoMillis, seconds } from "../../src/base/units.ts";
import type { MonoMillis } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import { ScrapeTargets, offsetOf, spanOf } from "../../src/scrape/targets.ts";
import { aNode } from "./nodes.ts";

const RESOLUTION = seconds(15);
const START = monoMillis(1_000_000);
const NODE = nodeName("node-1");

type Outcome = "failed" | "answered" | "fresh";

/** Runs until `end` in steps of 100 ms; each request is answered at once. Gives when each node was asked. */
function run(
  targets: ScrapeTargets,
  end: MonoMillis,
  outcome: (name: string, now: number) => Outcome = () => "fresh",
) {
  const asked: { name: string; at: number }[] = [];
  for (let now = START; now < end; now = later(now, seconds(0.1)))
    for (const { meta } of targets.takeDue(now)) {
      asked.push({ name: meta.name, at: now - START });
      targets.finish(nodeName(meta.name), outcome(meta.name, now - START), now);
    }
  return asked;
}

function targetsFor(...nodes: readonly Node[]): ScrapeTargets {
  const targets = new ScrapeTargets(RESOLUTION);
  targets.renew(nodes, START);
  return targets;
}

const gaps = (asked: readonly { at: number }[]): number[] =>
  asked.slice(1).map(({ at }, i) => at - asked[i]!.at);

describe("a node", () => {
  test("is asked at once when it is new, then every round at its own moment", () => {
    const asked = run(targetsFor(aNode()), later(START, minutes(3)));
    expect(asked[0]?.at).toBe(0);
    const [first, ...rest] = gaps(asked);
    expect(first).toBeGreaterThanOrEqual(7_500);
    expect(first).toBeLessThanOrEqual(22_600);
    for (const gap of rest) expect(Math.abs(gap - 15_000)).toBeLessThanOrEqual(100);
  });

  test("is not asked again while it has not answered, and does not make up for what it missed", () => {
    const targets = targetsFor(aNode());
    expect(targets.takeDue(START)).toHaveLength(1);
    const lateEnd = later(START, minutes(2));
    expect(targets.takeDue(lateEnd)).toEqual([]);
    expect(targets.nextDue()).toBeUndefined();
    targets.finish(NODE, "fresh", lateEnd);
    expect(targets.takeDue(lateEnd)).toEqual([]);
    expect(targets.nextDue()! - lateEnd).toBeLessThanOrEqual(15_000);
  });

  test("that keeps failing is asked after 1, 2, then every 4 rounds, and every round once it answers", () => {
    const asked = run(targetsFor(aNode()), later(START, minutes(12)), (_, now) => (now < 480_000 ? "failed" : "fresh"));
    const rounds = gaps(asked.slice(1)).map((gap) => Math.round(gap / 15_000));
    expect(rounds).toEqual([2, 4, 4, 4, 4, 4, 4, 4, 4, ...rounds.slice(9).map(() => 1)]);
    expect(rounds.length).toBeGreaterThan(12);
  }); // prettier-ignore

  test.each<[string, Partial<Node>]>([
    ["became ready", { ready: { status: "True", since: epochMillis(1) } }],
    ["has another address", { addresses: [{ type: "InternalIP", address: "10.0.0.99" }] }],
    ["listens on another port", { kubeletPort: 10_251 }],
    ["answers at another path", { metricsPath: "/x" }],
  ])("that fails and %s is asked at once", (_, change) => {
    const before = aNode({ ready: { status: "False", since: epochMillis(0) } });
    const targets = targetsFor(before);
    run(targets, later(START, minutes(5)), () => "failed");
    const now = later(START, minutes(5));
    targets.renew([before], now);
    expect(targets.takeDue(now)).toEqual([]);
    targets.renew([{ ...before, ...change }], now);
    expect(targets.takeDue(now)).toHaveLength(1);
  });

  test("that is gone is told once, and its late answer harms nobody", () => {
    const targets = targetsFor(aNode(), aNode({ name: "node-2" }));
    targets.takeDue(START);
    expect(targets.renew([aNode({ name: "node-2" })], START)).toEqual([NODE]);
    expect(targets.renew([aNode({ name: "node-2" })], START)).toEqual([]);
    targets.finish(NODE, "fresh", START);
    expect(targets.lastRound()?.nodes).toBe(1);
  });
});

describe("many nodes", () => {
  const names = Array.from({ length: 5000 }, (_, n) => `ip-10-0-${n >> 8}-${n & 255}.internal`);

  test("are spread evenly over the round: no half second holds twice its share", () => {
    const perSlot = new Map<number, number>();
    for (const name of names) {
      const slot = Math.floor(offsetOf(nodeName(name), RESOLUTION) / 500);
      perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1);
    }
    expect(perSlot.size).toBe(30);
    expect(Math.max(...perSlot.values())).toBeLessThan((2 * names.length) / 30);
  });

  test.each([
    [1, 234],
    [20, 234],
    [23, 234],
    [24, 468],
    [100, 1875],
    [1500, 15_000],
    [5000, 15_000],
  ])("%d of them are asked within %d ms of a round of 15 s", (nodes, span) => {
    expect(spanOf(nodes, RESOLUTION)).toBe(span);
    const targets = targetsFor(...Array.from({ length: nodes }, (_, n) => aNode({ name: `node-${n}` })));
    const asked = run(targets, later(START, minutes(1))).filter(({ at }) => at > RESOLUTION);
    const moments = asked.map(({ at }) => (START + at) % RESOLUTION);
    expect(new Set(asked.map(({ name }) => name)).size).toBe(nodes);
    // The test looks every 100 ms.
    expect(Math.max(...moments) - Math.min(...moments)).toBeLessThanOrEqual(span + 100);
  });

  test("have moments within the round, the same every time", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1000, max: 60_000 }), (name, resolution) => {
        const offset = offsetOf(nodeName(name), resolution as never);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(resolution);
        expect(offsetOf(nodeName(name), resolution as never)).toBe(offset);
      }),
    );
  });

  test("do not delay one another: those that hang leave the others' moments as they were", () => {
    const nodes = ["a", "b", "c", "d"].map((name) => aNode({ name }));
    const calm = run(targetsFor(...nodes), later(START, minutes(5)));
    const stirred = run(targetsFor(...nodes), later(START, minutes(5)), (name) => (name < "c" ? "failed" : "fresh"));
    const ofHealthy = (asked: typeof calm) => asked.filter(({ name }) => name >= "c");
    expect(ofHealthy(stirred)).toEqual(ofHealthy(calm));
  }); // prettier-ignore
});

describe("silent nodes", () => {
  const unready = aNode({ name: "down", ready: { status: "False", since: epochMillis(0) } });
  const targets = (): ScrapeTargets => {
    const made = targetsFor(aNode({ name: "fresh" }), aNode({ name: "silent" }), aNode({ name: "repeats" }), aNode({ name: "never" }), unready);
    for (const { meta } of made.takeDue(START))
      made.finish(nodeName(meta.name), meta.name === "never" ? "failed" : "fresh", START);
    return made;
  }; // prettier-ignore

  const at = (passed: number) => {
    const made = targets();
    const now = later(START, seconds(passed));
    made.finish(nodeName("fresh"), "fresh", now);
    made.finish(nodeName("repeats"), "answered", now);
    return made.silentNodes(now);
  };

  test.each([
    { passed: 60, silent: [], expected: 3 },
    { passed: 60.001, silent: ["silent", "repeats"], expected: 3 },
    { passed: 24 * 3600, silent: ["silent", "repeats"], expected: 3 },
    { passed: 24 * 3600 + 1, silent: [], expected: 1 },
  ])("after $passed s are $silent of $expected", ({ passed, silent, expected }) => {
    expect(at(passed)).toEqual({ expected, silent, never: ["never"] });
  });

  test("have four rounds of patience when rounds are long", () => {
    const made = new ScrapeTargets(seconds(60));
    made.renew([aNode()], START);
    made.takeDue(START);
    made.finish(NODE, "fresh", START);
    expect(made.silentNodes(later(START, seconds(240))).silent).toEqual([]);
    expect(made.silentNodes(later(START, seconds(241))).silent).toEqual([NODE]);
  });
});

test("the last round is when the nodes were last looked at, and how many are failing", () => {
  const targets = new ScrapeTargets(RESOLUTION);
  expect(targets.lastRound()).toBeUndefined();
  targets.renew([aNode(), aNode({ name: "node-2" })], START);
  targets.takeDue(START);
  targets.finish(NODE, "failed", START);
  expect(targets.lastRound()).toEqual({ startedAt: START, nodes: 2, failing: 1, unsettled: 2, measured: 0 });
});

test.each([
  { after: ["fresh"], unsettled: 1, measured: 0 },
  { after: ["fresh", "answered", "answered"], unsettled: 1, measured: 0 },
  { after: ["fresh", "answered", "fresh"], unsettled: 0, measured: 1 },
  { after: ["failed"], unsettled: 1, measured: 0 },
  { after: ["failed", "failed"], unsettled: 0, measured: 0 },
  { after: ["failed", "fresh", "failed"], unsettled: 1, measured: 0 },
] as const)("after $after a node is unsettled: $unsettled, measured: $measured", ({ after, ...counts }) => {
  const targets = new ScrapeTargets(RESOLUTION);
  targets.renew([aNode()], START);
  for (const outcome of after) targets.finish(NODE, outcome, START);
  expect(targets.lastRound()).toMatchObject(counts);
});

test.each([
  { ready: "Unknown", unsettled: 0 },
  { ready: "False", unsettled: 1 },
  { ready: "True", unsettled: 1 },
  { ready: undefined, unsettled: 1 },
] as const)("a node whose readiness is $ready and that has not answered is unsettled: $unsettled", ({ ready, unsettled }) => {
  const targets = new ScrapeTargets(RESOLUTION);
  targets.renew([aNode({ ready: ready && { status: ready, since: epochMillis(0) } })], START);
  expect(targets.lastRound()).toMatchObject({ nodes: 1, unsettled });
}); // prettier-ignore
