/**
 * Stabilization windows: upstream's own cases (A8). Upstream reuses slots of its history; here only the
 * outcome of those rows is asked.
 */
import { describe, expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import {
  type Recommendation,
  stabilizeReplicas,
  stabilizeWithoutBehavior,
} from "../../src/horizontal/stabilize.ts";
import { T0 } from "../builders.ts";
import { ago } from "./pods.ts";

/** `4@120 5@60`: 4 was recommended 120 s ago and 5 60 s ago. */
const remembered = (text: string): readonly Recommendation[] =>
  [...text.matchAll(/(\d+)@(\d+)/g)].map(([, value, age]) => {
    const at = ago(Number(age));
    return { at, notBefore: at, low: Number(value), high: Number(value) };
  });

describe("without behavior, a window of 300 s", () => {
  test.each([
    { history: "", desired: 5, replicas: 5 },
    { history: "4@120 5@60", desired: 3, replicas: 5 },
    { history: "1@120 2@60", desired: 3, replicas: 3 },
    { history: "10@600 9@540", desired: 3, replicas: 3 },
    { history: "10@600 4@60 5@120 9@540", desired: 3, replicas: 5 },
    { history: "7@300", desired: 3, replicas: 7 },
    { history: "7@301", desired: 3, replicas: 3 },
  ])("{$history}, wants $desired → $replicas", ({ history, desired, replicas }) => {
    const recommendations = remembered(history);
    const wish = { current: 100, desired, now: T0, recommendations, window: seconds(300) };
    expect(stabilizeWithoutBehavior(wish).replicas).toBe(replicas);
  });

  test("what was once wanted is still climbed to, as upstream does", () => {
    const recommendations = remembered("20@30");
    const wish = { current: 8, desired: 5, now: T0, recommendations, window: seconds(300) };
    expect(stabilizeWithoutBehavior(wish)).toEqual({ replicas: 20, until: ago(-270) });
  });

  test("a recommendation of an uncertain moment holds, but is not climbed to once it may be too old", () => {
    const recommendations = [{ at: ago(299), notBefore: ago(310), low: 20, high: 20 }];
    const wish = { current: 8, desired: 5, now: T0, recommendations, window: seconds(300) };
    expect(stabilizeWithoutBehavior(wish).replicas).toBe(8);
  });
});

describe("with behavior", () => {
  test.each([
    { current: 100, desired: 5, up: 0, down: 0, history: "", replicas: 5 },
    { current: 100, desired: 3, up: 0, down: 180, history: "4@120 5@60", replicas: 5 },
    { current: 1, desired: 7, up: 300, down: 0, history: "4@120 5@60", replicas: 4 },
    { current: 100, desired: 3, up: 300, down: 0, history: "1@120 2@60", replicas: 3 },
    { current: 1, desired: 3, up: 0, down: 300, history: "4@120 5@60", replicas: 3 },
    { current: 1, desired: 100, up: 300, down: 0, history: "10@6000 6@60 5@120 9@180", replicas: 5 },
    { current: 2, desired: 1, up: 300, down: 300, history: "2@6000 3@180", replicas: 2 },
    { current: 2, desired: 3, up: 300, down: 300, history: "2@6000 1@180", replicas: 2 },
    { current: 10, desired: 3, up: 0, down: 60, history: "7@60", replicas: 3 },
    { current: 10, desired: 3, up: 0, down: 61, history: "7@60", replicas: 7 },
  ])(
    "$current, wants $desired, windows $up s up and $down s down, {$history} → $replicas",
    ({ current, desired, up, down, history, replicas }) => {
      const wish = { current, desired, now: T0, recommendations: remembered(history) };
      const stabilized = stabilizeReplicas({ ...wish, upWindow: seconds(up), downWindow: seconds(down) });
      expect(stabilized.replicas).toBe(replicas);
    },
  );

  test("it says when the recommendation that holds leaves the window", () => {
    const stabilized = stabilizeReplicas({
      current: 10,
      desired: 3,
      now: T0,
      recommendations: remembered("12@250 8@100"),
      upWindow: seconds(0),
      downWindow: seconds(300),
    });
    expect(stabilized).toEqual({ replicas: 10, until: ago(-50) });
  });

  test("a range holds a decrease at its highest and an increase at its lowest", () => {
    const recommendations = [{ at: ago(60), notBefore: ago(75), low: 4, high: 8 }];
    const windows = { upWindow: seconds(300), downWindow: seconds(300) };
    const wish = { now: T0, recommendations, ...windows };
    expect(stabilizeReplicas({ ...wish, current: 10, desired: 2 }).replicas).toBe(8);
    expect(stabilizeReplicas({ ...wish, current: 1, desired: 20 }).replicas).toBe(4);
  });
});
