import { describe, expect, test } from "vitest";
import { milliCores } from "../../../src/base/units.ts";
import type { VerticalVerdict } from "../../../src/report/record.ts";
import * as display from "../../../src/report/vertical/display.ts";
import { verticalStatusOf } from "../../../src/report/vertical/recommendation.ts";
import { aContainer, amounts, aRecommendation, aVerdict, none } from "./verdicts.ts";

const requestsAndTargets = (verdict: VerticalVerdict): string =>
  display.requestsAndTargets(verdict, verticalStatusOf(verdict, undefined));
const verticalSentence = (verdict: VerticalVerdict): string =>
  display.verticalSentence(verdict, verticalStatusOf(verdict, undefined));

describe("the column of requests", () => {
  test.each([
    ["a change of 10 % and more is an arrow", amounts(450, 279), "cpu 500m→450m mem 310Mi→279Mi"],
    ["less is no change", amounts(451, 280), "cpu 500m mem 310Mi"],
    ["upwards too", amounts(2000, 2048), "cpu 500m→2 mem 310Mi→2Gi"],
    ["one resource alone", { cpu: milliCores(240) }, "cpu 500m→240m mem 310Mi"],
  ])("%s", (_, target, text) => {
    expect(requestsAndTargets(aVerdict({ answered: [aRecommendation({ target })] }))).toBe(text);
  });

  test("sums up a pod, with what containers without a recommendation ask for", () => {
    const asked = [
      aContainer(),
      aContainer({ name: "proxy", requests: amounts(100, 90) }),
      aContainer({ name: "migrate", role: "init", requests: amounts(4000, 4096) }),
    ];
    const answered = [aRecommendation(), none("migrate", "not-counted"), none("proxy", "policy-off")];
    expect(requestsAndTargets(aVerdict({ asked, answered }))).toBe("cpu 600m→340m mem 400Mi");
  });

  test("says where nothing is asked for", () => {
    const asked = [aContainer({ requests: {} })];
    expect(requestsAndTargets(aVerdict({ asked }))).toBe("cpu -→240m mem -→305Mi");
    expect(requestsAndTargets(aVerdict({ asked, answered: [none("app", "no-samples")] }))).toBe(
      "cpu - mem -",
    );
    expect(requestsAndTargets(aVerdict({ asked: [] }))).toBe("");
  });
});

describe("the sentence", () => {
  test("names every container, and why one has no recommendation", () => {
    const answered = [aRecommendation(), none("proxy", "no-samples")];
    expect(verticalSentence(aVerdict({ answered }))).toBe(
      "recommended app: cpu 500m→240m, memory 310Mi; proxy: no samples yet",
    );
  });

  test("says what is in the way", () => {
    expect(verticalSentence(aVerdict({ unsupported: "it is a run" }))).toBe("no recommendation: it is a run");
    expect(verticalSentence(aVerdict({ answered: [], podCount: 0 }))).toBe(
      "no recommendation: no pods of the target",
    );
  });
});
