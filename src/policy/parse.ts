/**
 * A spec as the API server stored it, judged once more, because an old CRD may be installed: usable, wrong,
 * or written for a newer operator.
 *
 * Invariant: the verdict is the API server's (test/policy/cases.ts), and every complaint names its field as
 * the API server does and says what to write.
 */
import type { z } from "zod";
import { quantityAsNumber, quantityInMilli } from "../base/quantity.ts";
import { assert, must } from "../base/assert.ts";
import { seconds } from "../base/units.ts";
import type { HorizontalSpec, MetricSpec, MetricTarget, ScalePolicySpec, ScalingRules } from "./policy.ts";
import { quantityOf } from "./quantity-field.ts";
import { spec, type WrittenSpec } from "./schema.ts";
import { readVertical } from "./vertical/read.ts";

export type Problem = Readonly<{ field: string; message: string }>;

export type ParseOutcome =
  | Readonly<{ kind: "valid"; spec: ScalePolicySpec }>
  | Readonly<{ kind: "invalid"; problems: readonly Problem[] }>
  /** Fields that this operator does not know: someone relies on them, so nothing is decided without them. */
  | Readonly<{ kind: "unknown-field"; fields: readonly string[] }>;

/** `spec` of a ScalePolicy. An unknown field outweighs a problem, which it may explain. */
export function parsePolicy(written: unknown): ParseOutcome {
  const parsed = spec.safeParse(withoutNulls(written), { error: wording });
  if (parsed.success) return { kind: "valid", spec: specOf(parsed.data) };
  const { issues } = parsed.error;
  const fields = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => fieldAt([...issue.path, key])) : [],
  );
  if (fields.length > 0) return { kind: "unknown-field", fields };
  return {
    kind: "invalid",
    problems: issues.map(({ path, message }) => ({ field: fieldAt(path), message })),
  };
}

function specOf({ targetRef, mode, horizontal, vertical }: WrittenSpec): ScalePolicySpec {
  return {
    target: targetRef,
    mode,
    horizontal: horizontal && horizontalOf(horizontal),
    vertical: vertical && readVertical(vertical),
  };
}

type WrittenHorizontal = NonNullable<WrittenSpec["horizontal"]>;
type WrittenMetric = WrittenHorizontal["metrics"][number];
type WrittenTarget = NonNullable<WrittenMetric["resource"]>["target"];
type WrittenRules = NonNullable<WrittenHorizontal["behavior"]>["scaleUp" | "scaleDown"];

function horizontalOf({ minReplicas, maxReplicas, metrics, behavior }: WrittenHorizontal): HorizontalSpec {
  return {
    minReplicas,
    maxReplicas,
    metrics: metrics.length === 0 ? [CPU_AT_80] : metrics.map(metricOf),
    behavior: behavior && { scaleUp: rulesOf(behavior.scaleUp), scaleDown: rulesOf(behavior.scaleDown) },
  };
}

/** An empty list means the default, as in autoscaling/v2; the schema fills in an absent one. */
const CPU_AT_80: MetricSpec = {
  resource: "cpu",
  container: undefined,
  target: { kind: "utilization", percent: 80 },
};

function metricOf({ resource, containerResource }: WrittenMetric): MetricSpec {
  const followed = must(containerResource ?? resource, "a checked metric has its block");
  return {
    resource: followed.name,
    container: containerResource?.container,
    target: targetOf(followed.target),
  };
}

function targetOf({ averageUtilization, averageValue }: WrittenTarget): MetricTarget {
  if (averageUtilization !== undefined) return { kind: "utilization", percent: averageUtilization };
  assert(averageValue !== undefined, "a checked target has a value");
  return { kind: "average-value", amount: quantityInMilli(quantityOf(averageValue)) };
}

function rulesOf({
  stabilizationWindowSeconds: window,
  selectPolicy,
  policies,
  tolerance,
}: WrittenRules): ScalingRules {
  return {
    stabilizationWindow: window === undefined ? undefined : seconds(window),
    selectPolicy,
    policies: policies.map(({ type, value, periodSeconds }) => ({
      type,
      value,
      period: seconds(periodSeconds),
    })),
    tolerance: tolerance === undefined ? undefined : quantityAsNumber(quantityOf(tolerance)),
  };
}

/**
 * The API server drops nulls of fields (not of list entries), so that a default or nothing takes their
 * place.
 */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([key, field]) => [key, withoutNulls(field)]));
}

/** `spec.horizontal.metrics[0].resource.name`, as the API server writes it. */
const fieldAt = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (at, step) => (typeof step === "number" ? `${at}[${step}]` : `${at}.${String(step)}`),
    "spec",
  );

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a text",
  int: "a whole number",
  number: "a whole number",
  boolean: "true or false",
};

/** Words for what the schema itself checks; rules bring their own. */
function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_type")
    return issue.input === undefined
      ? "is required"
      : `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small") return limitText("at least", issue.minimum, issue.origin);
  if (issue.code === "too_big") return limitText("at most", issue.maximum, issue.origin);
  return "is not valid";
}

function limitText(bound: string, limit: number | bigint, origin: string): string {
  if (origin === "array") return `must have ${bound} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return origin === "string" ? `must have ${bound} ${limit} characters` : `must be ${bound} ${limit}`;
}
