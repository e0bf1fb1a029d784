/**
 * When a status is worth a write.
 */
import { describe, expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import type { HistoryStatus, ScalePolicyStatus } from "../../src/policy/status.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import { needsWriting } from "../../src/report/status-change.ts";
import { statusOf } from "../../src/report/status.ts";
import { aBlindPlan, aPlan, at, notDecided, planned, statusAfter, steady, withheld } from "./records.ts";

const written = statusAfter(steady())!;
const after = (...records: readonly DecisionRecord[]): ScalePolicyStatus =>
  statusAfter(steady(), ...records)!;

test("a policy without a status is written at once", () => {
  expect(needsWriting(undefined, written, undefined)).toBe("meaning");
});

test("the same decision two minutes later is not written", () => {
  expect(needsWriting(written, after(steady({ at: at(120) })), seconds(120))).toBeUndefined();
  expect(needsWriting(written, after(steady({ at: at(120) })), undefined)).toBeUndefined();
});

describe("its meaning is written however recent the last write is:", () => {
  test.each([
    {
      what: "another replica count is wanted",
      next: after(planned(aPlan({ from: 4, to: 4 }), { kind: "none" }), planned(aPlan(), withheld("Shadow"))),
    },
    { what: "replicas were set", next: after(planned()) },
    { what: "a condition changes its status", next: after(planned(aBlindPlan(), { kind: "none" })) },
    {
      what: "a condition changes its reason",
      next: after(planned(aPlan({ from: 4, to: 4 }), withheld("Shadow"))),
    },
    { what: "someone else's status stands there", next: { ...after(steady()), installation: "theirs/a" } },
    { what: "the spec was edited", next: after(steady({ generation: 2 })) },
    { what: "the spec became invalid", next: after(notDecided("InvalidSpec", "Ready")) },
    {
      what: "someone else scaled the target",
      next: after(planned(aPlan({ from: 3, to: 3 }), { kind: "none" })),
    },
  ])("$what", ({ next }) => {
    expect(needsWriting(written, next, seconds(0))).toBe("meaning");
  });
});

describe("moving figures", () => {
  const history: HistoryStatus = {
    version: 1,
    targetUID: "target",
    bucketSeconds: 15,
    completeSince: "2026-11-25T11:00:00Z",
    recordedAt: "2026-11-25T12:00:00Z",
    buckets: [],
  };
  const figures = [
    {
      what: "the sentence",
      next: after(planned(aPlan({ from: 4, to: 4, sentence: "cpu 61 %" }), { kind: "none" })),
    },
    {
      what: "the windows' memory",
      next: statusOf({ record: steady(), previous: written, history, acts: [] }),
    },
  ];

  test.each(figures)("wait until a minute and a half has passed since the last write: $what", ({ next }) => {
    expect(needsWriting(written, next, seconds(89))).toBeUndefined();
    expect(needsWriting(written, next, seconds(90))).toBe("figures");
  });

  test.each(figures)("are written where this process has not written yet: $what", ({ next }) => {
    expect(needsWriting(written, next, undefined)).toBe("figures");
  });
});
