/**
 * The reasons for which no plan is made at all, in words that name the field or the object and the way out.
 */
import type { Failure } from "../../base/outcome.ts";
import type { ParseOutcome } from "../../policy/parse.ts";
import type { NotDecided } from "../../report/record.ts";

type Unusable = Exclude<ParseOutcome, { kind: "valid" }>;

/** A spec that this operator cannot follow, although the API server has stored it (an old CRD, a newer field). */
export function unusableSpec(parsed: Unusable): NotDecided {
  if (parsed.kind === "invalid") {
    const problems = parsed.problems.map(({ field, message }) => `${field}: ${message}`);
    return { condition: "Ready", reason: "InvalidSpec", message: problems.join("; ") };
  }
  return {
    condition: "Ready",
    reason: "UnknownField",
    message: `this version does not know ${parsed.fields.join(", ")}: replicas are held until it is updated or the field removed`,
  };
}

/** A policy that asks for nothing. */
export const NOTHING_TO_SCALE: NotDecided = {
  condition: "ScalingActive",
  reason: "HorizontalOmitted",
  message: "spec.horizontal is absent: replicas are never touched",
};

export function unreadableTarget(failure: Failure): NotDecided {
  return { condition: "AbleToScale", reason: "FailedGetScale", message: failure.message };
}
