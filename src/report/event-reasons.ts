/**
 * Every reason that an Event about a ScalePolicy, a node or an APIService may give. docs/reasons.md is generated from it.
 *
 * Invariant: the names that the HPA uses mean here what they mean there.
 */
import { must } from "../base/assert.ts";

export type EventReason = Readonly<{
  reason: string;
  type: "Normal" | "Warning";
  action: "Scale" | "Decide" | "Scrape" | "Register";
  /** A name of autoscaling/v2's controller. */
  from?: "HPA";
  /** When it is told. */
  when: string;
}>;

export const EVENT_REASONS = [
  { reason: "SuccessfulRescale", type: "Normal", action: "Scale", from: "HPA", when: "Replicas were set." },
  {
    reason: "FailedRescale",
    type: "Warning",
    action: "Scale",
    from: "HPA",
    when: "Setting replicas failed.",
  },
  { reason: "FailedGetScale", type: "Warning", action: "Decide", from: "HPA", when: "The condition begins." },
  {
    reason: "FailedGetResourceMetric",
    type: "Warning",
    action: "Decide",
    from: "HPA",
    when: "A Resource metric begins to have no answer, also beside others that have one.",
  },
  {
    reason: "FailedGetContainerResourceMetric",
    type: "Warning",
    action: "Decide",
    from: "HPA",
    when: "A ContainerResource metric begins to have no answer, also beside others that have one.",
  },
  {
    reason: "FailedComputeMetricsReplicas",
    type: "Warning",
    action: "Decide",
    from: "HPA",
    when: "ScalingActive becomes False for a metric's sake: no count can be computed, and the count is held.",
  },
  { reason: "InvalidSpec", type: "Warning", action: "Decide", when: "The condition begins." },
  { reason: "UnknownField", type: "Warning", action: "Decide", when: "The condition begins." },
  {
    reason: "ForeignAutoscaler",
    type: "Warning",
    action: "Decide",
    when: "The standby begins.",
  },
  { reason: "OtherInstallation", type: "Warning", action: "Decide", when: "The hold begins." },
  { reason: "TargetConflict", type: "Warning", action: "Decide", when: "The conflict begins." },
  {
    reason: "Contended",
    type: "Warning",
    action: "Decide",
    when: "Our writes were taken back for the third time in 10 minutes.",
  },
  {
    reason: "QuotaLimited",
    type: "Warning",
    action: "Decide",
    when: "The limit begins to bite.",
  },
  { reason: "RolloutStuck", type: "Warning", action: "Decide", when: "The hold begins." },
  { reason: "ClusterBrake", type: "Warning", action: "Decide", when: "The brake begins to bite." },
  { reason: "ConfigUnsupported", type: "Warning", action: "Decide", when: "The condition begins." },
  { reason: "NeedsCoordination", type: "Warning", action: "Decide", when: "The hold begins." },
  {
    reason: "ForeignPods",
    type: "Warning",
    action: "Scrape",
    when: "About a node whose kubelet has reported pods of other nodes for a minute. None of that counts; see who answers at its address.",
  },
  {
    reason: "LeftToOther",
    type: "Normal",
    action: "Register",
    when: "About an APIService of metrics.k8s.io that another server has: it keeps it, and ours is not announced. --metrics-api=Always would take it over.",
  },
  {
    reason: "NoService",
    type: "Normal",
    action: "Register",
    when: "About an APIService of metrics.k8s.io that is not announced, for the Service that it would lead to does not exist, as when the operator runs outside of the cluster.",
  },
  {
    reason: "Recovered",
    type: "Normal",
    action: "Decide",
    when: "A reason that was told as a Warning has ended; the note names it.",
  },
] as const satisfies readonly EventReason[];

export type EventReasonName = (typeof EVENT_REASONS)[number]["reason"];

const EVENTS = new Map<string, EventReason>(EVENT_REASONS.map((row) => [row.reason, row]));

export const eventReasonOf = (reason: EventReasonName): EventReason =>
  must(EVENTS.get(reason), `${reason} has a row`);
