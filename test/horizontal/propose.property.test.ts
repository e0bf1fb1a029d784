/**
 * What is true of every proposal, whatever the pods look like.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes, type EpochMillis, epochMillis, millis, milliUnits, nanoCores } from "../../src/base/units.ts";
import { proposeReplicas } from "../../src/horizontal/propose.ts";
import type { HorizontalQuestion } from "../../src/horizontal/question.ts";
import type { MetricSpec } from "../../src/policy/policy.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { aHorizontalSpec, T0 } from "../builders.ts";
import { aContainer, ago, aPod, aQuestion, aShape, cpuUtilization, SETTINGS } from "./pods.ts";

const INT32_MAX = 2 ** 31 - 1;
const resource = fc.constantFrom("cpu" as const, "memory" as const);

const metric: fc.Arbitrary<MetricSpec> = fc.record({
  resource,
  container: fc.constantFrom(undefined, "app", "log"),
  target: fc.oneof(
    fc.record({ kind: fc.constant("utilization" as const), percent: fc.integer({ min: 1, max: 500 }) }),
    fc.record({
      kind: fc.constant("average-value" as const),
      amount: fc.integer({ min: 1, max: 10 ** 12 }).map(milliUnits),
    }),
  ),
});

const requests = fc.constantFrom(50, 100, 250, 1000).map((milli) => ({
  cpu: milliUnits(milli),
  memory: milliUnits(milli * 2 ** 20 * 1000),
}));
const age = fc.integer({ min: 0, max: 1000 });
const amount = (max: number) =>
  fc.oneof(fc.double({ min: 0, max, noNaN: true }), fc.constantFrom(0, 1, Number.MAX_VALUE, 2 ** 53, 5e-324));

const pod: fc.Arbitrary<PodEvidence> = fc
  .record({
    requests,
    usage: fc.option(fc.record({ cpu: amount(1e10), memory: amount(1e11), age })),
    phase: fc.constantFrom("Running" as const, "Running" as const, "Pending" as const, "Failed" as const),
    deleting: fc.boolean(),
    started: age,
    ready: fc.option(fc.record({ status: fc.constantFrom("True", "False", "Unknown"), since: age })),
  })
  .map(({ usage, started, ready, ...rest }) => {
    const at = usage === null ? T0 : ago(usage.age);
    const window = millis(15_000);
    return aPod({
      phase: rest.phase,
      deleting: rest.deleting,
      shape: aShape([aContainer("app", { requests: rest.requests })]),
      startTime: ago(started),
      readiness:
        ready === null
          ? undefined
          : { status: ready.status as "True" | "False" | "Unknown", since: ago(ready.since) },
      usage:
        usage === null
          ? undefined
          : {
              at,
              window,
              containers: [
                {
                  container: "app",
                  cpu: nanoCores(usage.cpu),
                  memory: bytes(usage.memory),
                  at,
                  window,
                },
              ],
            },
    });
  });

const question: fc.Arbitrary<HorizontalQuestion> = fc
  .record({
    pods: fc.array(pod, { maxLength: 12 }),
    metrics: fc.array(metric, { minLength: 1, maxLength: 3 }),
    currentReplicas: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.constantFrom(10_000, INT32_MAX)),
    arithmetic: fc.constantFrom("exact" as const, "upstream" as const),
  })
  .map(({ metrics, arithmetic, ...rest }) => ({
    now: T0,
    spec: aHorizontalSpec({ metrics }),
    settings: { ...SETTINGS, arithmetic },
    ...rest,
  }));

test("a proposal is a whole number that fits an int32, and nothing crashes on extremes", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { combined, metrics } = proposeReplicas(asked);
      expect(metrics).toHaveLength(asked.spec.metrics.length);
      if (combined.kind === "failure") return;
      expect(Number.isInteger(combined.replicas)).toBe(true);
      expect(combined.replicas).toBeGreaterThanOrEqual(0);
      expect(combined.replicas).toBeLessThanOrEqual(INT32_MAX);
    }),
    { numRuns: 2000 },
  );
});

test("with a metric that has no answer the proposal is never a decrease", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { combined, metrics } = proposeReplicas(asked);
      if (metrics.every(({ kind }) => kind === "valid") || combined.kind === "failure") return;
      expect(combined.replicas).toBeGreaterThanOrEqual(asked.currentReplicas);
    }),
    { numRuns: 1000 },
  );
});

test("assumptions for missing and unready pods never turn a change round", () => {
  fc.assert(
    fc.property(question, ({ spec, ...asked }) => {
      const [first = cpuUtilization(60)] = spec.metrics;
      const [proposal] = proposeReplicas({ ...asked, spec: { ...spec, metrics: [first] } }).metrics;
      if (proposal?.kind !== "valid") return;
      const assumed = proposal.consideredCount > proposal.readyCount;
      if (!assumed) return;
      const change = Math.sign(proposal.replicas - asked.currentReplicas);
      if (proposal.because === "usage-over-target") expect(change).toBeGreaterThanOrEqual(0);
      else if (proposal.because === "usage-under-target") expect(change).toBeLessThanOrEqual(0);
      else expect(change).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

/** Cpu in millicores per pod, none unknown: the case in which more usage can only ask for more pods. */
const levels = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 10 });
const podsAt = (cpu: readonly number[]) => cpu.map((milli, n) => aPod({ name: `web-${n}`, cpu: milli }));
const replicasAt = (cpu: readonly number[], over: Partial<HorizontalQuestion> = {}) => {
  const { combined } = proposeReplicas(aQuestion({ pods: podsAt(cpu), ...over }));
  return combined.kind === "replicas" ? combined.replicas : undefined;
};

