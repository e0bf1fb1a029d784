/**
 * What decisions leave in the series.
 */
import { describe, expect, test } from "vitest";
import { millis, milliUnits } from "../../src/base/units.ts";
import { measureDecision, measureWrite, verdictOf } from "../../src/report/measure/decisions.ts";
import { PolicyGauges, type PolicyShow } from "../../src/report/measure/policies.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import { createMeter } from "../../src/serve/meter.ts";
import { aHorizontalSpec, aPolicySpec } from "../builders.ts";
import {
  aBlindPlan,
  anInvalidMetric,
  aPlan,
  aPlanAtZero,
  at,
  aValidMetric,
  KEY,
  notDecided,
  planned,
  scaledWith,
  statusAfter,
  steady,
  withheld,
} from "./records.ts";

/** The real meter, read back as lines without the process's own and without buckets. */
function measured() {
  const { meter, render } = createMeter();
  const lines = async (part: string): Promise<string[]> =>
    (await render()).split("\n").filter((line) => line.startsWith(part) && !line.includes("_bucket"));
  return { meter, lines };
}

const held = planned(
  aPlan({
    from: 4,
    to: 4,
    proposal: {
      metrics: [aValidMetric({ replicas: 3 })],
      combined: { kind: "replicas", replicas: 3, upstreamReplicas: 3, winner: 0, invalidCount: 0 },
    },
  }),
  { kind: "none" },
);
const refused = scaledWith({ kind: "refused", status: 422, message: "no" });
const halfBlind = planned(
  aPlan({
    proposal: {
      metrics: [aValidMetric(), anInvalidMetric()],
      combined: { kind: "replicas", replicas: 6, upstreamReplicas: 6, winner: 0, invalidCount: 1 },
    },
  }),
);

const QUICK = { waited: millis(0), took: millis(1) };

test.each<{ when: string; record: DecisionRecord; verdict: string; action: string; error: string }>([
  { when: "replicas were added", record: planned(), verdict: "scaled-up", action: "scale_up", error: "none" },
  {
    when: "removed",
    record: planned(aPlan({ from: 6, to: 4 })),
    verdict: "scaled-down",
    action: "scale_down",
    error: "none",
  },
  { when: "nothing is wanted", record: steady(), verdict: "unchanged", action: "none", error: "none" },
  { when: "a window keeps the count", record: held, verdict: "held", action: "none", error: "none" },
  {
    when: "no metric has an answer",
    record: planned(aBlindPlan(), { kind: "none" }),
    verdict: "no-metrics",
    action: "none",
    error: "internal",
  },
  {
    when: "someone scaled the target to 0",
    record: planned(aPlanAtZero(), { kind: "none" }),
    verdict: "unchanged",
    action: "none",
    error: "none",
  },
  {
    when: "one of two has none",
    record: halfBlind,
    verdict: "scaled-up",
    action: "scale_up",
    error: "internal",
  },
  {
    when: "the mode is Shadow",
    record: planned(aPlan(), withheld("Shadow")),
    verdict: "withheld",
    action: "none",
    error: "none",
  },
  {
    when: "the write is refused",
    record: planned(aPlan(), refused),
    verdict: "not-written",
    action: "none",
    error: "internal",
  },
  {
    when: "the plan is doubted",
    record: planned(aPlan(), { kind: "doubted", doubt: "plan-too-old" }),
    verdict: "not-written",
    action: "none",
    error: "internal",
  },
  {
    when: "the spec is invalid",
    record: notDecided("InvalidSpec", "Ready"),
    verdict: "not-decided",
    action: "none",
    error: "spec",
  },
  {
    when: "the target is missing",
    record: notDecided("FailedGetScale", "AbleToScale"),
    verdict: "not-decided",
    action: "none",
    error: "internal",
  },
  {
    when: "there is nothing to scale",
    record: notDecided("HorizontalOmitted", "ScalingActive"),
    verdict: "not-decided",
    action: "none",
    error: "none",
  },
])("when $when the verdict is $verdict, for the HPA's dashboards $action/$error", async (row) => {
  const { meter, lines } = measured();
  measureDecision(meter, row.record, { waited: millis(20), took: millis(40) });
  expect(verdictOf(row.record)).toBe(row.verdict);
  expect(await lines("plimsoll_decisions_total")).toEqual([
    `plimsoll_decisions_total{verdict="${row.verdict}"} 1`,
  ]);
  expect(await lines("horizontal_pod_autoscaler_controller_reconciliation")).toEqual([
    `horizontal_pod_autoscaler_controller_reconciliations_total{action="${row.action}",error="${row.error}"} 1`,
    `horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_sum{action="${row.action}",error="${row.error}"} 0.04`,
    `horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_count{action="${row.action}",error="${row.error}"} 1`,
  ]);
});

