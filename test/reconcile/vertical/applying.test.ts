/**
 * Why a recommendation is not applied.
 */
import { describe, expect, test } from "vitest";
import { milliCores } from "../../../src/base/units.ts";
import type { ApplyMode } from "../../../src/policy/vertical/spec.ts";
import { type Followers, whyNotApplied } from "../../../src/reconcile/vertical/applying.ts";
import { anAutoscaler, aVerticalSpec } from "../../builders.ts";
import { aRecommendation, cpuUtilization } from "../../report/vertical/verdicts.ts";

const NOBODY: Followers = { own: [], foreign: [] };
const OWN: Followers = { own: [{ metric: cpuUtilization(60), tolerance: 0.1 }], foreign: [] };
const foreign = (...followsUtilizationOf: ("cpu" | "memory")[]): Followers => ({
  own: [],
  foreign: [anAutoscaler({ followsUtilizationOf })],
});

const why = (mode: ApplyMode, followers: Followers, target = aRecommendation().target) =>
  whyNotApplied(
    aVerticalSpec({ apply: { mode, minReplicas: 2, windows: [] } }),
    { containers: [aRecommendation({ target })] },
    followers,
  );

describe("a recommendation", () => {
  test("is not applied in mode Off, and the message warns of whoever scales on the request", () => {
    expect(why("Off", NOBODY)).toEqual({
      status: "False",
      reason: "ApplyModeOff",
      message: "apply.mode is Off: requests are recommended, nothing is written",
    });
    expect(why("Off", OWN)?.message).toContain("horizontal scales on a utilization of cpu");
    expect(why("Off", foreign("cpu", "memory"))?.message).toContain(
      "HorizontalPodAutoscaler shop/web-hpa scales on a utilization of cpu and memory",
    );
  });

  test.each<["InPlace" | "Template", Followers]>([
    ["InPlace", OWN],
    ["Template", OWN],
    ["InPlace", foreign("cpu")],
    ["Template", foreign("memory")],
  ])("F37 of a followed resource is not applied in mode %s either", (mode, followers) => {
    expect(why(mode, followers)).toMatchObject({ status: "False", reason: "NeedsCoordination" });
  });

  test("of what nobody follows is nobody's concern but the rails'", () => {
    expect(why("InPlace", NOBODY)).toBeUndefined();
    expect(why("Template", foreign()), "by amounts only").toBeUndefined();
    expect(
      why("InPlace", foreign("memory"), { cpu: milliCores(240) }),
      "memory is left alone",
    ).toBeUndefined();
  });
});
