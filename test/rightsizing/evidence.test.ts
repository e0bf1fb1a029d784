import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, epochMillis, millis, minutes, nanoCores } from "../../src/base/units.ts";
import { UsageCollector } from "../../src/rightsizing/evidence/collector.ts";
import { confidenceOf, daysSeen } from "../../src/rightsizing/evidence/confidence.ts";
import { figuresOf, quantile, shareAbove } from "../../src/rightsizing/evidence/figures.ts";
import { Moments } from "../../src/rightsizing/evidence/moments.ts";
import { assignPods, couldName } from "../../src/rightsizing/evidence/past-pods.ts";
import { aSubject, DAY, NOW } from "./subjects.ts";

describe("a percentile", () => {
  test.each([
    { of: [10, 20, 30, 40], fraction: 0.5, is: 25 },
    { of: [10, 20, 30, 40], fraction: 0.95, is: 38.5 },
    { of: [10, 20, 30, 40], fraction: 1, is: 40 },
    { of: [10, 20, 30, 40], fraction: 0, is: 10 },
    { of: [7], fraction: 0.95, is: 7 },
  ])("$fraction of $of is $is", ({ of, fraction, is }) => expect(quantile(of, fraction)).toBeCloseTo(is, 9));

  test("without samples there are no figures", () => expect(figuresOf([])).toBeUndefined());

  test("rises with its fraction and stays between the smallest and the largest", () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (samples) => {
          const { p50, p90, p95, p99, max } = figuresOf(samples)!;
          const rising = [Math.min(...samples), p50, p90, p95, p99, max];
          expect(rising.toSorted((a, b) => a - b)).toEqual(rising);
          expect(max).toBe(Math.max(...samples));
        },
      ),
    ));
});

describe("how often a bound is exceeded", () => {
  const figures = figuresOf([10, 20, 30, 40])!;
  test.each([
    { bound: 25, share: 0.5 },
    { bound: 40, share: 0 },
    { bound: 39, share: 0.25 },
    { bound: 5, share: 1 },
  ])("over $bound: $share", ({ bound, share }) => expect(shareAbove(figures, bound)).toBe(share));

  test("is what counting says", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: -1, max: 21 }),
        (samples, bound) => {
          const counted = samples.filter((one) => one > bound).length / samples.length;
          expect(shareAbove(figuresOf(samples)!, bound)).toBe(counted);
        },
      ),
    ));
});

describe("confidence", () => {
  test.each([
    { days: 0, level: "none", fraction: 0 },
    { days: 10 / 1440, level: "low", fraction: 0.007 },
    { days: 1, level: "medium", fraction: 0.5 },
    { days: 7, level: "high", fraction: 0.875 },
    { days: 14, level: "high", fraction: 0.933 },
  ])("of $days days is $level", ({ days, level, fraction }) => {
    expect(confidenceOf(days).level).toBe(level);
    expect(confidenceOf(days).fraction).toBeCloseTo(fraction, 3);
  });

  test("does not count gaps", () => {
    const span = { from: epochMillis(NOW - DAY), to: NOW, step: minutes(1) };
    expect(daysSeen({ ...span, moments: 10 })).toBeCloseTo(10 / 1440, 9);
    expect(daysSeen({ ...span, moments: 1441 })).toBe(1);
  });

  test("never falls with more history", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (a, more) => {
          expect(confidenceOf(a + more).fraction).toBeGreaterThanOrEqual(confidenceOf(a).fraction);
        },
      ),
    ));
});