test("each metric counts with the direction that it asked for alone", async () => {
  const { meter, lines } = measured();
  measureDecision(meter, halfBlind, QUICK);
  measureDecision(meter, held, QUICK);
  const series = "horizontal_pod_autoscaler_controller_metric_computation_total";
  expect(await lines(series)).toEqual([
    `${series}{action="scale_up",error="none",metric_type="Resource"} 1`,
    `${series}{action="none",error="internal",metric_type="Resource"} 1`,
    `${series}{action="scale_down",error="none",metric_type="Resource"} 1`,
  ]);
});

test("the way from samples to a new count is measured where samples were what it began with", async () => {
  const { meter, lines } = measured();
  const times = { waited: millis(20), took: millis(40) };
  measureDecision(meter, { ...planned(), trigger: "fresh-samples" }, times);
  measureDecision(meter, { ...planned(), trigger: "retry" }, times);
  measureDecision(meter, { ...planned(aPlan(), refused), trigger: "fresh-samples" }, times);
  expect(await lines("plimsoll_samples_to_scale_seconds")).toEqual([
    "plimsoll_samples_to_scale_seconds_sum 0.06",
    "plimsoll_samples_to_scale_seconds_count 1",
  ]);
});

test("each rail that moved the count is counted", async () => {
  const { meter, lines } = measured();
  const moves = (["behavior", "bounds"] as const).map((rail) => ({ rail, before: 9, after: 6, why: "" }));
  measureDecision(meter, planned(aPlan({ moves })), QUICK);
  expect(await lines("plimsoll_rails_moved_total")).toEqual([
    'plimsoll_rails_moved_total{rail="behavior"} 1',
    'plimsoll_rails_moved_total{rail="bounds"} 1',
  ]);
});

test("writes are counted by what was written and how it was answered", async () => {
  const { meter, lines } = measured();
  measureWrite(meter, "lease", { kind: "written", resourceVersion: "1" });
  measureWrite(meter, "scale", { kind: "throttled", retryAfter: undefined, message: "" });
  expect(await lines("plimsoll_writes_total")).toEqual([
    'plimsoll_writes_total{what="lease",outcome="written"} 1',
    'plimsoll_writes_total{what="scale",outcome="throttled"} 1',
  ]);
});

