import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import type { Shape } from "../../src/sim/kubelet/load.ts";
import { demandAt } from "../../src/sim/kubelet/load.ts";

const hours = (n: number) => minutes(60 * n);
const source = { seed: 7, name: "web" };
const points = [
  { at: millis(0), level: 1 },
  { at: minutes(10), level: 4 },
];

test.each<{ when: string; shape: Shape; at: number; demand: number }>([
  { when: "steady", shape: { kind: "steady", level: 2 }, at: hours(5), demand: 2 },
  { when: "day, at its low", shape: daily(0), at: 0, demand: 1 },
  { when: "day, half way", shape: daily(0), at: hours(6), demand: 2 },
  { when: "day, at its high", shape: daily(0), at: hours(12), demand: 3 },
  { when: "day, shifted by a quarter", shape: daily(0.25), at: hours(6), demand: 3 },
  { when: "growing", shape: { kind: "growing", from: 1, perHour: 0.5 }, at: hours(2), demand: 2 },
  { when: "step, before", shape: { kind: "step", points }, at: minutes(10) - 1, demand: 1 },
  { when: "step, from its moment on", shape: { kind: "step", points }, at: minutes(10), demand: 4 },
  {
    when: "step, before its first point",
    shape: { kind: "step", points: points.slice(1) },
    at: 0,
    demand: 0,
  },
  { when: "trace, between points", shape: { kind: "trace", points }, at: minutes(5), demand: 2.5 },
  { when: "trace, after its end", shape: { kind: "trace", points }, at: hours(9), demand: 4 },
  {
    when: "trace, before its first point",
    shape: { kind: "trace", points: points.slice(1) },
    at: 0,
    demand: 4,
  },
])("$when: $demand", ({ shape, at, demand }) => {
  expect(demandAt(shape, millis(at), source)).toBeCloseTo(demand, 9);
});

function daily(phase: number): Shape {
  return { kind: "daily", low: 1, high: 3, period: hours(24), phase };
}

describe("chance in a load", () => {
  const bursty: Shape = { kind: "bursty", low: 1, high: 6, every: minutes(20), length: minutes(3) };

  test("a burst of its length comes once in every span", () => {
    for (let span = 0; span < 12; span += 1) {
      const levels = Array.from({ length: 1200 }, (_, second) =>
        demandAt(bursty, millis(minutes(20 * span) + second * 1000), source),
      );
      const high = levels.filter((level) => level === 6).length;
      expect(high, `seconds of burst in span ${span}`).toBeGreaterThanOrEqual(179);
      expect(high).toBeLessThanOrEqual(181);
    }
  });

  test("noise stays within its spread, and the same seed gives the same noise", () => {
    const noisy: Shape = { kind: "noisy", level: 2, spread: 0.25 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer(), (at, seed) => {
        const demand = demandAt(noisy, millis(at), { seed, name: "web" });
        expect(demand).toBeGreaterThanOrEqual(1.5);
        expect(demand).toBeLessThan(2.5);
        expect(demandAt(noisy, millis(at), { seed, name: "web" })).toBe(demand);
      }),
    );
  });

  test("two seeds, and two workloads, have noise of their own", () => {
    const noisy: Shape = { kind: "noisy", level: 2, spread: 0.25 };
    const at = seconds(100);
    const demands = [source, { seed: 8, name: "web" }, { seed: 7, name: "api" }].map((each) =>
      demandAt(noisy, at, each),
    );
    expect(new Set(demands).size).toBe(3);
  });
});
