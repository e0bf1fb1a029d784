/**
 * A ScalePolicy after parsing: units are units, defaults are filled in, and nothing is a string that is
 * really a number. `policy/schema.ts` says what users may write; the rest of the program sees this.
 */
import type { Millis, MilliUnits, ResourceName } from "../base/units.ts";
import type { VerticalSpec } from "./vertical/spec.ts";

/** `Active` acts; `Shadow` decides and records, and writes no workload; `Paused` only observes. */
export type PolicyMode = "Active" | "Shadow" | "Paused";

export type TargetRef = Readonly<{ apiVersion: string; kind: string; name: string }>;

export type ScalePolicySpec = Readonly<{
  target: TargetRef;
  mode: PolicyMode;
  /** undefined: replicas are never touched. */
  horizontal: HorizontalSpec | undefined;
  /** undefined: requests are neither recommended nor touched. */
  vertical: VerticalSpec | undefined;
}>;

export type HorizontalSpec = Readonly<{
  minReplicas: number;
  maxReplicas: number;
  /** At least one: without any in the spec, cpu at 80 % utilization as in autoscaling/v2. */
  metrics: readonly MetricSpec[];
  /** undefined: the HPA's pipeline without `behavior`, which differs from a `behavior` of all defaults. */
  behavior: Behavior | undefined;
}>;

export type MetricSpec = Readonly<{
  resource: ResourceName;
  /** A ContainerResource metric follows this container; undefined follows the whole pod. */
  container: string | undefined;
  target: MetricTarget;
}>;

export type MetricTarget =
  /** Percent of the request, at least 1, above 100 allowed. */
  | Readonly<{ kind: "utilization"; percent: number }>
  /** Usage per pod, in milli-units, above 0. */
  | Readonly<{ kind: "average-value"; amount: MilliUnits }>;

export type Behavior = Readonly<{ scaleUp: ScalingRules; scaleDown: ScalingRules }>;

export type ScalingRules = Readonly<{
  /** undefined (scaleDown only): the operator's `--horizontal-pod-autoscaler-downscale-stabilization`. */
  stabilizationWindow: Millis | undefined;
  selectPolicy: "Max" | "Min" | "Disabled";
  policies: readonly ScalingPolicy[];
  /** A fraction, 0.1 is 10 %; undefined: the operator's `--horizontal-pod-autoscaler-tolerance`. */
  tolerance: number | undefined;
}>;

export type ScalingPolicy = Readonly<{ type: "Pods" | "Percent"; value: number; period: Millis }>;