describe("a policy's gauges", () => {
  function showing() {
    const { meter, lines } = measured();
    const gauges = new PolicyGauges(meter);
    const show = (record: DecisionRecord, { spec }: Pick<PolicyShow, "spec"> = { spec: aPolicySpec() }) =>
      gauges.show(KEY, { record, spec, status: statusAfter(record)! });
    return { gauges, lines, show };
  }

  test("stand in for kube-state-metrics' of an HPA", async () => {
    const { show, lines } = showing();
    show(planned());
    const of = 'namespace="shop",policy="web"';
    const metric = 'metric_name="cpu",container="",metric_target_type="utilization"';
    expect(await lines("plimsoll_policy_")).toEqual([
      `plimsoll_policy_info{${of},target_api_version="apps/v1",target_kind="Deployment",target_name="web",mode="Active"} 1`,
      `plimsoll_policy_generation{${of}} 1`,
      `plimsoll_policy_min_replicas{${of}} 2`,
      `plimsoll_policy_max_replicas{${of}} 20`,
      `plimsoll_policy_current_replicas{${of}} 4`,
      `plimsoll_policy_desired_replicas{${of}} 6`,
      `plimsoll_policy_condition{${of},condition="Ready",status="true"} 1`,
      `plimsoll_policy_condition{${of},condition="ScalingActive",status="true"} 1`,
      `plimsoll_policy_condition{${of},condition="AbleToScale",status="true"} 1`,
      `plimsoll_policy_condition{${of},condition="ScalingLimited",status="false"} 1`,
      `plimsoll_policy_target_metric{${of},${metric}} 60`,
      `plimsoll_policy_current_metric{${of},${metric}} 90`,
    ]);
    expect(await lines("horizontal_pod_autoscaler_controller_desired")).toEqual([
      'horizontal_pod_autoscaler_controller_desired_replicas{namespace="shop",hpa_name="web"} 6',
    ]);
    expect(await lines("horizontal_pod_autoscaler_controller_num")).toEqual([
      "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers 1",
    ]);
  });

  test("show an average in cores and bytes", async () => {
    const { show, lines } = showing();
    const metric = {
      resource: "memory",
      container: "app",
      target: { kind: "average-value", amount: milliUnits(512_000) },
    } as const;
    const averageValue = milliUnits(310_000);
    const proposal = {
      ...aPlan().proposal,
      metrics: [aValidMetric({ metric, averageValue, utilization: undefined })],
    };
    show(planned(aPlan({ proposal })), {
      spec: aPolicySpec({ horizontal: aHorizontalSpec({ metrics: [metric] }) }),
    });
    const labels =
      'namespace="shop",policy="web",metric_name="memory",container="app",metric_target_type="average"';
    expect(await lines("plimsoll_policy_target_metric")).toEqual([
      `plimsoll_policy_target_metric{${labels}} 512`,
    ]);
    expect(await lines("plimsoll_policy_current_metric")).toEqual([
      `plimsoll_policy_current_metric{${labels}} 310`,
    ]);
  });

  test("forget what is no longer so", async () => {
    const { show, lines } = showing();
    show(planned());
    show(notDecided("InvalidSpec", "Ready"), { spec: undefined });
    expect(await lines("plimsoll_policy_")).toEqual([
      'plimsoll_policy_generation{namespace="shop",policy="web"} 1',
      'plimsoll_policy_condition{namespace="shop",policy="web",condition="Ready",status="false"} 1',
      ...["ScalingActive", "AbleToScale", "ScalingLimited"].map(
        (type) =>
          `plimsoll_policy_condition{namespace="shop",policy="web",condition="${type}",status="unknown"} 1`,
      ),
    ]);
  });

  test("say since when a change is held, until it no longer is", async () => {
    const { show, lines } = showing();
    const series = "plimsoll_policy_held_since_seconds";
    show(held);
    show(planned(aBlindPlan(), { kind: "none" }, { at: at(60) }));
    expect(await lines(series)).toEqual([`${series}{namespace="shop",policy="web"} ${at(0) / 1000}`]);
    show(steady({ at: at(120) }));
    expect(await lines(series)).toEqual([]);
  });

  test.each([
    ["the policy is gone", (gauges: PolicyGauges) => gauges.forget(KEY)],
    ["another process leads", (gauges: PolicyGauges) => gauges.clear()],
  ])("are gone when %s", async (_when, act) => {
    const { gauges, show, lines } = showing();
    show(held);
    act(gauges);
    expect(await lines("plimsoll_policy_")).toEqual([]);
    expect(await lines("horizontal_pod_autoscaler_controller_num")).toEqual([
      "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers 0",
    ]);
  });
});
