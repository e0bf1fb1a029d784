/**
 * Measured on the VPA's own code (1.7.1): base time 2025-07-31T00:00Z, one sample a minute, before the minimum of 25 m
 * and 250 MiB.
 */
import { describe, expect, test } from "vitest";
import { CPU_BUCKETS } from "../../src/usage/history/buckets.ts";
import { percentileOf } from "../../src/usage/history/percentile.ts";
import { cpuLife, DAY, killedLife, memoryLife, MIB } from "../usage/history/lives.ts";
import { recommendOf, WITHOUT_MINIMUM } from "./questions.ts";

const HOUR = 60;
const constant = (usage: number) => () => usage;

describe("golden vectors: CPU", () => {
  test.each([
    ["one sample of 250 m", 1, constant(250), [296, 0, 1e14]],
    ["2 samples of 250 m", 2, constant(250), [296, 49, 426_536]],
    ["5 samples of 250 m", 5, constant(250), [296, 160, 106_856]],
    ["30 samples of 250 m", 30, constant(250), [296, 268, 14_993]],
    ["0 m for 2 h", 2 * HOUR, constant(0), [11, 10, 144]],
    ["100 m for a day", DAY, constant(100), [126, 125, 252]],
    ["100 m for 8 days", 8 * DAY, constant(100), [126, 125, 141]],
    ["a ramp from 0 to 1439 m over a day", DAY, (minute: number) => minute, [1554, 975, 3287]],
    ["1000 m in minute 9 of every 10 for 7 days", 7 * DAY, every(10, 9), [1168, 125, 1334]],
    ["1000 m in minute 4 of every 5 for 7 days", 7 * DAY, every(5, 4), [1168, 125, 1334]],
    ["2000 m for an hour after 6 days of 100 m", 6 * DAY + HOUR, jumpAt(6 * DAY), [126, 125, 146]],
    ["2000 m for 12 hours after 6 days of 100 m", 6 * DAY + 12 * HOUR, jumpAt(6 * DAY), [2406, 125, 2776]],
  ] as const)("%s", (_, length, usage, [target, lower, upper]) => {
    const { target: t, lowerBound, upperBound } = recommendOf(cpuLife(length, usage), WITHOUT_MINIMUM);
    expect([t.cpu, lowerBound.cpu, upperBound.cpu]).toEqual([target, lower, upper]);
  });

  test("1000 m in the first 6 minutes of each hour for 7 days: just under a tenth of the weight", () => {
    const life = cpuLife(7 * DAY, (minute) => (minute % 60 < 6 ? 1000 : 100));
    expect(recommendOf(life, WITHOUT_MINIMUM).target.cpu).toBe(126);
  });

  test("0 m for 2 h, after the minimum", () => {
    const { target, lowerBound, upperBound } = recommendOf(cpuLife(2 * HOUR, constant(0)));
    expect([target.cpu, lowerBound.cpu, upperBound.cpu]).toEqual([25, 25, 144]);
  });

  test("the percentiles and the confidence behind them", () => {
    const ramp = cpuLife(DAY, (minute) => minute);
    const percentiles = [0.5, 0.9, 0.95].map((share) => percentileOf(CPU_BUCKETS, ramp.cpu, share));
    expect(percentiles).toEqual([850, 1352, 1429]);
    expect(percentileOf(CPU_BUCKETS, cpuLife(DAY, constant(100)).cpu, 0.9)).toBe(110);
    expect(recommendOf(cpuLife(DAY, constant(100))).confidence).toBeCloseTo(0.999_305_556, 9);
  });
});

describe("golden vectors: memory", () => {
  const gib = 1024 * MIB;
  test.each([
    ["a peak of 0", memoryLife(0), 11_500_000],
    ["a peak of 100 MiB", memoryLife(100 * MIB), 126_805_489],
    ["a peak of 300 MiB", memoryLife(300 * MIB), 380_258_472],
    ["a peak of 2 GiB", memoryLife(2 * gib), 2_539_377_048],
    ["a kill at a request of 1 GiB", killedLife(gib), 1_555_165_137],
    ["daily peaks of 128, 256 … 1024 MiB", memoryLife(...rising(128 * MIB)), 1_238_659_775],
  ])("%s", (_, history, target) => {
    expect(recommendOf(history, WITHOUT_MINIMUM).target.memory).toBe(target);
  });
});

function every(of: number, at: number) {
  return (minute: number) => (minute % of === at ? 1000 : 100);
}
function jumpAt(at: number) {
  return (minute: number) => (minute < at ? 100 : 2000);
}
function rising(step: number): number[] {
  return Array.from({ length: 8 }, (_, day) => (day + 1) * step);
}
