/**
 * Figures as text.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MilliUnits, milliUnits, type ResourceName } from "../../src/base/units.ts";
import type { MetricProposal } from "../../src/horizontal/proposal.ts";
import { metricsText, metricStatusOf, requestsText, shortAmount } from "../../src/report/figures.ts";
import { aPod, aValidMetric, anInvalidMetric, cpuAt } from "./records.ts";

const bytesInMilli = (bytes: number) => milliUnits(bytes * 1000);
const MI = 1024 ** 2;

const memoryAverage = (usage: number, target: number): MetricProposal =>
  aValidMetric({
    metric: {
      resource: "memory",
      container: undefined,
      target: { kind: "average-value", amount: bytesInMilli(target) },
    },
    utilization: undefined,
    averageValue: bytesInMilli(usage),
  });
const cpuAverage = aValidMetric({
  metric: {
    resource: "cpu",
    container: undefined,
    target: { kind: "average-value", amount: milliUnits(300) },
  },
  utilization: undefined,
});
const ofContainer = aValidMetric({ metric: { ...cpuAt(60), container: "app" } });

test.each<{ metrics: readonly MetricProposal[]; text: string }>([
  { metrics: [aValidMetric()], text: "cpu 90%/60%" },
  { metrics: [cpuAverage], text: "cpu 450m/300m" },
  { metrics: [anInvalidMetric()], text: "cpu ?/60%" },
  { metrics: [ofContainer], text: "app/cpu 90%/60%" },
  { metrics: [memoryAverage(310 * MI, 512 * MI)], text: "memory 310Mi/512Mi" },
  {
    metrics: [aValidMetric(), memoryAverage(1.44 * 1024 * MI, 2 * 1024 * MI)],
    text: "cpu 90%/60%, memory 1.4Gi/2Gi",
  },
  { metrics: [], text: "" },
])("the metrics column prints $text", ({ metrics, text }) => {
  expect(metricsText(metrics)).toBe(text);
});

test.each<{ what: string; proposal: MetricProposal; status: object }>([
  {
    what: "utilization and average",
    proposal: aValidMetric(),
    status: {
      type: "Resource",
      resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "450m" } },
    },
  },
  {
    what: "an average alone, memory in binary units",
    proposal: memoryAverage(310 * MI, 512 * MI),
    status: { type: "Resource", resource: { name: "memory", current: { averageValue: "310Mi" } } },
  },
  {
    what: "one container",
    proposal: ofContainer,
    status: {
      type: "ContainerResource",
      containerResource: {
        name: "cpu",
        container: "app",
        current: { averageUtilization: 90, averageValue: "450m" },
      },
    },
  },
  { what: "nothing for an invalid metric", proposal: anInvalidMetric(), status: { type: "" } },
])("a metric's status shows $what", ({ proposal, status }) => {
  expect(metricStatusOf(proposal)).toEqual(status);
});

test.each<[resource: ResourceName, amount: MilliUnits, text: string]>([
  ["cpu", milliUnits(450), "450m"],
  ["cpu", milliUnits(2000), "2"],
  ["memory", bytesInMilli(325_058_561), "310Mi"],
  ["memory", bytesInMilli(1.44 * 1024 * MI), "1.4Gi"],
  ["memory", bytesInMilli(700 * 1024), "700Ki"],
  ["memory", bytesInMilli(1023.9 * MI), "1Gi"],
  ["memory", milliUnits(0), "0Ki"],
])("an amount of %s, %i milli-units, is shown as %s", (resource, amount, text) => {
  expect(shortAmount(resource, amount)).toBe(text);
});

test("a shown amount of memory is off by half a step at most: a Ki, a Mi, or a tenth of a Gi", () => {
  const steps = { Ki: 1024, Mi: MI, Gi: (1024 * MI) / 10 };
  fc.assert(
    fc.property(fc.double({ min: 0, max: 9e12, noNaN: true }), (bytes) => {
      const [, digits, unit] = /^([\d.]+)(Ki|Mi|Gi)$/.exec(shortAmount("memory", bytesInMilli(bytes)))!;
      const step = steps[unit as keyof typeof steps];
      const back = Number(digits) * (unit === "Gi" ? step * 10 : step);
      expect(Math.abs(back - bytes)).toBeLessThanOrEqual(step / 2 + 1);
    }),
  );
});

describe("the requests column", () => {
  const requests = { cpu: milliUnits(100) };
  const container = { name: "c", requests, limits: {} };
  const shape = aPod().shape;

  test.each([
    { when: "a pod asks for both", pods: [aPod()], text: "cpu 240m mem 310Mi" },
    { when: "there are no pods", pods: [], text: "" },
    {
      when: "main and sidecar containers ask for CPU, and the init container had asked for less",
      pods: [
        aPod({
          shape: {
            ...shape,
            containers: [
              { ...container, role: "main" as const },
              { ...container, role: "sidecar" as const },
              { ...container, role: "init" as const },
            ],
          },
        }),
      ],
      text: "cpu 200m mem -",
    },
    {
      when: "the pod as a whole asks",
      pods: [aPod({ shape: { ...shape, podRequests: { cpu: milliUnits(500) } } })],
      text: "cpu 500m mem 310Mi",
    },
    {
      when: "most pods agree",
      pods: [aPod({ shape: { ...shape, podRequests: { cpu: milliUnits(500) } } }), aPod(), aPod()],
      text: "cpu 240m mem 310Mi",
    },
  ])("prints '$text' when $when", ({ pods, text }) => {
    expect(requestsText(pods)).toBe(text);
  });
});
