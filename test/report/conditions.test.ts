/**
 * Which condition says what after which decision.
 */
import { describe, expect, test } from "vitest";
import type { PlanCondition } from "../../src/coordinate/plan.ts";
import type { Condition } from "../../src/policy/status.ts";
import { conditionsOf } from "../../src/report/conditions.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import {
  aBlindPlan,
  aPlan,
  aPlanAtZero,
  aQuestion,
  at,
  conditionsWith,
  notDecided,
  planned,
  scaledWith,
  steady,
  TAKEN_BACK,
  withheld,
  WRITTEN,
} from "./records.ts";

const FORBIDDEN = { kind: "forbidden", status: 403, message: "no right to update it" } as const;
const CONFLICT = { kind: "conflict", message: "someone wrote first" } as const;
const FOUND_BY_LABELS = aQuestion({ evidence: { ...aQuestion().evidence, attributedBy: "selector" } });
const AT_MAX: PlanCondition = {
  type: "ScalingLimited",
  status: "True",
  reason: "TooManyReplicas",
  message: "26 wanted, maxReplicas is 20",
};

/** `Ready ScalingActive AbleToScale ScalingLimited`, each as its status and reason. */
const shown = (record: DecisionRecord, previous: readonly Condition[] = []) =>
  conditionsOf(record, previous).map(({ status, reason }) => `${status}/${reason}`);

