import { describe, expect, test } from "vitest";
import { milliUnits, seconds } from "../../src/base/units.ts";
import { parsePolicy } from "../../src/policy/parse.ts";
import { CASES } from "./cases.ts";

test("the table is long enough to mean something, and no two rows have one name", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(120);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

describe("our parser's verdict", () => {
  test.each(CASES.filter(({ verdict }) => verdict === "accepted"))("accepts: $name", ({ spec }) => {
    expect(parsePolicy(spec)).toMatchObject({ kind: "valid" });
  });

  const refused = CASES.flatMap((row) => (row.verdict === "refused" ? [row] : []));
  test.each(refused)("refuses: $name, at $field", ({ spec, field, says }) => {
    const outcome = parsePolicy(spec);
    expect(outcome.kind).toBe("invalid");
    const problems = outcome.kind === "invalid" ? outcome.problems : [];
    expect(problems).toContainEqual({ field, message: expect.stringContaining(says) });
  });

  const unknown = CASES.flatMap((row) => (row.verdict === "unknown" ? [row] : []));
  test.each(unknown)("does not know: $name, at $field", ({ spec, field }) => {
    expect(parsePolicy(spec)).toEqual({ kind: "unknown-field", fields: [field] });
  });
});

const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const parsed = (horizontal: object) => {
  const outcome = parsePolicy({ targetRef, horizontal });
  return outcome.kind === "valid" ? outcome.spec.horizontal : outcome;
};
const CPU_AT_80 = { resource: "cpu", container: undefined, target: { kind: "utilization", percent: 80 } };

describe("what a spec means", () => {
  test("the least that can be written has autoscaling/v2's defaults, and no behavior", () => {
    expect(parsePolicy({ targetRef, horizontal: { maxReplicas: 10 } })).toEqual({
      kind: "valid",
      spec: {
        target: targetRef,
        mode: "Active",
        horizontal: { minReplicas: 1, maxReplicas: 10, metrics: [CPU_AT_80], behavior: undefined },
      },
    });
  });

  test("without horizontal nothing is to be scaled", () => {
    expect(parsePolicy({ targetRef, mode: "Shadow" })).toEqual({
      kind: "valid",
      spec: { target: targetRef, mode: "Shadow", horizontal: undefined },
    });
  });

  test("an empty list of metrics is cpu at 80 %", () => {
    expect(parsed({ maxReplicas: 2, metrics: [] })).toMatchObject({ metrics: [CPU_AT_80] });
  });

  test("an empty behavior is both directions with their defaults, the downward window left to the operator", () => {
    expect(parsed({ maxReplicas: 2, behavior: {} })).toMatchObject({
      behavior: {
        scaleUp: {
          stabilizationWindow: seconds(0),
          selectPolicy: "Max",
          policies: [
            { type: "Pods", value: 4, period: seconds(15) },
            { type: "Percent", value: 100, period: seconds(15) },
          ],
          tolerance: undefined,
        },
        scaleDown: {
          stabilizationWindow: undefined,
          selectPolicy: "Max",
          policies: [{ type: "Percent", value: 100, period: seconds(15) }],
          tolerance: undefined,
        },
      },
    });
  });

  test("members of a direction are filled in one by one", () => {
    const behavior = {
      scaleDown: { selectPolicy: "Min", tolerance: "0.05", stabilizationWindowSeconds: 60 },
    };
    expect(parsed({ maxReplicas: 2, behavior })).toMatchObject({
      behavior: {
        scaleDown: {
          stabilizationWindow: seconds(60),
          selectPolicy: "Min",
          policies: [{ type: "Percent", value: 100, period: seconds(15) }],
          tolerance: 0.05,
        },
      },
    });
  });

  test.each([
    ["cpu", "250m", 250],
    ["cpu", 2, 2000],
    ["cpu", "0.0005", 1],
    ["memory", "512Mi", 536_870_912_000],
    ["memory", "8Ti", 8_796_093_022_208_000],
  ])("%s of %s per pod is %d milli-units, exactly", (name, averageValue, amount) => {
    const metrics = [
      { type: "Resource", resource: { name, target: { type: "AverageValue", averageValue } } },
    ];
    expect(parsed({ maxReplicas: 2, metrics })).toMatchObject({
      metrics: [{ resource: name, target: { kind: "average-value", amount: milliUnits(amount) } }],
    });
  });

  test("metrics keep their order and their containers", () => {
    const target = { type: "Utilization", averageUtilization: 60 };
    const metrics = [
      { type: "ContainerResource", containerResource: { name: "memory", container: "app", target } },
      { type: "Resource", resource: { name: "cpu", target } },
    ];
    expect(parsed({ maxReplicas: 2, metrics })).toMatchObject({
      metrics: [
        { resource: "memory", container: "app", target: { kind: "utilization", percent: 60 } },
        { resource: "cpu", container: undefined, target: { kind: "utilization", percent: 60 } },
      ],
    });
  });

  test("an empty vertical recommends as the VPA does, and writes nothing", () => {
    const outcome = parsePolicy({ targetRef, vertical: {} });
    expect(outcome.kind === "valid" ? outcome.spec : outcome).toEqual({
      target: targetRef,
      mode: "Active",
      horizontal: undefined,
      vertical: {
        apply: { mode: "Off", minReplicas: 2, windows: [] },
        recommender: {
          cpuPercentile: 0.9,
          memoryPercentile: 0.9,
          margin: 0.15,
          cpuHalfLife: seconds(86_400),
          memoryHalfLife: seconds(86_400),
        },
        containers: [],
      },
    });
  });

  test("what vertical says of a container is in millicores and bytes, with the VPA's defaults beside it", () => {
    const containerPolicies = [
      { containerName: "app", controlledResources: ["cpu"], minAllowed: { cpu: "0.0005", memory: "64Mi" } },
      { containerName: "*", mode: "Off", maxAllowed: { cpu: 4, memory: "1.5" } },
    ];
    const recommender = { cpuPercentile: 99, marginPercent: 0, memoryHalfLife: "1h30m" };
    const outcome = parsePolicy({
      targetRef,
      vertical: { recommender, resourcePolicy: { containerPolicies } },
    });
    const usual = { controlledValues: "RequestsAndLimits", allowMemoryLimitDecrease: false };
    expect(outcome.kind === "valid" ? outcome.spec.vertical : outcome).toMatchObject({
      recommender: { cpuPercentile: 0.99, memoryPercentile: 0.9, margin: 0, memoryHalfLife: 5_400_000 },
      containers: [
        {
          ...usual,
          container: "app",
          mode: "Auto",
          controlledResources: ["cpu"],
          minAllowed: { cpu: 1, memory: 64 * 2 ** 20 },
          maxAllowed: {},
        },
        {
          ...usual,
          container: "*",
          mode: "Off",
          controlledResources: ["cpu", "memory"],
          minAllowed: {},
          maxAllowed: { cpu: 4000, memory: 2 },
        },
      ],
    });
  });

  test("several mistakes are all named at once", () => {
    const outcome = parsePolicy({ targetRef, paused: true, horizontal: { maxReplicas: 0, minReplicas: 0 } });
    expect(outcome).toMatchObject({
      kind: "invalid",
      problems: expect.arrayContaining([
        { field: "spec.paused", message: expect.any(String) },
        { field: "spec.horizontal.maxReplicas", message: expect.any(String) },
        { field: "spec.horizontal.minReplicas", message: expect.any(String) },
      ]),
    });
  });

  test.each([null, 7, "web", [], undefined])(
    "whatever is stored as a spec is judged, not thrown at: %j",
    (spec) => {
      expect(parsePolicy(spec).kind).toBe("invalid");
    },
  );
});
