/**
 * The status as a whole: what a decision puts there and what it leaves.
 */
import { expect, test } from "vitest";
import { parseStatus } from "../../src/policy/parse-status.ts";
import type { HistoryStatus } from "../../src/policy/status.ts";
import { statusOf } from "../../src/report/status.ts";
import {
  aBlindPlan,
  aPlan,
  aQuestion,
  at,
  notDecided,
  planned,
  scaledWith,
  statusAfter,
  steady,
  withheld,
} from "./records.ts";

const HISTORY: HistoryStatus = {
  version: 1,
  targetUID: "target",
  bucketSeconds: 15,
  completeSince: "2026-11-25T11:00:00Z",
  recordedAt: "2026-11-25T12:00:00Z",
  buckets: [{ start: 1_795_000_000, low: 4, high: 6 }],
};
const without = { previous: undefined, history: undefined, acts: [] };

test("a first decision that scales fills every field", () => {
  expect(statusOf({ ...without, record: planned(), history: HISTORY })).toMatchObject({
    observedGeneration: 1,
    horizontal: {
      currentReplicas: 4,
      desiredReplicas: 6,
      lastScaleTime: "2026-11-25T12:00:00Z",
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "450m" } },
        },
      ],
      history: HISTORY,
    },
    recentActs: [
      { time: "2026-11-25T12:00:00Z", what: "replicas 4 → 6", why: "cpu 90 % of request, mark 60 %: 4 → 6" },
    ],
    display: { metrics: "cpu 90%/60%", requests: "cpu 240m mem 310Mi" },
    lastDecision: { time: "2026-11-25T12:00:00Z", summary: "cpu 90 % of request, mark 60 %: 4 → 6" },
  });
});

test("the last scale time is kept while nothing is scaled, and is the memory's after a restart", () => {
  expect(statusAfter(planned(), steady({ at: at(60) }))?.horizontal?.lastScaleTime).toBe(
    "2026-11-25T12:00:00Z",
  );
  const memory = { ...aQuestion().memory, lastScaleAt: at(-3600) };
  const record = planned(aPlan({ from: 4, to: 4 }), { kind: "none" }, { question: aQuestion({ memory }) });
  expect(statusAfter(record)?.horizontal?.lastScaleTime).toBe("2026-11-25T11:00:00Z");
  expect(statusAfter(steady())?.horizontal).not.toHaveProperty("lastScaleTime");
});

test("a policy that cannot be decided keeps its counts, figures and history", () => {
  const before = statusOf({ ...without, record: planned(), history: HISTORY });
  const after = statusOf({
    ...without,
    record: notDecided("FailedGetScale", "AbleToScale", { at: at(60) }),
    previous: before,
  });
  expect(after.horizontal).toEqual(before.horizontal);
  expect(after.display).toEqual(before.display);
  expect(after.lastDecision?.summary).toBe("no decision: FailedGetScale is why");
});

test("a policy that could never be decided claims no replica count", () => {
  expect(statusAfter(notDecided("InvalidSpec", "Ready"))).not.toHaveProperty("horizontal");
});

test("an invalid metric keeps its place with an empty type", () => {
  const status = statusAfter(planned(aBlindPlan(), { kind: "none" }));
  expect(status?.horizontal?.currentMetrics).toEqual([{ type: "" }]);
  expect(status?.display.metrics).toBe("cpu ?/60%");
});

test("recent acts are the newest ten, newest first, ours before what others did since", () => {
  const theirs = { time: "2026-11-25T12:00:10Z", what: "replicas 6 → 3", why: "by kubectl-scale" };
  let status = statusOf({ ...without, record: planned() });
  for (let round = 1; round <= 11; round += 1)
    status = statusOf({
      ...without,
      previous: status,
      record: planned(aPlan({ from: round, to: round + 1 }), undefined, { at: at(round * 60) }),
      acts: round === 11 ? [theirs] : [],
    });
  expect(status.recentActs).toHaveLength(10);
  expect(status.recentActs.slice(0, 3).map(({ what }) => what)).toEqual([
    "replicas 11 → 12",
    "replicas 6 → 3",
    "replicas 10 → 11",
  ]);
});

test.each([
  { when: "the mode withholds it", effect: withheld("Shadow"), says: "; not done: Shadow is why" },
  {
    when: "the write fails",
    effect: scaledWith({ kind: "unreachable", message: "no answer within 30 s" }),
    says: "; not done: no answer within 30 s",
  },
  {
    when: "it is doubted",
    effect: { kind: "doubted", doubt: "policy-edited" } as const,
    says: "; not done: policy edited",
  },
])("the summary of a change says that it was not done when $when", ({ effect, says }) => {
  const status = statusAfter(planned(aPlan(), effect));
  expect(status?.lastDecision?.summary).toBe(`cpu 90 % of request, mark 60 %: 4 → 6${says}`);
  expect(status?.recentActs).toEqual([]);
});

test("a Shadow policy that would change nothing is not said to hold anything back", () => {
  const status = statusAfter(planned(aPlan({ from: 4, to: 4 }), withheld("Shadow")));
  expect(status?.lastDecision?.summary).toBe("cpu 90 % of request, mark 60 %: 4 → 4");
});

test.each([
  ["a rescale", planned()],
  ["a metric without an answer", planned(aBlindPlan(), { kind: "none" })],
  ["a decision that was withheld", planned(aPlan(), withheld("ForeignAutoscaler"))],
  ["no decision", notDecided("InvalidSpec", "Ready")],
])(
  "the status after %s is one that the API server keeps whole and that is read back unchanged",
  (_what, record) => {
    const status = statusOf({ ...without, record, history: HISTORY });
    expect(parseStatus(JSON.parse(JSON.stringify(status)))).toEqual(status);
  },
);
