import { describe, expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import { usageBetween, usageOfFresh } from "../../src/store/rate.ts";

const T0 = 1_790_000_000_000;
const at = (secondsAfter: number): number => T0 + secondsAfter * 1000;

describe("usage between two samples", () => {
  test.each([
    { cpu: 1_000_000_000, window: 10, nanocores: 100_000_000 },
    { cpu: 0, window: 15, nanocores: 0 },
    { cpu: 1, window: 3, nanocores: 0 },
    { cpu: 15_000_000_000, window: 15, nanocores: 1_000_000_000 },
    { cpu: 2_000_000_000, window: 3, nanocores: 666_666_666 },
    { cpu: 4_187_234_567, window: 14.331, nanocores: Math.trunc(4_187_234_567 / (14 + 331_000_000 / 1e9)) },
  ])("$cpu ns in $window s is $nanocores n", ({ cpu, window, nanocores }) => {
    const last = { at: at(window), cpu: 7e9 + cpu, memory: 4096, start: Number.NaN };
    expect(usageBetween({ last, previous: { at: at(0), cpu: 7e9 } })).toEqual({
      cpu: nanocores,
      memory: 4096,
      at: at(window),
      window: window * 1000,
    });
  });
});

describe("usage of a container that has just begun", () => {
  const fresh = (age: number, resolution = 15, cpu = 3e9) =>
    usageOfFresh({ at: at(age), cpu, memory: 1, start: T0 * 1e6 }, seconds(resolution));

  test.each([
    { age: 9.999, isFresh: false },
    { age: 10, isFresh: true },
    { age: 14.999, isFresh: true },
    { age: 15, isFresh: false },
    { age: 30, isFresh: false },
  ])("at an age of $age s and 15 s resolution: $isFresh", ({ age, isFresh }) => {
    expect(fresh(age) !== undefined).toBe(isFresh);
  });

  test("is measured from its start", () => {
    expect(fresh(12)).toMatchObject({ cpu: 250_000_000, window: 12_000 });
  });

  test("never applies at a resolution of 10 s, and up to a minute at 60 s", () => {
    expect(fresh(10, 10)).toBeUndefined();
    expect(fresh(59, 60)).toMatchObject({ window: 59_000 });
  });

  test("has a window exact to the nanosecond, although stamps and starts are around 2^60", () => {
    const start = 1_790_000_000_123_456_768;
    const usage = usageOfFresh({ at: 1_790_000_012_345, cpu: 3e9, memory: 1, start }, seconds(15));
    const nanos = Number(1_790_000_012_345n * 1_000_000n - BigInt(start));
    expect(usage?.window).toBe(nanos / 1e6);
    expect(usage?.cpu).toBe(Math.trunc(3e9 / (12 + (nanos - 12e9) / 1e9)));
  });

  test.each([
    ["unknown", Number.NaN],
    ["an age, as kwok's", 12e9],
    ["after the sample", at(20) * 1e6],
  ])("does not count when its start is %s", (_, start) => {
    expect(usageOfFresh({ at: at(12), cpu: 1, memory: 1, start }, seconds(15))).toBeUndefined();
  });
});
