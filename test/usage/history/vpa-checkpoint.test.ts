import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMillis, minutes } from "../../../src/base/units.ts";
import { YEAR_ONE } from "../../../src/usage/history/decaying-histogram.ts";
import type { HistogramSnapshot } from "../../../src/usage/history/snapshot.ts";
import {
  asVpaHistogram,
  fromVpaHistogram,
  readVpaCheckpoint,
} from "../../../src/usage/history/vpa-checkpoint.ts";
import { cpuLife, MIDNIGHT } from "./lives.ts";

const histogram = (...buckets: readonly (readonly [number, number])[]): HistogramSnapshot => ({
  reference: MIDNIGHT,
  buckets,
  total: buckets.reduce((sum, [, weight]) => sum + weight, 0),
});

describe("a VPA's checkpoint", () => {
  test.each([
    [
      [
        [3, 0.1],
        [4, 0.05],
        [9, 0.000_101],
      ],
      [
        [3, 10_000],
        [4, 5000],
        [9, 10],
      ],
    ],
    [
      [
        [3, 4],
        [9, 0.000_199],
      ],
      [[3, 10_000]],
    ],
    [
      [
        [3, 4],
        [9, 0.000_2],
      ],
      [
        [3, 10_000],
        [9, 1],
      ],
    ],
    [
      [
        [1, 0.000_09],
        [3, 0.1],
      ],
      [[3, 10_000]],
    ],
    [[], []],
  ] as const)("keeps weights to a ten-thousandth of the largest (%#)", (buckets, weights) => {
    expect(asVpaHistogram(histogram(...buckets)).weights).toEqual(weights);
  });

  test("read back, weighs in all what it weighed before", () => {
    const { cpu } = cpuLife(3000, (minute) => minute % 700);
    const back = fromVpaHistogram(asVpaHistogram(cpu));
    expect(back.total).toBe(cpu.total);
    expect(back.buckets.reduce((sum, [, weight]) => sum + weight, 0)).toBeCloseTo(cpu.total, 9);
  });

  const good = {
    version: "v3",
    lastUpdateTime: "2025-08-08T00:00:10Z",
    firstSampleStart: "2025-07-31T00:00:00Z",
    lastSampleStart: "2025-08-08T00:00:00Z",
    totalSamplesCount: 11_520,
    cpuHistogram: {
      referenceTimestamp: "2025-07-31T00:00:00Z",
      bucketWeights: { "12": 5000, "8": 10_000 },
      totalWeight: 30,
    },
    memoryHistogram: {
      referenceTimestamp: "2025-08-01T00:00:00Z",
      bucketWeights: { "30": 10_000 },
      totalWeight: 8,
    },
  };

  test("is read whole", () => {
    expect(readVpaCheckpoint(good)).toEqual({
      kind: "history",
      history: {
        cpu: { reference: MIDNIGHT, buckets: [[8, 20], [12, 10]], total: 30 }, // prettier-ignore
        memory: { reference: MIDNIGHT + minutes(24 * 60), buckets: [[30, 8]], total: 8 },
        firstSample: MIDNIGHT,
        lastSample: MIDNIGHT + minutes(8 * 24 * 60),
        sampleCount: 11_520,
      },
    });
  });

  test("of what was never measured is an empty history", () => {
    const nothing = { referenceTimestamp: null };
    const status = { version: "v3", firstSampleStart: null, cpuHistogram: nothing, memoryHistogram: nothing };
    expect(readVpaCheckpoint(status)).toMatchObject({
      kind: "history",
      history: {
        cpu: { reference: YEAR_ONE, buckets: [], total: 0 },
        firstSample: undefined,
        sampleCount: 0,
      },
    });
  });

  const withCpu = (cpu: object) => ({ ...good, cpuHistogram: { ...good.cpuHistogram, ...cpu } });
  test.each([
    ["of another version", { ...good, version: "v4" }, "another-version"],
    ["without a version", {}, "another-version"],
    ["that is nothing", undefined, "another-version"],
    ["with a bucket too many", withCpu({ bucketWeights: { "176": 1 } }), "malformed"],
    ["with a negative bucket", withCpu({ bucketWeights: { "-1": 1 } }), "malformed"],
    ["with a bucket that is no number", withCpu({ bucketWeights: { a: 1 } }), "malformed"],
    ["with a negative weight", withCpu({ bucketWeights: { "1": -1 } }), "malformed"],
    ["with a weight that is a text", withCpu({ bucketWeights: { "1": "1" } }), "malformed"],
    ["with a negative total", withCpu({ totalWeight: -1 }), "malformed"],
    ["with a total beyond numbers", withCpu({ totalWeight: Infinity }), "malformed"],
    ["with weights of no time", withCpu({ referenceTimestamp: null }), "malformed"],
    ["with a count that is none", { ...good, totalSamplesCount: -3 }, "malformed"],
  ])("%s is refused", (_, status, because) => {
    expect(readVpaCheckpoint(status)).toEqual({ kind: "refused", because });
  });

  test("whatever it is, is read or refused, and never breaks", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (cpuHistogram, rest) => {
        expect(["history", "refused"]).toContain(readVpaCheckpoint({ ...good, cpuHistogram, rest }).kind);
      }),
    );
  });

  test("weights survive writing and reading to a ten-thousandth", () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 176,
    });
    fc.assert(
      fc.property(weights, (all) => {
        const one = histogram(...all.map((weight, bucket) => [bucket, weight] as const));
        const largest = Math.max(...all);
        const { buckets } = fromVpaHistogram(asVpaHistogram({ ...one, reference: epochMillis(0) }));
        for (const [bucket, weight] of buckets)
          expect(Math.abs(weight / all[bucket]! - 1) * all[bucket]!).toBeLessThan(largest * 0.02);
      }),
    );
  });
});
