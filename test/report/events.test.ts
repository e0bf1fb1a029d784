/**
 * Which Events a decision leaves.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/report/record.ts";
import {
  aBlindPlan,
  anInvalidMetric,
  aPlan,
  aPlanAtZero,
  at,
  aValidMetric,
  conditionsWith,
  cpuAt,
  eventsAfter,
  notDecided,
  planned,
  scaledWith,
  steady,
  withheld,
  TAKEN_BACK,
  WRITTEN,
} from "./records.ts";

const REFUSED = { kind: "forbidden", status: 403, message: "no right to update it" } as const;
const refused = planned(aPlan(), scaledWith(REFUSED));
const blind = planned(aBlindPlan(), { kind: "none" });
const atQuota = planned(
  aPlan({
    from: 4,
    to: 4,
    conditions: conditionsWith({
      type: "ScalingLimited",
      status: "True",
      reason: "QuotaLimited",
      message: "exceeded quota: pods",
    }),
  }),
  { kind: "none" },
);
/** One of two metrics has no answer; the other decides. */
const halfBlind = planned(
  aPlan({
    proposal: {
      metrics: [aValidMetric(), anInvalidMetric({ ...cpuAt(50), container: "app" })],
      combined: { kind: "replicas", replicas: 6, upstreamReplicas: 6, winner: 0, invalidCount: 1 },
    },
  }),
);

const reasons = (...records: DecisionRecord[]): string[] =>
  eventsAfter(...records).map(({ reason }) => reason);

test.each<{ when: string; records: DecisionRecord[]; tells: string[] }>([
  { when: "replicas were set", records: [steady(), planned()], tells: ["SuccessfulRescale"] },
  { when: "they were set again", records: [planned(), planned()], tells: ["SuccessfulRescale"] },
  { when: "nothing happens", records: [steady(), steady()], tells: [] },
  { when: "nothing happens at first sight", records: [steady()], tells: [] },
  { when: "a write is refused", records: [steady(), refused], tells: ["FailedRescale"] },
  { when: "it is refused again", records: [steady(), refused, refused], tells: [] },
  { when: "it works again", records: [refused, planned()], tells: ["SuccessfulRescale", "Recovered"] },
  {
    when: "someone wrote first",
    records: [steady(), planned(aPlan(), scaledWith({ kind: "conflict", message: "" }))],
    tells: [],
  },
  {
    when: "our writes are taken back too often",
    records: [planned(), planned(aPlan(), WRITTEN, { contest: TAKEN_BACK })],
    tells: ["SuccessfulRescale", "Contended"],
  },
  {
    when: "they still are",
    records: Array.from({ length: 2 }, () => planned(aPlan(), { kind: "none" }, { contest: TAKEN_BACK })),
    tells: [],
  },
  {
    when: "they are not any more",
    records: [planned(aPlan(), WRITTEN, { contest: TAKEN_BACK }), steady()],
    tells: ["Recovered"],
  },
  {
    when: "the only metric loses its answer",
    records: [steady(), blind],
    tells: ["FailedGetResourceMetric", "FailedComputeMetricsReplicas"],
  },
  { when: "it still has none", records: [steady(), blind, blind], tells: [] },
  { when: "it has one again", records: [blind, steady()], tells: ["Recovered"] },
  {
    when: "one of two metrics loses its answer",
    records: [steady(), halfBlind],
    tells: ["SuccessfulRescale", "FailedGetResourceMetric"],
  },
  {
    when: "the target cannot be read, at first sight",
    records: [notDecided("FailedGetScale", "AbleToScale")],
    tells: ["FailedGetScale"],
  },
  {
    when: "the spec becomes invalid",
    records: [steady(), notDecided("InvalidSpec", "Ready")],
    tells: ["InvalidSpec"],
  },
  {
    when: "one obstacle gives way to another",
    records: [notDecided("InvalidSpec", "Ready"), notDecided("FailedGetScale", "AbleToScale")],
    tells: ["FailedGetScale", "Recovered"],
  },
  {
    when: "a standby begins",
    records: [steady(), planned(aPlan(), withheld("ForeignAutoscaler"))],
    tells: ["ForeignAutoscaler"],
  },
  {
    when: "a standby ends with a take-over",
    records: [planned(aPlan(), withheld("ForeignAutoscaler")), planned()],
    tells: ["SuccessfulRescale", "Recovered"],
  },
  {
    when: "two policies conflict",
    records: [steady(), planned(aPlan(), withheld("TargetConflict"))],
    tells: ["TargetConflict"],
  },
  { when: "a person pauses it", records: [steady(), planned(aPlan(), withheld("Paused"))], tells: [] },
  {
    when: "someone scales the target to 0",
    records: [steady(), planned(aPlanAtZero(), { kind: "none" })],
    tells: [],
  },
  { when: "quota begins to bite", records: [steady(), atQuota], tells: ["QuotaLimited"] },
  { when: "quota was raised", records: [atQuota, steady()], tells: ["Recovered"] },
])("when $when: $tells", ({ records, tells }) => {
  expect(reasons(...records)).toEqual(tells);
});

describe("an Event", () => {
  test("about a rescale is worded as the HPA's", () => {
    expect(eventsAfter(steady(), planned(aPlan(), undefined, { at: at(15) }))).toEqual([
      {
        policy: expect.objectContaining({ name: "web" }),
        type: "Normal",
        reason: "SuccessfulRescale",
        action: "Scale",
        note: "New size: 6; reason: cpu 90 % of request, mark 60 %: 4 → 6",
        at: at(15),
      },
    ]);
  });

  test("about an end says what is now", () => {
    expect(eventsAfter(blind, steady())[0]).toMatchObject({
      type: "Normal",
      note: "FailedGetResourceMetric has ended; now Active: decides and acts",
    });
  });

  test("never carries a note that the API server refuses, and cuts between characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 1500 }), (sentence) => {
        const [event] = eventsAfter(planned(aPlan({ sentence })));
        const note = `New size: 6; reason: ${sentence}`;
        const bytes = new TextEncoder().encode(event!.note);
        expect(bytes.length).toBeLessThanOrEqual(1000);
        if (new TextEncoder().encode(note).length <= 1000) expect(event!.note).toBe(note);
        else expect(note.startsWith(event!.note.slice(0, -1))).toBe(true);
        expect(event!.note.isWellFormed()).toBe(true);
      }),
    );
  });
});
