import { describe, expect, test } from "vitest";
import { krrAmount, krrCell, krrDifference } from "../../src/rightsizing/krr/amount-text.ts";
import { scanAsKrr } from "../../src/rightsizing/krr/scan.ts";
import {
  krrRowSeverity,
  krrScore,
  krrSeverity,
  type KrrSeverity,
} from "../../src/rightsizing/krr/severity.ts";
import { krrQuantile, proposeAsKrr, roundCpu, roundMemory } from "../../src/rightsizing/krr/strategy.ts";
import { aContainer, aMark, amounts, aScaler, aSubject, MIB } from "./subjects.ts";

const GIB = 1024 * MIB;

describe("KRR's golden vectors", () => {
  test.each([
    { cores: 0.0001, rounded: 0.01, printed: "10m" },
    { cores: 0.0101, rounded: 0.011, printed: "11m" },
    { cores: 0.1234, rounded: 0.124, printed: "124m" },
    { cores: 0.2499, rounded: 0.25, printed: "250m" },
    { cores: 0.999, rounded: 0.999, printed: "999m" },
    { cores: 0.9991, rounded: 1, printed: "1.0" },
    { cores: 1.0001, rounded: 1.001, printed: "1.001" },
    { cores: 2, rounded: 2, printed: "2.0" },
  ])("cpu $cores", ({ cores, rounded, printed }) => {
    expect(roundCpu(cores)).toBeCloseTo(rounded, 12);
    expect(krrAmount("cpu", roundCpu(cores))).toBe(printed);
  });

  test.each([
    { peak: 50 / 1.15, rounded: 100, printed: "100Mi" },
    { peak: 200, rounded: 230, printed: "230Mi" },
    { peak: 300, rounded: 345, printed: "345Mi" },
    { peak: 1024, rounded: 1178, printed: "1178Mi" },
    { peak: 9216 / 1.15, rounded: 9216, printed: "9216Mi" },
    { peak: 12 * 1024, rounded: 14132, printed: "14Gi" },
  ])("memory with a peak of $peak MiB", ({ peak, rounded, printed }) => {
    const { requests, limits } = proposeAsKrr({
      pods: [{ cpu: 1, cpuPoints: 100, memory: peak * MIB, memoryPoints: 100 }],
      scaledOn: { cpu: false, memory: false },
    });
    expect(requests.memory).toBe(rounded * MIB);
    expect(limits).toEqual({ cpu: undefined, memory: rounded * MIB });
    expect(krrAmount("memory", requests.memory)).toBe(printed);
  });
});

describe("KRR's quirks", () => {
  test.each([
    [99.5, 0.99],
    [99.9, 1],
    [95, 0.95],
  ])("percentile %d asks for %d", (percentile, fraction) => expect(krrQuantile(percentile)).toBe(fraction));

  test.each([
    { resource: "cpu", value: 0.0285, printed: "28m" },
    { resource: "cpu", value: undefined, printed: "unset" },
    { resource: "cpu", value: "?", printed: "?" },
    { resource: "memory", value: 10230 * MIB, printed: "10230Mi" },
    { resource: "memory", value: 10240 * MIB, printed: "10Gi" },
    { resource: "memory", value: 13.8 * GIB, printed: "14Gi" },
    { resource: "memory", value: 10.4 * GIB, printed: "10Gi" },
    { resource: "memory", value: 9000, printed: "9000" },
  ] as const)("$resource $value prints $printed", ({ resource, value, printed }) =>
    expect(krrAmount(resource, value)).toBe(printed),
  );

  test("memory is rounded up to a MiB before it is floored", () =>
    expect(roundMemory(100 * MIB + 1)).toBe(101 * MIB));
});

describe("KRR's gates, in their order", () => {
  const pod = { cpu: 0.2, cpuPoints: 60, memory: 200 * MIB, memoryPoints: 60 };
  const none = { cpu: false, memory: false };
  test.each([
    { when: "no series", pods: [], scaledOn: { cpu: true, memory: false }, info: "No data" },
    {
      when: "99 points over two pods",
      pods: [pod, { ...pod, cpuPoints: 39 }],
      scaledOn: { cpu: true, memory: false },
      info: "Not enough data",
    },
    { when: "an HPA", pods: [pod, pod], scaledOn: { cpu: true, memory: false }, info: "HPA detected" },
  ])("$when: $info", ({ pods, scaledOn, info }) => {
    const answer = proposeAsKrr({ pods, scaledOn });
    expect(answer.requests.cpu).toBe("?");
    expect(answer.info.cpu).toBe(info);
  });

  test("one misbehaving pod sets the value for all", () =>
    expect(proposeAsKrr({ pods: [pod, { ...pod, cpu: 1.5 }], scaledOn: none })).toMatchObject({
      requests: { cpu: 1.5 },
      limits: { cpu: undefined },
      info: { cpu: undefined },
    }));
});

