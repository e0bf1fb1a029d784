import { describe, expect, test } from "vitest";
import { epochMillis, milliCores, minutes } from "../../../src/base/units.ts";
import { CPU_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { DecayingHistogram, YEAR_ONE } from "../../../src/usage/history/decaying-histogram.ts";
import { percentileOf } from "../../../src/usage/history/percentile.ts";
import { DAY, MIDNIGHT, minuteAt } from "./lives.ts";

const day = minutes(DAY);
const cpu = (halfLife = day) => new DecayingHistogram(CPU_BUCKETS, halfLife);
const m = milliCores;

describe("a decaying histogram", () => {
  test.each([
    ["11:59", 719, MIDNIGHT, 0.14135],
    ["12:00", 720, MIDNIGHT + day, 0.0707],
  ])("a first sample at %s has the nearest midnight for reference", (_, minute, reference, weight) => {
    const histogram = cpu();
    histogram.add(m(250), 0.1, minuteAt(minute));
    expect(histogram.snapshot().reference).toBe(reference);
    expect(histogram.snapshot().buckets[0]?.[1]).toBeCloseTo(weight, 4);
  });

  test("multiples of a half-life are counted from the year 1", () => {
    const week = minutes(7 * DAY);
    const histogram = cpu(week);
    histogram.add(m(250), 0.1, MIDNIGHT);
    const { reference } = histogram.snapshot();
    expect((reference - YEAR_ONE) % week).toBe(0);
    expect(Math.abs(reference - MIDNIGHT)).toBeLessThanOrEqual(week / 2);
  });

  test("a sample a half-life younger weighs twice as much", () => {
    const histogram = cpu();
    histogram.add(m(100), 0.1, minuteAt(0));
    histogram.add(m(1000), 0.1, minuteAt(DAY));
    const [[, older] = [], [, younger] = []] = histogram.snapshot().buckets;
    expect(younger! / older!).toBe(2);
  });

  test("the reference moves on after 100 half-lives, and old weights shrink by as much", () => {
    const histogram = cpu();
    histogram.add(m(100), 1000, minuteAt(0));
    histogram.add(m(1000), 0.1, minuteAt(100 * DAY));
    expect(histogram.snapshot()).toMatchObject({
      reference: MIDNIGHT,
      buckets: [
        [8, 1000],
        [36, 0.1 * 2 ** 100],
      ],
    });
    histogram.add(m(1000), 0.1, minuteAt(100 * DAY + 1));
    const { reference, buckets } = histogram.snapshot();
    expect(reference).toBe(MIDNIGHT + 100 * day);
    expect(buckets[0]).toEqual([8, 1000 * 2 ** -100]);
  });

  test("a peak is taken back as it was added", () => {
    const histogram = cpu();
    histogram.add(m(100), 1, minuteAt(0));
    histogram.add(m(5000), 1, minuteAt(3 * DAY));
    histogram.subtract(m(5000), 1, minuteAt(3 * DAY));
    expect(histogram.snapshot().buckets).toEqual([[8, 1]]);
  });

  test("two histograms of different age merge as if all samples had gone into one", () => {
    const [old, young, one] = [cpu(), cpu(), cpu()];
    for (const histogram of [old, one]) histogram.add(m(100), 0.1, minuteAt(0));
    for (const histogram of [young, one]) histogram.add(m(1000), 0.1, minuteAt(5 * DAY));
    young.merge(old);
    for (const share of [0.01, 0.05, 0.5, 0.98])
      expect(percentileOf(CPU_BUCKETS, young.snapshot(), share)).toBe(
        percentileOf(CPU_BUCKETS, one.snapshot(), share),
      );
  });

  test("a change of the half-life keeps the proportions of the moment, and new samples count", () => {
    const histogram = cpu();
    for (let minute = 0; minute < 50 * DAY; minute += 60) histogram.add(m(100), 0.1, minuteAt(minute));
    const before = histogram.snapshot();
    histogram.changeHalfLife(minutes(2 * DAY), minuteAt(50 * DAY));
    const after = histogram.snapshot();
    expect(after.buckets[0]![1] / after.total).toBeCloseTo(before.buckets[0]![1] / before.total, 12);
    for (let minute = 50 * DAY; minute < 54 * DAY; minute += 60)
      histogram.add(m(1000), 0.1, minuteAt(minute));
    expect(percentileOf(CPU_BUCKETS, histogram.snapshot(), 0.5)).toBeGreaterThan(1000);
    expect(percentileOf(CPU_BUCKETS, histogram.snapshot(), 0.1)).toBeLessThan(200);
  });

  test("an empty one has no reference, no weight and no percentile", () => {
    expect(cpu().snapshot()).toEqual({ reference: YEAR_ONE, buckets: [], total: 0 });
    expect(percentileOf(CPU_BUCKETS, cpu().snapshot(), 0.9)).toBeUndefined();
  });

  test("a snapshot, restored, goes on as the original does", () => {
    const [one, other] = [cpu(), cpu()];
    for (const amount of [0, 100, 250, 7000]) one.add(m(amount), 0.1, minuteAt(amount));
    other.restore(JSON.parse(JSON.stringify(one.snapshot())), day);
    for (const histogram of [one, other]) histogram.add(m(30), 0.1, epochMillis(MIDNIGHT + 3 * day + 17));
    expect(other.snapshot()).toEqual(one.snapshot());
  });
});
