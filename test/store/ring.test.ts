import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RING_SAMPLES, RingPage } from "../../src/store/ring.ts";
import type { RingSample } from "../../src/store/ring.ts";

const S = 1000;
const T0 = 1_790_000_000_000;
const START = (T0 - 3600 * S) * 1e6;

/** A sample `at` seconds after T0 with so many seconds of CPU. */
const sample = (at: number, cpu: number, start = START): RingSample => ({
  at: T0 + at * S,
  cpu: cpu * 1e9,
  memory: 1000 + at,
  start,
});

const contents = (page: RingPage, ring = 0) =>
  Array.from({ length: page.count(ring) }, (_, back) => (page.sample(ring, back).at - T0) / S);

function ringOf(...samples: readonly RingSample[]): RingPage {
  const page = new RingPage(2);
  for (const one of samples) page.append(0, one);
  return page;
}

describe("a new sample", () => {
  const before = [sample(0, 100), sample(15, 101)];
  test.each([
    { when: "is newer", next: sample(30, 102), fate: "kept", holds: [30, 15, 0] },
    { when: "is newer, and the container was idle", next: sample(30, 101), fate: "kept", holds: [30, 15, 0] },
    { when: "has the stamp of the newest", next: sample(15, 101), fate: "repeated", holds: [15, 0] },
    { when: "has the stamp of an older one", next: sample(0, 100), fate: "repeated", holds: [15, 0] },
    { when: "came late and lies between", next: sample(7, 100.5), fate: "kept", holds: [15, 7, 0] },
    { when: "came late and is the oldest", next: sample(-15, 99), fate: "kept", holds: [15, 0, -15] },
    { when: "came late with more CPU than a later one", next: sample(7, 102), fate: "stale", holds: [15, 0] },
    { when: "came late with less CPU than an earlier one", next: sample(7, 99), fate: "stale", holds: [15, 0] },
    { when: "came late from an earlier life", next: sample(-15, 99, START - 1e12), fate: "stale", holds: [15, 0] },
    { when: "is of a container that began after the last sample", next: sample(30, 1, (T0 + 20 * S) * 1e6), fate: "restarted", holds: [30] },
    { when: "is of one that began at the very stamp of the last", next: sample(30, 102, (T0 + 15 * S) * 1e6), fate: "restarted", holds: [30] },
    { when: "is of one that grew past the old CPU already", next: sample(60, 200, (T0 + 20 * S) * 1e6), fate: "restarted", holds: [60] },
    { when: "has less CPU with the same start", next: sample(30, 100.9), fate: "restarted", holds: [30] },
    { when: "has an earlier start", next: sample(30, 102, START - 1e6), fate: "restarted", holds: [30] },
    { when: "has no start", next: sample(30, 102, Number.NaN), fate: "kept", holds: [30, 15, 0] },
    { when: "has a start that grew, but lies before the last sample", next: sample(30, 102, START + 1e9), fate: "kept", holds: [30, 15, 0] },
    { when: "means more cores than any machine has", next: sample(30, 101 + 15 * 8193), fate: "impossible", holds: [15, 0] },
    { when: "means more memory than any machine has", next: { ...sample(30, 102), memory: 2 ** 47 }, fate: "impossible", holds: [15, 0] },
  ])("that $when is $fate", ({ next, fate, holds }) => {
    const page = ringOf(...before);
    expect(page.append(0, next)).toBe(fate);
    expect(contents(page)).toEqual(holds);
  }); // prettier-ignore
});

test("kwok reports a pod's age as its start: it grows at every scrape, and no scrape is a restart", () => {
  const page = new RingPage(1);
  const fates = Array.from({ length: 40 }, (_, round) =>
    page.append(0, sample(round * 15, round, round * 15e9)),
  );
  expect(new Set(fates)).toEqual(new Set(["kept"]));
});

test("a repeated stamp with other numbers: the first word counts, so that no rate is over a wrong window", () => {
  const page = ringOf(sample(0, 100), sample(15, 101));
  expect(page.append(0, { ...sample(15, 105), memory: 7 })).toBe("repeated");
  expect(page.append(0, sample(15, 99))).toBe("repeated");
  expect(page.sample(0, 0)).toMatchObject({ cpu: 101e9 });
});

test("a start that was once told holds when a later sample lacks it", () => {
  const page = ringOf(sample(0, 100), sample(15, 101, Number.NaN));
  expect(page.sample(0, 0).start).toBe(START);
});

test("F25 a full ring forgets its oldest sample", () => {
  const page = ringOf(...Array.from({ length: RING_SAMPLES + 3 }, (_, i) => sample(i * 15, i)));
  expect(contents(page)).toEqual(Array.from({ length: RING_SAMPLES }, (_, i) => (RING_SAMPLES + 2 - i) * 15));
  expect(page.append(0, sample(14, 0.5))).toBe("stale");
});

test("rings of one page do not meet", () => {
  const page = ringOf(...Array.from({ length: 40 }, (_, i) => sample(i * 15, i)));
  page.append(1, sample(7, 1));
  expect(contents(page, 1)).toEqual([7]);
  expect(contents(page, 0)).toHaveLength(RING_SAMPLES);
});

describe("the pair that a rate is measured from", () => {
  test.each([
    { when: "there is one sample", samples: [sample(0, 1)], previous: undefined },
    { when: "there are two", samples: [sample(0, 1), sample(15, 2)], previous: 0 },
    {
      when: "the last two are too close",
      samples: [sample(0, 1), sample(15, 2), sample(15.5, 2.1)],
      previous: 0,
    },
    { when: "all are too close", samples: [sample(15, 2), sample(15.5, 2.1)], previous: undefined },
    {
      when: "they are a second apart",
      samples: [sample(0, 1), sample(15, 2), sample(16, 2.1)],
      previous: 15,
    },
  ])("when $when begins at $previous", ({ samples, previous }) => {
    const pair = ringOf(...samples).pair(0);
    expect(pair && (pair.previous.at - T0) / S).toBe(previous);
  });
});

test("F06 an hour of samples, shuffled and doubled, leaves what the sorted hour leaves", () => {
  const trace = Array.from({ length: 240 }, (_, i) => sample(i * 15, i * 9 + (i % 7)));
  const sorted = ringOf(...trace);
  const everyIndexTwice = [...trace.keys(), ...trace.keys()];
  fc.assert(
    fc.property(fc.shuffledSubarray(everyIndexTwice, { minLength: everyIndexTwice.length }), (order) => {
      const page = ringOf(...order.map((index) => trace[index]!));
      expect(contents(page)).toEqual(contents(sorted));
      expect(page.pair(0)).toEqual(sorted.pair(0));
    }),
    { numRuns: 200, endOnFailure: true },
  );
});

test("whatever comes, stamps in a ring rise strictly and CPU does not fall", () => {
  const any = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    cpu: fc.integer({ min: 1, max: 60 }),
    start: fc.constantFrom(Number.NaN, START, START + 1e9, (T0 + 10 * S) * 1e6, (T0 + 30 * S) * 1e6),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (samples) => {
      const page = new RingPage(1);
      for (const { at, cpu, start } of samples) {
        page.append(0, sample(at, cpu, start));
        for (let back = 1; back < page.count(0); back++) {
          const [older, newer] = [page.sample(0, back), page.sample(0, back - 1)];
          if (older.at >= newer.at || older.cpu > newer.cpu) expect.fail(JSON.stringify([older, newer]));
        }
      }
    }),
    { numRuns: 1000 },
  );
});