describe("KRR's severity", () => {
  test.each([
    { resource: "cpu", current: 1, recommended: 0.5, severity: "CRITICAL" },
    { resource: "cpu", current: 0.5, recommended: 1, severity: "CRITICAL" },
    { resource: "cpu", current: 1, recommended: 0.75, severity: "WARNING" },
    { resource: "cpu", current: 1, recommended: 0.875, severity: "OK" },
    { resource: "cpu", current: 1, recommended: 0.95, severity: "GOOD" },
    { resource: "memory", current: GIB, recommended: 524 * MIB, severity: "CRITICAL" },
    { resource: "memory", current: GIB, recommended: 700 * MIB, severity: "WARNING" },
    { resource: "memory", current: GIB, recommended: 924 * MIB, severity: "OK" },
    { resource: "memory", current: GIB, recommended: 1000 * MIB, severity: "GOOD" },
    { resource: "cpu", current: undefined, recommended: undefined, severity: "GOOD" },
    { resource: "cpu", current: 1, recommended: undefined, severity: "WARNING" },
    { resource: "cpu", current: undefined, recommended: 1, severity: "WARNING" },
    { resource: "cpu", current: 1, recommended: "?", severity: "UNKNOWN" },
  ] as const)(
    "$resource $current → $recommended: $severity",
    ({ resource, current, recommended, severity }) =>
      expect(krrSeverity(resource, current, recommended)).toBe(severity),
  );

  test("of a row is its worst cell, so a CPU limit alone is a warning", () => {
    const answer = proposeAsKrr({
      pods: [{ cpu: 0.2, cpuPoints: 200, memory: 200 * MIB, memoryPoints: 200 }],
      scaledOn: { cpu: false, memory: false },
    });
    const current = { cpu: 0.2, memory: 230 * MIB };
    expect(krrRowSeverity({ requests: current, limits: { cpu: undefined, memory: 230 * MIB } }, answer)).toBe(
      "GOOD",
    );
    expect(krrRowSeverity({ requests: current, limits: { cpu: 1, memory: 230 * MIB } }, answer)).toBe(
      "WARNING",
    );
  });

  const of = (critical: number, warning: number, good: number): KrrSeverity[] => [
    ...Array<KrrSeverity>(critical).fill("CRITICAL"),
    ...Array<KrrSeverity>(warning).fill("WARNING"),
    ...Array<KrrSeverity>(good).fill("GOOD"),
  ];
  test.each([
    { rows: of(3, 2, 5), score: 55, letter: "C" },
    { rows: Array<KrrSeverity>(4).fill("UNKNOWN"), score: 100, letter: "A" },
    { rows: of(10, 0, 0), score: 0, letter: "F" },
    { rows: of(0, 0, 3), score: 100, letter: "A" },
  ])("scores $score $letter", ({ rows, score, letter }) => expect(krrScore(rows)).toEqual({ score, letter }));
});

describe("a cell", () => {
  test.each([
    { current: 0.5, recommended: 0.2, cell: "(-300m) 500m -> 200m" },
    { current: 0.2, recommended: 0.5, cell: "(+300m) 200m -> 500m" },
    { current: undefined, recommended: 0.5, cell: "unset -> 500m" },
    { current: 0.5, recommended: "?", cell: "500m -> ?" },
  ] as const)("$cell", ({ current, recommended, cell }) =>
    expect(krrCell("cpu", current, recommended)).toBe(cell),
  );

  test("of the difference is over all pods", () =>
    expect(krrDifference("cpu", { current: 0.5, recommended: 0.25, pods: 3 })).toBe("-750m"));

  test("of the difference has no crumbs", () =>
    expect(krrDifference("cpu", { current: 1, recommended: 0.697, pods: 6 })).toBe("-1.818"));
});

test("a scan has a row per container, by name, with pods of now and then", () => {
  const web = aSubject({
    replicas: 1,
    containers: [aContainer(), aContainer({ name: "init", role: "init" })],
  });
  const scaled = aSubject({
    name: "api",
    replicas: 1,
    scalers: [aScaler({ marks: [aMark()] })],
    containers: [aContainer({ requests: amounts(100) })],
  });
  const figure = (pod: string, cpu: number) => ({
    place: { namespace: "shop", pod, container: "app" },
    pod: { cpu, cpuPoints: 500, memory: 200 * MIB, memoryPoints: 500 },
  });
  const { rows, score } = scanAsKrr(
    [web, scaled],
    [figure(web.pods[0]!, 0.1), figure("web-5c9b7d-x2x7k", 0.3), figure(scaled.pods[0]!, 0.1)],
  );
  expect(rows.map(({ subject, container }) => [subject.workload.name, container])).toEqual([
    ["api", "app"],
    ["web", "app"],
  ]);
  expect(rows[0]!.answer).toMatchObject({
    requests: { cpu: "?" },
    info: { cpu: "HPA detected", memory: undefined },
  });
  expect(rows[1]).toMatchObject({ oldPods: ["web-5c9b7d-x2x7k"], answer: { requests: { cpu: 0.3 } } });
  expect(score).toBeLessThan(100);
});
