/**
 * Condition `Applying` after a template was to be written: what came of it, in one reason and one sentence.
 */
import { unreachable } from "../../base/assert.ts";
import type { RequestPlan } from "../../coordinate/requests/plan.ts";
import type { TemplateOutcome } from "../request-port.ts";
import type { TemplateEnd } from "./template-phases.ts";
import { isLackOfRights } from "./wave.ts";

export type TemplateReason =
  "Applied" | "MutatedByAdmission" | "NotPermitted" | "WriteRefused" | "WriteFailed";

/** The plan's own words where nothing was to be written or a doubt held it. */
export function applyingAfter(end: TemplateEnd): RequestPlan["applying"] {
  switch (end.kind) {
    case "nothing-to-write":
      return end.plan.applying;
    case "doubted":
      return { status: "False", reason: "WriteFailed", message: `decided again: ${end.doubt}` };
    case "unreadable":
      return { status: "False", reason: reasonOf(end.failure), message: end.failure.message };
    case "answered":
      return end.outcome.kind === "written"
        ? { status: "True", reason: "Applied", message: end.plan.sentence }
        : { status: "False", reason: reasonOf(end.outcome), message: end.outcome.message };
    default:
      return unreachable(end);
  }
}

function reasonOf(outcome: Exclude<TemplateOutcome, { kind: "written" }>): TemplateReason {
  if (outcome.kind === "mutated") return "MutatedByAdmission";
  if (isLackOfRights(outcome)) return "NotPermitted";
  return outcome.kind === "refused" || outcome.kind === "forbidden" ? "WriteRefused" : "WriteFailed";
}