test.each<{ when: string; record: DecisionRecord; conditions: string[] }>([
  {
    when: "the replica count was set",
    record: planned(),
    conditions: ["True/Active", "True/ValidMetricFound", "True/SucceededRescale", "False/DesiredWithinRange"],
  },
  {
    when: "the metrics ask for what is there",
    record: steady(),
    conditions: ["True/Active", "True/ValidMetricFound", "True/ReadyForNewScale", "False/DesiredWithinRange"],
  },
  {
    when: "a bound limits the count",
    record: planned(aPlan({ conditions: conditionsWith(AT_MAX) })),
    conditions: ["True/Active", "True/ValidMetricFound", "True/SucceededRescale", "True/TooManyReplicas"],
  },
  {
    when: "no metric has an answer",
    record: planned(aBlindPlan(), { kind: "none" }),
    conditions: [
      "False/FailedGetResourceMetric",
      "False/FailedGetResourceMetric",
      "True/ReadyForNewScale",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "the write was refused",
    record: planned(aPlan(), scaledWith(FORBIDDEN)),
    conditions: [
      "False/FailedUpdateScale",
      "True/ValidMetricFound",
      "False/FailedUpdateScale",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "someone wrote first, which is looked at again at once",
    record: planned(aPlan(), scaledWith(CONFLICT)),
    conditions: ["True/Active", "True/ValidMetricFound", "True/ReadyForNewScale", "False/DesiredWithinRange"],
  },
  {
    when: "the plan was doubted at the last look",
    record: planned(aPlan(), { kind: "doubted", doubt: "plan-too-old" }),
    conditions: ["True/Active", "True/ValidMetricFound", "True/ReadyForNewScale", "False/DesiredWithinRange"],
  },
  {
    when: "the mode is Shadow",
    record: planned(aPlan(), withheld("Shadow")),
    conditions: ["True/Shadow", "True/ValidMetricFound", "True/ReadyForNewScale", "False/DesiredWithinRange"],
  },
  {
    when: "the mode is Paused",
    record: planned(aPlan(), withheld("Paused")),
    conditions: ["True/Paused", "False/Paused", "True/ReadyForNewScale", "False/DesiredWithinRange"],
  },
  {
    when: "a foreign autoscaler is there",
    record: planned(aPlan(), withheld("ForeignAutoscaler")),
    conditions: [
      "False/ForeignAutoscaler",
      "True/ValidMetricFound",
      "False/ForeignAutoscaler",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "another installation works on the policy",
    record: planned(aPlan(), withheld("OtherInstallation")),
    conditions: [
      "False/OtherInstallation",
      "True/ValidMetricFound",
      "False/OtherInstallation",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "an older policy owns the target",
    record: planned(aPlan(), withheld("TargetConflict")),
    conditions: [
      "False/TargetConflict",
      "True/ValidMetricFound",
      "False/TargetConflict",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "our write is the next of many that were taken back",
    record: planned(aPlan(), WRITTEN, { contest: TAKEN_BACK }),
    conditions: ["False/Contended", "True/ValidMetricFound", "False/Contended", "False/DesiredWithinRange"],
  },
  {
    when: "our writes are taken back, and the next is refused",
    record: planned(aPlan(), scaledWith(FORBIDDEN), { contest: TAKEN_BACK }),
    conditions: [
      "False/FailedUpdateScale",
      "True/ValidMetricFound",
      "False/FailedUpdateScale",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "someone scaled the target to 0",
    record: planned(aPlanAtZero(), { kind: "none" }),
    conditions: [
      "True/ScalingDisabled",
      "False/ScalingDisabled",
      "True/ReadyForNewScale",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "pods were found by labels",
    record: planned(aPlan(), { kind: "none" }, { question: FOUND_BY_LABELS }),
    conditions: [
      "True/PodsSelectedByLabels",
      "True/ValidMetricFound",
      "True/ReadyForNewScale",
      "False/DesiredWithinRange",
    ],
  },
  {
    when: "the spec is invalid, at first sight",
    record: notDecided("InvalidSpec", "Ready"),
    conditions: [
      "False/InvalidSpec",
      "Unknown/NeverObserved",
      "Unknown/NeverObserved",
      "Unknown/NeverObserved",
    ],
  },
  {
    when: "the target is missing, at first sight",
    record: notDecided("FailedGetScale", "AbleToScale"),
    conditions: [
      "False/FailedGetScale",
      "Unknown/NeverObserved",
      "False/FailedGetScale",
      "Unknown/NeverObserved",
    ],
  },
  {
    when: "nothing is to be scaled horizontally",
    record: notDecided("HorizontalOmitted", "ScalingActive"),
    conditions: [
      "True/HorizontalOmitted",
      "False/HorizontalOmitted",
      "Unknown/NeverObserved",
      "Unknown/NeverObserved",
    ],
  },
])("when $when", ({ record, conditions }) => {
  expect(shown(record)).toEqual(conditions);
});

test("writes that are taken back are told with whose work it is, and what ends it", () => {
  const [, , able] = conditionsOf(planned(aPlan(), WRITTEN, { contest: TAKEN_BACK }), []);
  expect(able?.message).toMatch(/^argocd-controller took our writes back 3 times in 10 minutes/);
  expect(able?.message).toMatch(/Argo CD, ignoreDifferences .* Flux .* no spec.replicas/);
});

describe("a condition that a decision says nothing about", () => {
  const before = conditionsOf(steady(), []);
  const after = conditionsOf(notDecided("InvalidSpec", "Ready", { at: at(60), generation: 2 }), before);

  test("stays as it was, with the generation that it was true of", () => {
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(after.map(({ observedGeneration }) => observedGeneration)).toEqual([2, 1, 1, 1]);
  });
});

describe("lastTransitionTime", () => {
  const begun = conditionsOf(steady(), []);

  test("moves when the status changes", () => {
    const [ready] = conditionsOf(planned(aBlindPlan(), { kind: "none" }, { at: at(60) }), begun);
    expect(ready).toMatchObject({ status: "False", lastTransitionTime: "2026-11-25T12:01:00Z" });
  });

  test("stays when only the reason or the message changes", () => {
    const later = conditionsOf(planned(aPlan(), withheld("Shadow"), { at: at(60) }), begun);
    expect(later[0]).toMatchObject({ reason: "Shadow", lastTransitionTime: "2026-11-25T12:00:00Z" });
    expect(later.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(
      begun.map(({ lastTransitionTime }) => lastTransitionTime),
    );
  });
});

test("a refused write stands while the next try waits, and is over once it could be written", () => {
  const refused = conditionsOf(planned(aPlan(), scaledWith(FORBIDDEN)), []);
  const waiting = conditionsOf(
    planned(aPlan(), { kind: "doubted", doubt: "waiting-after-failure" }, { at: at(15) }),
    refused,
  );
  expect(waiting).toEqual(refused);
  const [ready] = conditionsOf(
    planned(aPlan(), scaledWith({ kind: "written", resourceVersion: "2" })),
    waiting,
  );
  expect(ready).toMatchObject({ status: "True", reason: "Active" });
});

test("a refused write says in whose words", () => {
  const [, , able] = conditionsOf(planned(aPlan(), scaledWith(FORBIDDEN)), []);
  expect(able?.message).toBe("setting 6 replicas: no right to update it");
});
