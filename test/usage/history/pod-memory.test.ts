import { describe, expect, test } from "vitest";
import { bytes } from "../../../src/base/units.ts";
import { MEMORY_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { DecayingHistogram } from "../../../src/usage/history/decaying-histogram.ts";
import type { PodMemory } from "../../../src/usage/history/pod-memory.ts";
import {
  addMemorySample,
  addOomKill,
  neededAfterOom,
  withdrawPeak,
} from "../../../src/usage/history/pod-memory.ts";
import { HALF_LIVES } from "../../../src/usage/history/store.ts";
import { DAY, MIB, minuteAt } from "./lives.ts";

const HOUR = 60;

function aPod() {
  const pod: PodMemory = { lastSample: undefined, lastOom: undefined, window: undefined };
  const peaks = new DecayingHistogram(MEMORY_BUCKETS, HALF_LIVES.memory);
  return {
    pod,
    sample: (minute: number, mib: number) => addMemorySample(pod, peaks, minuteAt(minute), bytes(mib * MIB)),
    oom: (minute: number, mib: number) => {
      const needed = addOomKill(pod, peaks, minuteAt(minute), bytes(mib * MIB));
      return needed === undefined ? undefined : needed / MIB;
    },
    withdraw: (minute: number) => withdrawPeak(peaks, pod.window!, minuteAt(minute)),
    /** How many peaks there are. */
    count: () => peaks.snapshot().buckets.length,
    window: () => ({ ...pod.window }),
  };
}

describe("memory peaks of a pod", () => {
  test("a window holds its largest sample only, and ends a day after the first", () => {
    const { sample, window, count } = aPod();
    for (const [minute, mib] of [
      [0, 100],
      [1, 300],
      [2, 200],
    ] as const)
      sample(minute, mib);
    expect(window()).toEqual({ end: minuteAt(DAY), peak: 300 * MIB, oomPeak: 0 });
    expect(count()).toBe(1);
  });

  test("the next window begins at the end of the last, however long nothing came", () => {
    const { sample, window, count } = aPod();
    sample(90, 100);
    sample(90 + 3 * DAY + HOUR, 5000);
    expect(window()).toEqual({ end: minuteAt(90 + 4 * DAY), peak: 5000 * MIB, oomPeak: 0 });
    expect(count()).toBe(2);
  });

  test("a sample at the very end of a window opens the next", () => {
    const { sample, window } = aPod();
    sample(0, 100);
    sample(DAY, 50);
    expect(window()).toEqual({ end: minuteAt(2 * DAY), peak: 50 * MIB, oomPeak: 0 });
  });

  test("a sample older than the last one is refused, one of the same time is not", () => {
    const { sample } = aPod();
    sample(10, 100);
    expect([sample(9, 900), sample(10, 900)]).toEqual([false, true]);
  });

  test("a window that began with nothing stays at nothing, as in the VPA", () => {
    const { sample, window } = aPod();
    sample(0, 0);
    sample(1, 900);
    expect(window()).toEqual({ end: minuteAt(DAY), peak: 0, oomPeak: 0 });
  });

  test("what the VPA writes lacks the peaks of open windows", () => {
    const { sample, withdraw, count } = aPod();
    sample(0, 100);
    withdraw(DAY);
    expect(count(), "the window has ended").toBe(1);
    withdraw(DAY - 1);
    expect(count()).toBe(0);
  });
});

describe("an OOM kill", () => {
  test.each([
    [1000, 1200],
    [1, 101],
    [500, 600],
    [499, 599],
    [0, 100],
  ])("at %i MiB needed %i MiB", (used, needed) => {
    expect(neededAfterOom(bytes(used * MIB)) / MIB).toBe(needed);
  });

  test("counts from the peak where that is over the request", () => {
    const { sample, oom, window } = aPod();
    sample(0, 3000);
    expect(oom(1, 1000)).toBe(3600);
    expect(window()).toEqual({ end: minuteAt(DAY), peak: 3000 * MIB, oomPeak: 3600 * MIB });
  });

  test("does not build on the kill before, so kills in a row do not compound", () => {
    const { sample, oom, count } = aPod();
    sample(0, 3000);
    expect([oom(1, 1000), oom(2, 1000), oom(3, 1)]).toEqual([3600, 3600, 3600]);
    expect(count()).toBe(1);
  });

  test("before any sample is the first one", () => {
    const { oom, window } = aPod();
    expect(oom(0, 1000)).toBe(1200);
    expect(window()).toEqual({ end: minuteAt(DAY), peak: 0, oomPeak: 1200 * MIB });
  });

  test("is taken in once, however often it is told", () => {
    const { oom } = aPod();
    expect([oom(5, 100), oom(5, 100), oom(4, 100)]).toEqual([200, undefined, undefined]);
  });

  test.each([
    [DAY, 1200],
    [DAY + 1, undefined],
  ])("%i min before the last sample needed %s MiB", (before, needed) => {
    const { sample, oom } = aPod();
    sample(2 * DAY, 10);
    expect(oom(2 * DAY - before, 1000)).toBe(needed);
  });

  test("of an earlier time lets samples from then on count again, as in the VPA", () => {
    const { sample, oom } = aPod();
    sample(100, 10);
    oom(50, 10);
    expect([sample(49, 1), sample(60, 1)]).toEqual([false, true]);
  });
});
