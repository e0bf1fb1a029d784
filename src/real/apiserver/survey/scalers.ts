/**
 * Who scales a workload, from the objects that say so: HorizontalPodAutoscalers and Active ScalePolicies.
 *
 * Invariant: a metric that is no utilization of CPU or memory is not a mark, and is not forgotten either
 * (`followsMore`).
 */
import type { EpochMillis } from "../../../base/units.ts";
import { targetKey, type TargetReference } from "../../../cluster/workload.ts";
import { parsePolicy } from "../../../policy/parse.ts";
import type { MetricSpec, ScalePolicySpec } from "../../../policy/policy.ts";
import type { Mark, Scaler } from "../../../rightsizing/subject.ts";
import { condition } from "../watch/trim/meta.ts";
import { count, moment, type Raw, record, records, text } from "../watch/trim/raw.ts";

/** With the key of what it scales (`targetKey`). */
export type Targeted<T> = Readonly<{ target: string; of: T }>;

export function readAutoscaler(raw: Raw): Targeted<Scaler> | undefined {
  const [spec, status] = [record(raw["spec"]), record(raw["status"])];
  const target = targetOf(raw, record(spec["scaleTargetRef"]));
  const common = commonOf(raw, status);
  if (target === undefined || common === undefined) return undefined;
  const metrics = records(spec["metrics"]);
  const current = records(status["currentMetrics"]);
  const marks = metrics.flatMap((metric) => markOf(metric, current) ?? []);
  return {
    target,
    of: {
      ...common,
      kind: "HorizontalPodAutoscaler",
      minReplicas: count(spec["minReplicas"]) ?? 1,
      maxReplicas: count(spec["maxReplicas"]) ?? 1,
      lastScaledAt: moment(status["lastScaleTime"]),
      marks,
      followsMore: marks.length < metrics.length,
    },
  };
}

/** A policy as it is written and as it is understood; undefined for what this version cannot read. */
export type ReadPolicy = Readonly<{
  spec: ScalePolicySpec;
  /** undefined: it scales nothing (vertical only, Shadow, Paused). */
  scaler: Scaler | undefined;
  status: Raw;
}>;

export function readPolicyObject(raw: Raw): Targeted<ReadPolicy> | undefined {
  const parsed = parsePolicy(raw["spec"]);
  const status = record(raw["status"]);
  const common = commonOf(raw, status);
  if (parsed.kind !== "valid" || common === undefined) return undefined;
  const { spec } = parsed;
  const target = targetKey(text(record(raw["metadata"])["namespace"]) ?? "", spec.target);
  const horizontal = spec.mode === "Active" ? spec.horizontal : undefined;
  if (horizontal === undefined) return { target, of: { spec, status, scaler: undefined } };
  const shown = record(status["horizontal"]);
  const current = records(shown["currentMetrics"]);
  const marks = horizontal.metrics.flatMap((metric) => markOfPolicy(metric, current) ?? []);
  const scaler: Scaler = {
    ...common,
    kind: "ScalePolicy",
    minReplicas: horizontal.minReplicas,
    maxReplicas: horizontal.maxReplicas,
    lastScaledAt: moment(shown["lastScaleTime"]),
    marks,
    followsMore: marks.length < horizontal.metrics.length,
  };
  return { target, of: { spec, status, scaler } };
}

function commonOf(
  raw: Raw,
  status: Raw,
): (Pick<Scaler, "name" | "limitedByMax"> & Readonly<{ createdAt: EpochMillis }>) | undefined {
  const metadata = record(raw["metadata"]);
  const [name, createdAt] = [text(metadata["name"]), moment(metadata["creationTimestamp"])];
  if (name === undefined || createdAt === undefined) return undefined;
  const limited = condition({ status }, "ScalingLimited");
  return {
    name,
    createdAt,
    limitedByMax: limited?.["status"] === "True" && limited["reason"] === "TooManyReplicas",
  };
}

function targetOf(raw: Raw, reference: Raw): string | undefined {
  const [kind, name] = [text(reference["kind"]), text(reference["name"])];
  if (kind === undefined || name === undefined) return undefined;
  const written: TargetReference = { apiVersion: text(reference["apiVersion"]) ?? "", kind, name };
  return targetKey(text(record(raw["metadata"])["namespace"]) ?? "", written);
}

function markOf(metric: Raw, current: readonly Raw[]): Mark | undefined {
  const source = record(metric["resource"] ?? metric["containerResource"]);
  const { name, target } = source;
  const percent = count(record(target)["averageUtilization"]);
  if (percent === undefined || percent === 0 || (name !== "cpu" && name !== "memory")) return undefined;
  const container = text(source["container"]);
  return { resource: name, container, percent, current: currentOf({ name, container }, current) };
}

function markOfPolicy(
  { resource, container, target }: MetricSpec,
  current: readonly Raw[],
): Mark | undefined {
  if (target.kind !== "utilization") return undefined;
  const { percent } = target;
  return { resource, container, percent, current: currentOf({ name: resource, container }, current) };
}

function currentOf(
  of: Readonly<{ name: string; container: string | undefined }>,
  statuses: readonly Raw[],
): number | undefined {
  for (const status of statuses) {
    const source = record(status["resource"] ?? status["containerResource"]);
    if (source["name"] !== of.name || text(source["container"]) !== of.container) continue;
    return count(record(source["current"])["averageUtilization"]);
  }
  return undefined;
}
