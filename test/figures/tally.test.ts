import { describe, expect, test } from "vitest";
import { minutes } from "../../src/base/units.ts";
import { type Standing, Tally } from "../../src/figures/tally.ts";

const STANDING: Standing = {
  span: minutes(30),
  replicas: 4,
  ready: 4,
  demand: 1,
  request: 0.5,
  limit: undefined,
  atMax: false,
};

function figuresOf(...standings: readonly Partial<Standing>[]) {
  const tally = new Tally();
  for (const standing of standings) tally.add({ ...STANDING, ...standing });
  return tally.figures();
}

describe("figures of a run", () => {
  test("half an hour of four pods and half an hour of two", () => {
    expect(figuresOf({}, { replicas: 2, ready: 2 })).toMatchObject({
      hours: 1,
      replicas: { min: 2, mean: 3, max: 4 },
      podHours: 3,
      coreHours: 1.5,
      demandCoreHours: 1,
      increases: 0,
      decreases: 1,
    });
  });

  test.each([
    // 4 ready pods of 0.5 cores: 90 % of them are 1.8 cores.
    ["at 90 % of the requests", { demand: 1.8 }, 0],
    ["above 90 % of the requests", { demand: 1.81 }, 30],
    ["with pods that are paid for and not ready", { demand: 1, ready: 2 }, 30],
    ["with no pod at all", { replicas: 0, ready: 0 }, 30],
  ])("%s the load is short of pods or not", (_, standing, short) => {
    expect(figuresOf(standing).shortMinutes).toBe(short);
  });

  test.each([
    ["no limit", { demand: 9 }, 0],
    ["a limit far away", { demand: 1.8, limit: 1 }, 0],
    ["95 % of the limits", { demand: 3.8, limit: 1 }, 30],
    ["beyond the limits", { demand: 9, limit: 1 }, 30],
  ])("with %s what was asked for is known or not", (_, standing, censored) => {
    expect(figuresOf(standing).censoredMinutes).toBe(censored);
  });

  test("minutes at the maximum are counted whatever the load", () => {
    expect(figuresOf({ atMax: true }, {}).atMaxMinutes).toBe(30);
  });

  test("a turn within ten minutes is a reversal, a later one is a day's course", () => {
    const steps = (span: number) =>
      [4, 6, 5, 7].map((replicas) => ({ replicas, ready: replicas, span: minutes(span) }));
    expect(figuresOf(...steps(5))).toMatchObject({ increases: 2, decreases: 1, reversals: 2 });
    expect(figuresOf(...steps(10))).toMatchObject({ increases: 2, decreases: 1, reversals: 0 });
  });

  test("of nothing are zero, and nothing is divided by it", () => {
    expect(figuresOf()).toMatchObject({ hours: 0, replicas: { min: 0, mean: 0, max: 0 } });
  });
});
