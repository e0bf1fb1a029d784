/**
 * A mistake found in a manifest before it is applied: which object, which field, what will happen, and what
 * to write instead.
 */
import type { Source } from "../import/draft.ts";

/** Every rule by its name; the table in `rules.ts` has a row for each. */
export type RuleName =
  | "invalid"
  | "old-version"
  | "no-requests"
  | "min-is-max"
  | "target-out-of-reach"
  | "two-autoscalers"
  | "half-a-pair"
  | "fixed-replicas"
  | "unknown-container"
  | "memory-utilization";

/** `error`: it will not work, or will do harm. `warning`: it works otherwise than most people expect. */
export type Severity = "error" | "warning";

export type Finding = Readonly<{
  rule: RuleName;
  severity: Severity;
  source: Source;
  field: string;
  message: string;
}>;
