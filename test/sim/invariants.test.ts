/**
 * Every invariant of the storms can fail: each is shown a history that breaks it, and the same history mended.
 */
import { describe, expect, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { type MilliCores, type Millis, minutes, seconds } from "../../src/base/units.ts";
import type { HorizontalSpec } from "../../src/policy/policy.ts";
import { parsePolicy } from "../../src/policy/parse.ts";
import { INVARIANTS } from "../../src/sim/invariants/invariants.ts";
import type { Invariant, Observation, ObservedWrite } from "../../src/sim/invariants/observed.ts";

const NOW = minutes(30);
const ago = (by: Millis): Millis => (NOW - by) as Millis;
const ONE = uid("00000000-0000-4000-8000-000000000001");
const OTHER = uid("00000000-0000-4000-8000-000000000002");

function spec(horizontal: Record<string, unknown> = {}): HorizontalSpec {
  const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  const parsed = parsePolicy({
    targetRef,
    horizontal: { minReplicas: 2, maxReplicas: 10, ...horizontal },
  });
  if (parsed.kind !== "valid" || parsed.spec.horizontal === undefined) return expect.fail(parsed.kind);
  return parsed.spec.horizontal;
}

type Change = Partial<Omit<ObservedWrite, "truth">> & { truth?: Partial<ObservedWrite["truth"]> };

/** 6 → 5 by the holder of the Lease, on whole evidence, after half an hour at 6. */
function write({ truth, ...change }: Change = {}): ObservedWrite {
  return {
    at: NOW,
    identity: "operator-1",
    target: "default/Deployment/web",
    to: 5,
    accepted: true,
    basis: ONE,
    ...change,
    truth: {
      uid: ONE,
      replicas: 6,
      history: [{ at: ago(minutes(30)), replicas: 6 }],
      specs: [spec()],
      lease: { holder: "operator-1", transitions: 1, renewedAt: ago(seconds(2)), duration: seconds(15) },
      expectedPods: 6,
      lackingPods: 0,
      viewIsBehind: false,
      deafFor: seconds(20),
      there: ago(minutes(30)),
      ledSince: ago(minutes(25)),
      pastFound: "none",
      ...truth,
    },
  };
}

const written = (change: Change = {}, earlier: readonly Change[] = []): Observation => ({
  kind: "write",
  write: write(change),
  earlier: earlier.map((one) => write(one)),
});
const counts = (...replicas: number[]) =>
  replicas.map((count, index) => ({ at: ago(minutes(10 - index)), replicas: count }));
const SENTENCE = "usage is 40 % of the requests";
/** 3 replicas ten minutes ago, 5 nine minutes ago, 9 from eight minutes ago on. */
const acts = (what: string, why = SENTENCE, at = NOW): Observation => ({
  kind: "acts",
  at,
  policy: "default/web",
  acts: [{ what, why }],
  history: counts(3, 5, 9),
});
const looked = (decidedAt: Millis): Observation => ({
  kind: "look",
  at: NOW,
  resolution: seconds(15),
  undisturbed: [{ policy: "default/api", decidedAt }],
  taken: [],
  stopped: [],
});
const untouchable = (name: "taken" | "stopped", writtenAt: Millis): Observation => ({
  kind: "look",
  at: NOW,
  resolution: seconds(15),
  undisturbed: [],
  taken: [],
  stopped: [],
  [name]: [{ target: "default/Deployment/web", since: ago(minutes(3)), lag: seconds(5), writtenAt }],
});
const owned = (policy: string): Observation => ({
  kind: "owner",
  policy,
  actives: ["default/web", "default/web-too"],
});

const recommended = (target: number, low: number, high: number): Observation => {
  const of = (cpu: number) => ({ cpu: cpu as MilliCores });
  const containers = [{ target: of(target), lowerBound: of(low), upperBound: of(high) }];
  return { kind: "recommended", policy: "default/web", containers };
};

const twoAMinute = { scaleDown: { policies: [{ type: "Pods", value: 2, periodSeconds: 60 }] } };
const upTwoAMinute = { scaleUp: { policies: [{ type: "Pods", value: 2, periodSeconds: 60 }] } };
const neverDown = { scaleDown: { selectPolicy: "Disabled" } };
const justGrew = [
  { at: ago(minutes(9)), replicas: 3 },
  { at: ago(seconds(5)), replicas: 6 },
];
const decreasedAt = (at: Millis): Change => ({ at });

const answered = (answer: number | string): Observation => ({
  kind: "answer",
  policy: "default/web",
  needed: 6.4,
  wanted: 4,
  answer,
});
const rested = (wanted: number, ...writes: readonly Change[]): Observation => ({
  kind: "rest",
  policy: "default/web",
  needed: 6.4,
  wanted,
  right: [6],
  minReplicas: 2,
  maxReplicas: 6,
  writes: writes.map((one) => write(one)),
});

type Row = Readonly<{ name: string; breaks: Observation; because: RegExp; mended: Observation }>;

const ROWS: readonly Row[] = [
  {
    name: "L-still",
    breaks: rested(5, { to: 5 }),
    because: /6 → 5/,
    // Five and six are both right for a load that can be measured as either.
    mended: { ...rested(5, { to: 5 }), right: [5, 6] } as Observation,
  },
  {
    name: "I1",
    breaks: written({ to: 11, truth: { replicas: 9 } }),
    because: /11 is outside \[\[2,10\]\]/,
    mended: written({ to: 10, truth: { replicas: 9 } }),
  },
  {
    name: "I1",
    breaks: written({ to: 1 }),
    because: /1 is outside/,
    mended: written({ to: 2 }),
  },
  {
    name: "I1-rates",
    breaks: written({ to: 3, truth: { specs: [spec({ behavior: twoAMinute })] } }),
    because: /6 → 3 is outside/,
    mended: written({ to: 4, truth: { specs: [spec({ behavior: twoAMinute })] } }),
  },
  {
    name: "I1-rates",
    breaks: written({ to: 9, truth: { history: [{ at: ago(minutes(20)), replicas: 4 }], replicas: 4 } }),
    because: /4 → 9 is outside/,
    mended: written({ to: 8, truth: { history: [{ at: ago(minutes(20)), replicas: 4 }], replicas: 4 } }),
  },
  {
    name: "I1-rates",
    breaks: written({ to: 7, truth: { history: justGrew } }),
    because: /6 → 7 is outside/,
    mended: written({ to: 7 }),
  },
  {
    name: "I1-rates",
    breaks: written({ to: 9, truth: { specs: [spec({ behavior: upTwoAMinute })] } }),
    because: /6 → 9 is outside/,
    mended: written({ to: 8, truth: { specs: [spec({ behavior: upTwoAMinute })] } }),
  },
  {
    name: "I1-rates",
    breaks: written({ to: 5, truth: { specs: [spec({ behavior: neverDown })] } }),
    because: /6 → 5 is outside/,
    mended: written({ to: 7, truth: { specs: [spec({ behavior: neverDown })] } }),
  },
  {
    name: "I2",
    breaks: written({ truth: { lackingPods: 1 } }),
    because: /1 of 6 pods lack samples/,
    mended: written({ truth: { expectedPods: 10, lackingPods: 1 } }),
  },
  {
    name: "I2-view",
    breaks: written({ truth: { viewIsBehind: true } }),
    because: /older than our own last write/,
    mended: written(),
  },
  {
    name: "I3",
    breaks: written({ truth: { lease: undefined } }),
    because: /no Lease/,
    mended: written(),
  },
  {
    name: "I3",
    breaks: written({ identity: "operator-2" }),
    because: /operator-2 writes, operator-1 holds/,
    mended: written(),
  },
  {
    name: "I3",
    breaks: written({
      truth: {
        lease: { holder: "operator-1", transitions: 1, renewedAt: ago(seconds(16)), duration: seconds(15) },
      },
    }),
    because: /renewed 16000 ms ago/,
    mended: written({
      truth: {
        lease: { holder: "operator-1", transitions: 1, renewedAt: ago(seconds(9)), duration: seconds(15) },
      },
    }),
  },
  { name: "I4", breaks: written({ basis: OTHER }), because: /was decided on/, mended: written() },
  {
    name: "I4",
    breaks: written({ truth: { uid: undefined } }),
    because: /nothing is there/,
    mended: written(),
  },
  {
    name: "I5",
    breaks: written({ truth: { specs: [] } }),
    because: /no Active policy/,
    mended: written(),
  },
  {
    name: "I6",
    breaks: written({}, [decreasedAt(ago(seconds(20))), decreasedAt(ago(seconds(40)))]),
    because: /more than 2 such writes in 1 min/,
    mended: written({}, [decreasedAt(ago(seconds(20))), decreasedAt(ago(seconds(70)))]),
  },
  {
    name: "I6",
    breaks: written(
      {},
      [1.5, 3, 4.5, 6, 7.5, 9].map((at) => decreasedAt(ago(minutes(at)))),
    ),
    because: /more than 6 such writes in 10 min/,
    mended: written(
      {},
      [1.5, 3, 4.5, 6, 7.5, 10].map((at) => decreasedAt(ago(minutes(at)))),
    ),
  },
  {
    name: "I2-heard",
    breaks: written({ truth: { deafFor: seconds(100) } }),
    because: /nothing was heard of a kind for 100000 ms/,
    mended: written({ truth: { deafFor: seconds(90) } }),
  },
  {
    name: "I9",
    breaks: untouchable("taken", ago(minutes(2))),
    because: /default.Deployment.web is not ours since/,
    mended: untouchable("taken", ago(minutes(4))),
  },
  {
    name: "I9-zero",
    breaks: untouchable("stopped", ago(minutes(2))),
    because: /default.Deployment.web is not ours since/,
    mended: untouchable("stopped", ago(minutes(4))),
  },
  {
    name: "I6",
    breaks: written(
      { to: 7 },
      [9, 8, 7, 6, 5, 4].map((at) => ({ at: ago(minutes(at)), to: 7 })),
    ),
    because: /more than 6 such writes in 10 min/,
    mended: written(
      { to: 7, truth: { replicas: 7 } },
      [9, 8, 7, 6, 5, 4].map((at) => ({ at: ago(minutes(at)), to: 7 })),
    ),
  },
  {
    name: "I9-policies",
    breaks: owned("default/web-too"),
    because: /default.web-too wrote, and default.web is older/,
    mended: owned("default/web"),
  },
  {
    name: "I12",
    breaks: written({ truth: { there: ago(minutes(4)), pastFound: "whole" } }),
    because: /the object or its policy is there since/,
    mended: written({ truth: { there: ago(minutes(5)), pastFound: "whole" } }),
  },
  {
    name: "I12",
    breaks: written({ truth: { ledSince: ago(minutes(4)) } }),
    because: /with no history/,
    mended: written({ truth: { ledSince: ago(minutes(5)) } }),
  },
  {
    name: "I10",
    breaks: acts("replicas 5 → 4"),
    because: /"replicas 5 → 4" .* is none of/,
    mended: acts("replicas 5 → 9"),
  },
  {
    name: "I10",
    breaks: acts("requests 5 → 9"),
    because: /"requests 5 → 9"/,
    mended: acts("replicas 5 → 9"),
  },
  {
    name: "I10",
    breaks: acts("replicas 9 → 5"),
    because: /"replicas 9 → 5"/,
    mended: acts("replicas 3 → 5"),
  },
  {
    name: "I10",
    breaks: acts("replicas 3 → 9"),
    because: /"replicas 3 → 9"/,
    mended: acts("replicas 3 → 9", "set by kubectl"),
  },
  {
    name: "I10",
    breaks: acts("replicas 9 → 3", "set by kubectl"),
    because: /set by kubectl/,
    mended: acts("replicas 3 → 5", "set by kubectl"),
  },
  {
    name: "I10",
    breaks: acts("replicas 3 → 5", SENTENCE, minutes(60)),
    because: /"replicas 3 → 5"/,
    mended: acts("replicas 5 → 9", SENTENCE, minutes(60)),
  },
  {
    name: "I7",
    breaks: recommended(NaN, 25, 100),
    because: /recommends/,
    mended: recommended(25, 25, 100),
  },
  { name: "I7", breaks: recommended(0, 0, 100), because: /recommends/, mended: recommended(1, 0, 100) },
  { name: "I7", breaks: recommended(101, 25, 100), because: /recommends/, mended: recommended(100, 25, 100) },
  {
    name: "I7",
    breaks: recommended(24, 25, 100),
    because: /recommends/,
    mended: recommended(1e14, 25, 1e14),
  },
  {
    name: "I11",
    breaks: looked(ago(seconds(40))),
    because: /was decided on last/,
    mended: looked(ago(seconds(20))),
  },
  {
    name: "L-answer",
    breaks: answered(5),
    because: /6.4 are needed of 4, and the answer is 5/,
    mended: answered(6),
  },
  { name: "L-answer", breaks: answered("no metric"), because: /no metric/, mended: answered(8) },
  { name: "L-still", breaks: rested(6, {}), because: /6 → 5/, mended: rested(6) },
  {
    name: "L-rest",
    breaks: rested(5),
    because: /rests at 5 of \[2, 6\], 6.4 are needed/,
    mended: rested(6),
  },
  {
    name: "heap",
    breaks: { kind: "heap", settled: 20e6, end: 21.2e6 },
    because: /grown by 6.0 %/,
    mended: { kind: "heap", settled: 20e6, end: 20.9e6 },
  },
];

const named = (name: string): Invariant =>
  INVARIANTS.find((one) => one.name === name) ?? expect.fail(`there is no ${name}`);

describe.each(ROWS)("$name", ({ name, breaks, because, mended }) => {
  test(`sees ${String(because)}`, () => {
    expect(named(name).judge(breaks)).toMatchObject({ broken: expect.stringMatching(because) });
  });

  test("holds when the same history is mended", () => {
    expect(named(name).judge(mended)).not.toHaveProperty("broken");
  });
});

test("every invariant has a history that breaks it", () => {
  const shown = new Set(ROWS.map(({ name }) => name));
  expect(INVARIANTS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});

test("a write that the API server did not carry out is judged by nothing", () => {
  const refused = written({ accepted: false, to: 99 });
  expect(INVARIANTS.filter(({ judge }) => judge(refused) !== "idle")).toEqual([]);
});
