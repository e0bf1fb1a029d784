/**
 * Every reason that a condition of a ScalePolicy may give: what it means, and what to do. docs/reasons.md is
 * generated from it.
 *
 * Invariant: a reason has one meaning and one status, whichever condition shows it; the names that the HPA and
 * the VPA use mean here what they mean there.
 */
import { must } from "../base/assert.ts";
import type { Condition, ConditionStatus } from "../policy/status.ts";
import type { EventReasonName } from "./event-reasons.ts";
import { VERTICAL_REASONS } from "./vertical/reasons.ts";

export type ConditionReason = Readonly<{
  reason: string;
  /** The condition that it belongs to. Ready shows it too where it stands in the way. */
  type: Condition["type"] | "every";
  status: ConditionStatus;
  /** A name of autoscaling/v2's controller, or of the VPA's recommender. */
  from?: "HPA" | "VPA";
  meaning: string;
  /** What to do; absent where all is as it should be. */
  remedy?: string;
  /** The Event that tells of its beginning; none where it comes and goes in everyday work. */
  event?: EventReasonName;
}>;

export const CONDITION_REASONS = [
  {
    reason: "NeverObserved",
    type: "every",
    status: "Unknown",
    meaning: "No decision has been made about this policy yet.",
    remedy: "Wait for a few rounds; if it stays, see whether a leader runs (`plimsoll_leader`).",
  },
  {
    reason: "Active",
    type: "Ready",
    status: "True",
    meaning: "The policy decides and acts.",
  },
  {
    reason: "PodsSelectedByLabels",
    type: "Ready",
    status: "True",
    meaning:
      "The policy decides and acts, on pods that were found by the labels of the scale's selector, because no owner reference leads from them to the target.",
    remedy: "Make sure that no other workload's pods match the selector: they would be counted too.",
  },
  {
    reason: "Shadow",
    type: "Ready",
    status: "True",
    meaning: "`mode: Shadow`: decisions are made and shown, no workload is written.",
    remedy: "Set `mode: Active` when the decisions are what you want.",
  },
  {
    reason: "Paused",
    type: "ScalingActive",
    status: "False",
    meaning: "`mode: Paused`: the target is observed, no workload is written. Ready stays True.",
    remedy: "Set `mode: Active` to go on.",
  },
  {
    reason: "HorizontalOmitted",
    type: "ScalingActive",
    status: "False",
    meaning: "`spec.horizontal` is left out: replicas are never touched. Ready stays True.",
    remedy: "Nothing, or write `spec.horizontal`.",
  },
  {
    reason: "InvalidSpec",
    type: "Ready",
    status: "False",
    meaning: "The spec breaks a rule that the installed CRD did not enforce; nothing is written.",
    remedy: "Change the field that the message names, and install this version's CRD.",
    event: "InvalidSpec",
  },
  {
    reason: "UnknownField",
    type: "Ready",
    status: "False",
    meaning:
      "The spec holds a field that this operator does not know; acting on half of a spec is worse than holding.",
    remedy: "Upgrade the operator, or remove the field that the message names.",
    event: "UnknownField",
  },
  {
    reason: "ForeignAutoscaler",
    type: "AbleToScale",
    status: "False",
    meaning:
      "A HorizontalPodAutoscaler (perhaps a ScaledObject's) scales the same target: this policy is on standby, decides without writing, and takes over when the other is gone.",
    remedy: "Delete the other autoscaler, or set `mode: Shadow` to compare both.",
    event: "ForeignAutoscaler",
  },
  {
    reason: "OtherInstallation",
    type: "AbleToScale",
    status: "False",
    meaning:
      "Another installation of this operator, with a Lease of its own, works on this policy too: both hold, decide without writing, and go on when one of them has been silent for 5 minutes.",
    remedy: "Remove one of them; the message names the other's Lease, as namespace/name.",
    event: "OtherInstallation",
  },
  {
    reason: "TargetConflict",
    type: "AbleToScale",
    status: "False",
    meaning: "An older Active policy scales the same target; the oldest keeps it.",
    remedy: "Delete one of them, or set its mode to Shadow.",
    event: "TargetConflict",
  },
  {
    reason: "Contended",
    type: "AbleToScale",
    status: "False",
    meaning:
      "Someone else takes our writes back: three times in 10 minutes, and again within every 10 minutes since. At most 6 writes are made in 10 minutes, no two within 100 s, until 10 minutes have passed without a reversion.",
    remedy:
      "Leave `replicas` out of what the other applies. The message names its field manager, and what to write for Argo CD and Flux.",
    event: "Contended",
  },
  {
    reason: "SucceededGetScale",
    type: "AbleToScale",
    status: "True",
    from: "HPA",
    meaning: "The target's scale could be read.",
  },
  {
    reason: "ReadyForNewScale",
    type: "AbleToScale",
    status: "True",
    from: "HPA",
    meaning: "The recommendation was used as it is.",
  },
  {
    reason: "ScaleDownStabilized",
    type: "AbleToScale",
    status: "True",
    from: "HPA",
    meaning: "A higher recommendation within the scale-down window is used instead.",
    remedy: "Nothing; `behavior.scaleDown.stabilizationWindowSeconds` is the window.",
  },
  {
    reason: "ScaleUpStabilized",
    type: "AbleToScale",
    status: "True",
    from: "HPA",
    meaning: "A lower recommendation within the scale-up window is used instead.",
    remedy: "Nothing; `behavior.scaleUp.stabilizationWindowSeconds` is the window.",
  },
  {
    reason: "SucceededRescale",
    type: "AbleToScale",
    status: "True",
    from: "HPA",
    meaning: "The replica count was set in this decision.",
  },
  {
    reason: "FailedGetScale",
    type: "AbleToScale",
    status: "False",
    from: "HPA",
    meaning: "The target or its `scale` could not be read: missing, forbidden, or the API server is away.",
    remedy: "See the message: create the target, correct `targetRef`, or grant `get` on its `scale`.",
    event: "FailedGetScale",
  },
  {
    reason: "FailedUpdateScale",
    type: "AbleToScale",
    status: "False",
    from: "HPA",
    meaning: "The replica count could not be written. It is decided anew and tried again, later each time.",
    remedy: "See the message: grant `update` on the target's `scale`, or look at the webhook that refused.",
    event: "FailedRescale",
  },
  {
    reason: "ValidMetricFound",
    type: "ScalingActive",
    status: "True",
    from: "HPA",
    meaning: "A replica count could be computed from the metrics.",
  },
  {
    reason: "ScalingDisabled",
    type: "ScalingActive",
    status: "False",
    from: "HPA",
    meaning: "Someone set the target to 0 replicas, which pauses the policy. Ready stays True.",
    remedy: "Scale the target to 1 or more to go on.",
  },
  {
    reason: "FailedGetResourceMetric",
    type: "ScalingActive",
    status: "False",
    from: "HPA",
    meaning:
      "No usable samples of a Resource metric, or a container without the request that a utilization needs; the count is held.",
    remedy: "See the message: set requests, or look at the pods and nodes that it names.",
    event: "FailedComputeMetricsReplicas",
  },
  {
    reason: "FailedGetContainerResourceMetric",
    type: "ScalingActive",
    status: "False",
    from: "HPA",
    meaning: "As FailedGetResourceMetric, for a ContainerResource metric; or no container has that name.",
    remedy: "See the message: correct the container's name, set its requests, or look at its pods.",
    event: "FailedComputeMetricsReplicas",
  },
  {
    reason: "DesiredWithinRange",
    type: "ScalingLimited",
    status: "False",
    from: "HPA",
    meaning: "Nothing limits what the metrics ask for.",
  },
  {
    reason: "TooFewReplicas",
    type: "ScalingLimited",
    status: "True",
    from: "HPA",
    meaning: "The metrics ask for fewer than `minReplicas`.",
    remedy: "Nothing, or lower `minReplicas`.",
  },
  {
    reason: "TooManyReplicas",
    type: "ScalingLimited",
    status: "True",
    from: "HPA",
    meaning: "The metrics ask for more than `maxReplicas`.",
    remedy: "Raise `maxReplicas` if the cluster can hold it, or make the workload cheaper.",
  },
  {
    reason: "ScaleUpLimit",
    type: "ScalingLimited",
    status: "True",
    from: "HPA",
    meaning: "The rate of growth is limited, by `behavior.scaleUp` or to twice the count in 15 s without it.",
    remedy: "Nothing, or change `behavior.scaleUp.policies`.",
  },
  {
    reason: "ScaleDownLimit",
    type: "ScalingLimited",
    status: "True",
    from: "HPA",
    meaning: "The rate of decrease is limited by `behavior.scaleDown`.",
    remedy: "Nothing, or change `behavior.scaleDown.policies`.",
  },
  {
    reason: "QuotaLimited",
    type: "ScalingLimited",
    status: "True",
    meaning:
      "Quota or admission refuses further pods; the refused replicas are tried again one at a time, every 5 minutes.",
    remedy: "Raise the quota, or correct what the message says about the refusal.",
    event: "QuotaLimited",
  },
  {
    reason: "MissingEvidence",
    type: "ScalingLimited",
    status: "True",
    meaning:
      "A decrease is held: a metric has no answer, too many pods lack a fresh sample, or what is known of them is old.",
    remedy: "See the message for the pods and nodes; it ends when they report again.",
  },
  {
    reason: "BlindCluster",
    type: "ScalingLimited",
    status: "True",
    meaning: "Every decrease is held: more than 30 % of the nodes that should report are silent.",
    remedy: "Look at the network between the operator and the kubelets, and at their certificates.",
  },
  {
    reason: "RolloutInProgress",
    type: "ScalingLimited",
    status: "True",
    meaning: "The rollout of the target limits the count: no decrease, and surge pods raise nothing.",
    remedy: "Wait for the rollout.",
  },
  {
    reason: "RolloutStuck",
    type: "ScalingLimited",
    status: "True",
    meaning:
      "A decrease is held, because the target's rollout passed its deadline; after 30 minutes the ready pods decide.",
    remedy: "Mend the rollout or undo it.",
    event: "RolloutStuck",
  },
  {
    reason: "FirstMoveAnnounced",
    type: "ScalingLimited",
    status: "True",
    meaning: "The first move after an edit or a take-over is large: it is shown for 15 s before it is made.",
    remedy: "Nothing, or set `mode: Paused` if it is not what you meant.",
  },
  {
    reason: "WindowsIncomplete",
    type: "ScalingLimited",
    status: "True",
    meaning:
      "A decrease is held until the scale-down window is full again, after a start without history or a gap in it.",
    remedy: "Wait for one window.",
  },
  {
    reason: "AfterSilence",
    type: "ScalingLimited",
    status: "True",
    meaning: "Samples are back after a silence of more than 5 minutes; decreases wait for 3 complete rounds.",
    remedy: "Wait for them.",
  },
  {
    reason: "ClusterBrake",
    type: "ScalingLimited",
    status: "True",
    meaning: "All policies together moved so many replicas within 10 minutes that further moves are limited.",
    remedy: "See what moved them; if it is meant, lift the brake with its flag (docs/flags.md).",
    event: "ClusterBrake",
  },
  ...VERTICAL_REASONS,
] as const satisfies readonly ConditionReason[];

export type ReasonName = (typeof CONDITION_REASONS)[number]["reason"];

/** Reasons why no plan is made, or a plan is not followed. */
export type ObstacleName = Extract<(typeof CONDITION_REASONS)[number], { status: "False" }>["reason"];

const CONDITIONS = new Map<string, ConditionReason>(CONDITION_REASONS.map((row) => [row.reason, row]));

/** Its row; undefined for a name that an older or newer operator wrote. */
export const findReason = (reason: string): ConditionReason | undefined => CONDITIONS.get(reason);

/** A condition for a reason of the table, which knows its status. */
export type Stated = Readonly<Pick<Condition, "type" | "status" | "reason" | "message">>;

export const stated = (type: Condition["type"], reason: ReasonName, message: string): Stated => ({
  type,
  status: reasonOf(reason).status,
  reason,
  message,
});

export const reasonOf = (reason: ReasonName): ConditionReason =>
  must(CONDITIONS.get(reason), `${reason} has a row`);
