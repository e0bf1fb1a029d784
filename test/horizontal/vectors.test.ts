/**
 * The golden vectors of the HPA, asked of our algorithm in both arithmetics.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { milliUnits, seconds } from "../../src/base/units.ts";
import { proposeReplicas } from "../../src/horizontal/propose.ts";
import type { HorizontalQuestion } from "../../src/horizontal/question.ts";
import type { Behavior, MetricSpec } from "../../src/policy/policy.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { T0 } from "../builders.ts";
import {
  aContainer,
  ago,
  aPod,
  aQuestion,
  aShape,
  averageValue,
  LONG_AGO,
  SETTINGS,
  usageOf,
} from "./pods.ts";
import { cpuUtilization } from "./pods.ts";
import { AVERAGE_VALUE_VECTORS, EXCEPTIONS, UTILIZATION_VECTORS, type Vector } from "./vectors.ts";

const settings = { ...SETTINGS, cpuInitializationPeriod: seconds(120), initialReadinessDelay: seconds(10) };
const sampled = { at: LONG_AGO, window: seconds(60) };

const has = (list: readonly number[] | undefined, index: number): boolean => list?.includes(index) ?? false;

function phaseOf(vector: Vector, index: number): PodEvidence["phase"] {
  if (has(vector.pending, index)) return "Pending";
  return has(vector.failed, index) ? "Failed" : "Running";
}

function podOf(vector: Vector, index: number, over: Pick<PodEvidence, "shape" | "usage">): PodEvidence {
  const started = has(vector.hot, index) ? T0 : vector.hot === undefined ? LONG_AGO : ago(180);
  const status = has(vector.unready, index) || has(vector.pending, index) ? "False" : "True";
  return aPod({
    name: `pod${index}`,
    phase: phaseOf(vector, index),
    deleting: has(vector.terminating, index),
    startTime: started,
    readiness: { status, since: LONG_AGO },
    ...over,
  });
}

function questionOf(
  vector: Vector,
  metric: MetricSpec,
  pods: readonly PodEvidence[],
  arithmetic: HorizontalQuestion["settings"]["arithmetic"],
): HorizontalQuestion {
  const rules = { stabilizationWindow: undefined, selectPolicy: "Max", policies: [] } as const;
  const behavior: Behavior | undefined = vector.tolerance && {
    scaleUp: { ...rules, tolerance: vector.tolerance.up },
    scaleDown: { ...rules, tolerance: vector.tolerance.down },
  };
  const asked = aQuestion({
    metrics: [metric],
    pods,
    currentReplicas: vector.current,
    settings: { ...settings, arithmetic },
  });
  return { ...asked, spec: { ...asked.spec, behavior } };
}

describe.each(["exact", "upstream"] as const)("%s arithmetic", (arithmetic) => {
  test.each(UTILIZATION_VECTORS)(
    "A1 utilization: $current replicas at $levels of $request, target $target → $replicas",
    (vector) => {
      const pods = vector.levels.map((level, index) => {
        const request = typeof vector.request === "number" ? vector.request : (vector.request?.[index] ?? 0);
        const requests = { cpu: milliUnits(request) };
        const shape = aShape([aContainer("one", { requests }), aContainer("two", { requests })]);
        const each = { cpu: level ?? 0 };
        const usage = level === undefined ? undefined : usageOf({ one: each, two: each }, sampled);
        return podOf(vector, index, { shape, usage });
      });
      const { metrics, combined } = proposeReplicas(
        questionOf(vector, cpuUtilization(vector.target), pods, arithmetic),
      );
      expect(combined).toMatchObject({ kind: "replicas", replicas: vector.replicas });
      expect(metrics[0]).toMatchObject({ utilization: vector.utilization, averageValue: vector.average });
    },
  );

  test.each(AVERAGE_VALUE_VECTORS)(
    "A2 average value: $current replicas at $levels, target $target → $replicas",
    (vector) => {
      const pods = vector.levels.map((level, index) => {
        const usage = level === undefined ? undefined : usageOf({ app: { memory: level / 1000 } }, sampled);
        return podOf(vector, index, { shape: aShape([aContainer("app")]), usage });
      });
      const { metrics, combined } = proposeReplicas(
        questionOf(vector, averageValue("memory", vector.target), pods, arithmetic),
      );
      expect(combined).toMatchObject({ kind: "replicas", replicas: vector.replicas });
      expect(metrics[0]).toMatchObject({ utilization: undefined, averageValue: vector.average });
    },
  );
});

test("no row stands twice, where another should", () => {
  for (const vectors of [UTILIZATION_VECTORS, AVERAGE_VALUE_VECTORS])
    expect(new Set(vectors.map((vector) => JSON.stringify(vector))).size).toBe(vectors.length);
});

/** Where the cases of each of upstream's tables are asked. */
const ASKED_IN = {
  A1: "vectors.test.ts",
  A2: "vectors.test.ts",
  A5: "groups.test.ts",
  A6: "amounts.test.ts",
  A7: "limit.test.ts",
  A8: "stabilize.test.ts",
  A9: "../coordinate/memory.test.ts",
};

test.each(Array.from({ length: 9 }, (_, n) => `A${n + 1}`))(
  "%s is asked, or named as an exception",
  (table) => {
    const file = Object.entries(ASKED_IN).find(([name]) => name === table)?.[1];
    const excepted = EXCEPTIONS.some(({ vector }) => vector.startsWith(table));
    if (file === undefined) expect(excepted).toBe(true);
    else expect(readFileSync(new URL(file, import.meta.url), "utf8")).toMatch(new RegExp(`\\b${table}\\b`));
  },
);