describe("what is gathered", () => {
  const place = { namespace: "shop", pod: "web-1", container: "app" };
  const reading = (seconds: number, cpu = 100) => ({
    at: epochMillis(NOW + seconds * 1000),
    cpu: nanoCores(cpu * 1e6),
    memory: bytes(1000),
  });

  test("counts a time stamp once, and never one that goes back", () => {
    const collector = new UsageCollector(millis(15_000));
    collector.add(place, reading(0), 0);
    collector.add(place, reading(0), 1);
    collector.add(place, reading(-5), 2);
    collector.add(place, reading(15, 200), 3);
    const usage = collector.usage({ namespace: "shop", pods: ["web-1"], container: "app" });
    expect(usage?.cpu).toMatchObject({ samples: 2, p50: 150, max: 200 });
    expect(usage?.span.moments).toBe(4);
  });

  test("is nothing for pods that were never seen", () => {
    const collector = new UsageCollector(millis(15_000));
    expect(collector.usage({ namespace: "shop", pods: ["web-1"], container: "app" })).toBeUndefined();
    expect(collector.span()).toBeUndefined();
  });

  test("says how many pods ran, while any did and over all moments", () => {
    const collector = new UsageCollector(millis(15_000));
    for (let moment = 0; moment < 4; moment++)
      collector.add({ ...place, pod: "other" }, reading(moment * 15), moment);
    for (const moment of [0, 1]) collector.add(place, reading(moment * 15), moment);
    collector.add({ ...place, pod: "web-2" }, reading(15), 1);
    const usage = collector.usage({ namespace: "shop", pods: ["web-1", "web-2"], container: "app" });
    expect(usage?.meanReplicas).toEqual({ whileAny: 1.5, always: 0.75 });
  });
});

test("of very many samples a share is right to a twentieth of a percent", () => {
  const figures = figuresOf(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 100_000))!;
  expect(figures.shape).toHaveLength(2000);
  expect(figures).toMatchObject({ samples: 100_000, max: 99_999 });
  for (const bound of [0, 50_000, 94_999, 98_999, 99_998])
    expect(Math.abs(shareAbove(figures, bound) - (99_999 - bound) / 100_000)).toBeLessThanOrEqual(0.0005);
});

describe("moments", () => {
  const of = (numbers: readonly number[]) => {
    const moments = new Moments();
    for (const one of numbers) moments.add(one);
    return moments;
  };

  test("are a set, in any order", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5_000_000, max: 5_003_000 }), { maxLength: 100 }), (numbers) => {
        const moments = of(numbers);
        const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
        expect([...moments]).toEqual(sorted);
        expect(moments.count()).toBe(sorted.length);
        expect(moments.length()).toBe(sorted.length === 0 ? 0 : sorted.at(-1)! - sorted[0]! + 1);
      }),
    ));
});

describe("a pod that is gone", () => {
  test.each([
    ["Deployment", "web", "web-7d4b9c6f5-x2x7k", true],
    ["Deployment", "web", "web-api-7d4b9c6f5-x2x7k", false],
    ["Deployment", "web", "web-7d4b9c6f5", false],
    ["StatefulSet", "db", "db-0", true],
    ["StatefulSet", "db", "db-x2x7k", false],
    ["DaemonSet", "agent", "agent-x2x7k", true],
    ["DaemonSet", "agent", "agent-house", false],
    ["CronJob", "nightly", "nightly-29387520-x2x7k", true],
    ["Job", "once", "once-x2x7k", true],
    ["Rollout", "web", "web-7d4b9c6f5-x2x7k", false],
  ])("of %s %s could be %s: %s", (kind, name, pod, could) =>
    expect(couldName({ namespace: "shop", kind, name }, pod)).toBe(could),
  );

  test("belongs to the longest name that could have named it, and to its owner while it is there", () => {
    const short = aSubject({ name: "web", replicas: 1 });
    const long = aSubject({ name: "web-7d4b9", kind: "DaemonSet", replicas: 0 });
    const assigned = assignPods(
      [short, long],
      [...short.pods, "web-7d4b9-x2x7k", "web-5c9b7d-x2x7k", "stranger"],
    );
    expect(assigned.get(short)).toEqual([...short.pods, "web-5c9b7d-x2x7k"]);
    expect(assigned.get(long)).toEqual(["web-7d4b9-x2x7k"]);
  });
});
