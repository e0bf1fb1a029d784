/**
 * What is kept of a decision: its whole question, the plan, what was done about it and what the API said.
 * Every evaluation leaves one, also one that changed nothing.
 */
import type { ObjectKey, Uid } from "../base/ids.ts";
import type { WriteOutcome } from "../base/outcome.ts";
import type { EpochMillis } from "../base/units.ts";
import type { Plan } from "../coordinate/plan.ts";
import type { PlanQuestion } from "../coordinate/question.ts";
import type { RequestPlan } from "../coordinate/requests/plan.ts";
import type { MetricSpec, PolicyMode, TargetRef } from "../policy/policy.ts";
import type { VerticalProposal } from "../vertical/proposal.ts";
import type { VerticalQuestion } from "../vertical/question.ts";
import type { ObstacleName } from "./reasons.ts";

/** Why a policy was looked at, for the log; a decision never depends on it. */
export type Trigger =
  "fresh-samples" | "timer" | "policy-changed" | "target-changed" | "oom-kill" | "took-over" | "retry";

/** What was done about a plan. */
export type Effect =
  /** The plan is what is there already. */
  | Readonly<{ kind: "none" }>
  /**
   * The plan was not applied, on purpose: the mode writes nothing, or someone else owns this axis of the
   * target (a foreign autoscaler, an older Active policy, another installation). `message` names who or
   * why, as a sentence.
   */
  | Readonly<{
      kind: "withheld";
      because: "Shadow" | "Paused" | "ForeignAutoscaler" | "TargetConflict" | "OtherInstallation";
      message: string;
    }>
  /** Something changed between deciding and writing; it is decided again from a fresh look. */
  | Readonly<{ kind: "doubted"; doubt: string }>
  | Readonly<{ kind: "scaled"; outcome: WriteOutcome }>;

/** Someone takes our writes of the target back, again and again. */
export type Contest = Readonly<{
  /** How often in the last ten minutes. */
  reversions: number;
  /** Who did so last, as managedFields name them. */
  by: string | undefined;
}>;

/** Why no plan was made: the condition to show. */
export type NotDecided = Readonly<{
  condition: "Ready" | "ScalingActive" | "AbleToScale";
  /** From the table of reasons: `InvalidSpec`, `UnknownField`, `FailedGetScale`, … */
  reason: ObstacleName;
  message: string;
}>;

/** A utilization that horizontal follows: a percentage of the requests that vertical recommends. */
export type FollowedUtilization = Readonly<{
  metric: MetricSpec;
  /** How far usage may be above the target before replicas are added, a fraction. */
  tolerance: number;
}>;

/** What was recommended about requests, and what becomes of it; made anew once a minute. */
export type VerticalVerdict = Readonly<{
  question: VerticalQuestion;
  proposal: VerticalProposal;
  /** Pods of the target that are there. */
  podCount: number;
  /** Why the target cannot be worked on, as a sentence. */
  unsupported: string | undefined;
  /** Of the policy's own horizontal. */
  followed: readonly FollowedUtilization[];
  applying: RequestPlan["applying"];
}>;

export type DecisionRecord = Readonly<{
  /**
   * `policy` is namespace/name; `epoch` counts leaderships, `sequence` decisions of this policy within one.
   */
  id: Readonly<{ policy: ObjectKey; epoch: number; sequence: number }>;
  at: EpochMillis;
  trigger: Trigger;
  policy: Readonly<{ namespace: string; name: string; uid: Uid; generation: number }>;
  /** undefined while the spec does not parse. */
  target: TargetRef | undefined;
  mode: PolicyMode | undefined;
  verdict:
    | Readonly<{ kind: "planned"; question: PlanQuestion; plan: Plan; effect: Effect; contest?: Contest }>
    | Readonly<{ kind: "not-decided"; why: NotDecided }>;
  /** undefined: the spec has no `vertical`, or does not parse. */
  vertical?: VerticalVerdict;
}>;

/**
 * Whether the metrics were asked: at 0 replicas, someone has paused the policy, and there is no pod to
 * measure.
 */
export const asksMetrics = ({ from, to }: Plan): boolean => from !== 0 || to !== 0;
