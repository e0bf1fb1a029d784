/**
 * What scales: ScalePolicies, kept as they were written, and other people's HorizontalPodAutoscalers.
 */
import type { ResourceName } from "../../../../base/units.ts";
import { REQUESTS_IGNORED_ANNOTATION } from "../../../../actuate/requests/template-state.ts";
import type { ForeignAutoscaler, PolicyObject, TargetReference } from "../../../../cluster/workload.ts";
import { annotation, type Shared, trimMeta } from "./meta.ts";
import { count, type Raw, record, records, text } from "./raw.ts";

/** Not parsed here: `policy/` says what is in it, and reports what is wrong. */
export function trimPolicy(raw: Raw, shared: Shared): PolicyObject | undefined {
  const meta = trimMeta(raw, shared);
  if (meta === undefined) return undefined;
  const isIgnored = annotation(raw, REQUESTS_IGNORED_ANNOTATION) === "true";
  return { meta, spec: raw["spec"], status: raw["status"], ...(isIgnored && { requestsIgnored: true }) };
}

export function trimAutoscaler(raw: Raw, shared: Shared): ForeignAutoscaler | undefined {
  const meta = trimMeta(raw, shared);
  const spec = record(raw["spec"]);
  const target = trimTarget(record(spec["scaleTargetRef"]));
  if (meta === undefined || target === undefined) return undefined;
  return {
    meta,
    target,
    ownerKind: meta.owner?.kind,
    desiredReplicas: count(record(raw["status"])["desiredReplicas"]),
    followsUtilizationOf: [...new Set(records(spec["metrics"]).flatMap(utilizationOf))],
  };
}

/** A core kind has an apiVersion without a group, and an empty one is read as that. */
function trimTarget(raw: Raw): TargetReference | undefined {
  const [kind, name] = [text(raw["kind"]), text(raw["name"])];
  if (kind === undefined || name === undefined) return undefined;
  return { apiVersion: text(raw["apiVersion"]) ?? "", kind, name };
}

function utilizationOf(metric: Raw): readonly ResourceName[] {
  const { name, target } = record(metric["resource"] ?? metric["containerResource"]);
  if (record(target)["type"] !== "Utilization") return [];
  return name === "cpu" || name === "memory" ? [name] : [];
}