test("more usage never asks for fewer replicas", () => {
  fc.assert(
    fc.property(levels, fc.integer({ min: 0, max: 500 }), fc.nat(), (cpu, more, which) => {
      const raised = cpu.map((milli, index) => (index === which % cpu.length ? milli + more : milli));
      expect(replicasAt(raised)).toBeGreaterThanOrEqual(replicasAt(cpu) ?? 0);
    }),
  );
});

test("the exact answer is rational arithmetic's: the whole percent over the target times the pods, rounded up", () => {
  const target = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(levels, target, (cpu, percent) => {
      const total = cpu.reduce((sum, milli) => sum + milli, 0);
      const level = Math.floor((total * 100) / (1000 * cpu.length));
      const inBand = level * 10 >= percent * 9 && level * 10 <= percent * 11;
      const wanted = inBand ? cpu.length : Math.floor((level * cpu.length + percent - 1) / percent);
      expect(replicasAt(cpu, { spec: aHorizontalSpec({ metrics: [cpuUtilization(percent)] }) })).toBe(wanted);
    }),
  );
});

test("F11 the more pods are missing, the smaller a decrease becomes, and no change turns round", () => {
  fc.assert(
    fc.property(
      levels,
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 5, max: 200 }),
      (cpu, most, percent) => {
        const size = cpu.length + most;
        const spec = aHorizontalSpec({ metrics: [cpuUtilization(percent)] });
        const changes = Array.from({ length: most }, (_, fewer) => {
          const missing = Array.from({ length: fewer + 1 }, (__, n) => aPod({ name: `gone-${n}` }));
          const pods = [...podsAt(cpu), ...missing];
          const { combined } = proposeReplicas(aQuestion({ pods, spec, currentReplicas: size }));
          return combined.kind === "replicas" ? combined.replicas - size : 0;
        });
        const directions = new Set(changes.map(Math.sign).filter((direction) => direction !== 0));
        expect(directions.size).toBeLessThanOrEqual(1);
        if (directions.has(-1)) expect(changes).toEqual(changes.toSorted((one, other) => one - other));
      },
    ),
  );
});

test("an hour of wall clock more or less changes nothing when all stamps move with it", () => {
  fc.assert(
    fc.property(question, fc.integer({ min: -3_600_000, max: 3_600_000 }), (asked, by) => {
      const move = (at: EpochMillis) => epochMillis(at + by);
      const moved: HorizontalQuestion = {
        ...asked,
        now: move(asked.now),
        pods: asked.pods.map((one) => ({
          ...one,
          startTime: one.startTime && move(one.startTime),
          readiness: one.readiness && { ...one.readiness, since: move(one.readiness.since) },
          usage: one.usage && { ...one.usage, at: move(one.usage.at) },
        })),
      };
      expect(proposeReplicas(moved).combined).toEqual(proposeReplicas(asked).combined);
    }),
  );
});
