/**
 * The five conditions about requests, and what Ready makes of them.
 */
import { describe, expect, test } from "vitest";
import type { VerticalVerdict } from "../../../src/report/record.ts";
import { eventsAfter, planned, aBlindPlan, statusAfter } from "../records.ts";
import { alone, aRecommendation, aVerdict, besideHorizontal, none } from "./verdicts.ts";

const reasonsOf = (verdict: VerticalVerdict, record = alone) =>
  Object.fromEntries(
    (statusAfter(record(verdict))?.conditions ?? []).map(({ type, status, reason }) => [
      type,
      `${status} ${reason}`,
    ]),
  );

const RECOMMENDED = aVerdict({ answered: [aRecommendation({ confidence: 1 })] });
const NO_SAMPLES = aVerdict({ answered: [none("app", "no-samples")] });

describe("conditions about requests", () => {
  test.each<[string, VerticalVerdict, Record<string, string>]>([
    ["a day of history", RECOMMENDED, {
      RecommendationProvided: "True RecommendationProvided", LowConfidence: "False HistoryLongEnough",
      NoPodsMatched: "False PodsMatched", ConfigUnsupported: "False TargetSupported", Applying: "False ApplyModeOff",
    }],
    ["less than a day", aVerdict(), { RecommendationProvided: "True RecommendationProvided", LowConfidence: "True HistoryTooShort" }],
    ["one container of a day and one of less", aVerdict({ answered: [aRecommendation({ confidence: 8 }), aRecommendation({ container: "new", confidence: 0.1 })] }), { LowConfidence: "True HistoryTooShort" }],
    ["no samples", NO_SAMPLES, { RecommendationProvided: "False NoSamples", LowConfidence: "Unknown NoRecommendation" }],
    ["one of two without samples", aVerdict({ answered: [aRecommendation(), none("b", "no-samples")] }), { RecommendationProvided: "True RecommendationProvided" }],
    ["every container Off", aVerdict({ answered: [none("app", "policy-off")] }), { RecommendationProvided: "False NoContainerWanted" }],
    ["no pods, ever", aVerdict({ answered: [], podCount: 0 }), { RecommendationProvided: "False NoPodsMatched", NoPodsMatched: "True NoPodsFound" }],
    ["no pods now", aVerdict({ podCount: 0 }), { RecommendationProvided: "True RecommendationProvided", NoPodsMatched: "True NoPodsFound" }],
    ["a target that cannot be worked on", aVerdict({ unsupported: "it is a run" }), { RecommendationProvided: "False ConfigUnsupported", ConfigUnsupported: "True TargetUnsupported", LowConfidence: "Unknown NoRecommendation" }],
  ])("with %s", (_, verdict, wanted) => {
    expect(reasonsOf(verdict)).toMatchObject(wanted);
  }); // prettier-ignore

  test("say how many hours of history there are", () => {
    const messages = statusAfter(alone())?.conditions.map(({ message }) => message);
    expect(messages).toContain("app has 6 hours of history: bounds are wide until it is a day");
  });
});

describe("Ready", () => {
  test("speaks of requests where nothing is scaled", () => {
    expect(reasonsOf(RECOMMENDED)["Ready"]).toBe("True RecommendationProvided");
    expect(reasonsOf(NO_SAMPLES)["Ready"]).toBe("False NoSamples");
    expect(reasonsOf(RECOMMENDED)["ScalingActive"]).toBe("False HorizontalOmitted");
  });

  test("speaks of replicas beside horizontal, whatever requests are waiting for", () => {
    expect(reasonsOf(NO_SAMPLES, besideHorizontal)["Ready"]).toBe("True Active");
    const blind = { ...planned(aBlindPlan(), { kind: "none" }), vertical: RECOMMENDED };
    expect(statusAfter(blind)?.conditions.find(({ type }) => type === "Ready")).toMatchObject({
      reason: "FailedGetResourceMetric",
    });
  });

  test("is False for a target that can never have a recommendation", () => {
    expect(reasonsOf(aVerdict({ unsupported: "it is a run" }), besideHorizontal)["Ready"]).toBe(
      "False ConfigUnsupported",
    );
  });
});

describe("Events", () => {
  const told = (...verdicts: readonly VerticalVerdict[]) =>
    eventsAfter(...verdicts.map(besideHorizontal)).map(({ reason, note }) => `${reason} ${note}`);
  const waiting = aVerdict({
    applying: { status: "False", reason: "NeedsCoordination", message: "horizontal scales on cpu" },
  });

  test("tell of what stands in the way when it begins and when it ends", () => {
    expect(told(RECOMMENDED, waiting)).toEqual(["NeedsCoordination horizontal scales on cpu"]);
    expect(told(waiting, waiting)).toEqual([]);
    expect(told(waiting, RECOMMENDED)[0]).toMatch(/^Recovered NeedsCoordination has ended/);
    expect(told(RECOMMENDED, aVerdict({ unsupported: "it is a run" }))).toEqual([
      "ConfigUnsupported it is a run",
    ]);
  });

  test("tell nothing of everyday work: first samples, a day of history", () => {
    expect(told(NO_SAMPLES, aVerdict(), RECOMMENDED)).toEqual([]);
  });
});
