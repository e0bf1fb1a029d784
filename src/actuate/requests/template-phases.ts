/**
 * One write of a workload's template as a machine: read live, decide on what it says, ask the API server what
 * it would store, and only then write.
 *
 *   reading ──failure, nothing to write──▶ settled          ◀─────────┐
 *      │ a plan with changes on the live template                     │
 *      ▼                                                              │
 *   trying (dry run) ──mutated, refused, doubted──▶ settled           │
 *      │ it would be stored as asked                                  │
 *      ▼                                                              │
 *   writing ──written, refused, doubted──▶ settled                    │
 *      └──conflict here or in trying, fewer than ATTEMPTS_MAX─────────┘ (reading)
 *
 * Invariant: nothing is written that the API server has not said, a moment before, that it would store as it
 * is; one run performs at most 3 × ATTEMPTS_MAX requests.
 */
import type { Failure, ReadOutcome } from "../../base/outcome.ts";
import type { RequestPlan } from "../../coordinate/requests/plan.ts";
import type { Doubt } from "../doubt.ts";
import type { TemplateBasis, TemplateOutcome } from "../request-port.ts";
import { annotationFor } from "./template-state.ts";

export const ATTEMPTS_MAX = 3;

/** What is to be written, and on top of what. */
export type TemplateWrite = Readonly<{ basis: TemplateBasis; plan: RequestPlan; annotation: string }>;

export type TemplatePhase =
  | Readonly<{ at: "reading"; attempt: number }>
  | Readonly<{ at: "trying" | "writing"; attempt: number; write: TemplateWrite }>
  | Readonly<{ at: "settled"; end: TemplateEnd }>;

export type TemplateEnd =
  | Readonly<{ kind: "unreadable"; failure: Failure }>
  | Readonly<{ kind: "nothing-to-write"; plan: RequestPlan }>
  | Readonly<{ kind: "doubted"; doubt: Doubt; plan: RequestPlan }>
  | Readonly<{ kind: "answered"; outcome: TemplateOutcome; plan: RequestPlan }>;

type Doubted = Readonly<{ kind: "doubted"; doubt: Doubt }>;

export type TemplateAnswer =
  | Readonly<{ of: "reading"; outcome: ReadOutcome<TemplateBasis> }>
  | Readonly<{ of: "trying" | "writing"; outcome: TemplateOutcome | Doubted }>;

export type DecideOnTemplate = (basis: TemplateBasis) => RequestPlan;

export const beginTemplate = (): TemplatePhase => ({ at: "reading", attempt: 1 });

export function stepTemplate(
  phase: TemplatePhase,
  answer: TemplateAnswer,
  decide: DecideOnTemplate,
): TemplatePhase {
  if (phase.at === "reading" && answer.of === "reading")
    return afterReading(phase.attempt, answer.outcome, decide);
  if ((phase.at === "trying" || phase.at === "writing") && answer.of === phase.at)
    return afterAsking(phase, answer.outcome);
  throw new Error(`invariant broken: no edge from ${phase.at} on the answer to ${answer.of}`);
}

function afterReading(
  attempt: number,
  outcome: ReadOutcome<TemplateBasis>,
  decide: DecideOnTemplate,
): TemplatePhase {
  if (outcome.kind !== "read") return settled({ kind: "unreadable", failure: outcome });
  const basis = outcome.value;
  const plan = decide(basis);
  if (plan.changes.length === 0) return settled({ kind: "nothing-to-write", plan });
  return { at: "trying", attempt, write: { basis, plan, annotation: annotationFor(basis, plan) } };
}

function afterAsking(
  { at, attempt, write }: Extract<TemplatePhase, { at: "trying" | "writing" }>,
  outcome: TemplateOutcome | Doubted,
): TemplatePhase {
  const { plan } = write;
  if (outcome.kind === "doubted") return settled({ kind: "doubted", doubt: outcome.doubt, plan });
  if (outcome.kind === "conflict" && attempt < ATTEMPTS_MAX) return { at: "reading", attempt: attempt + 1 };
  if (outcome.kind === "written" && at === "trying") return { at: "writing", attempt, write };
  return settled({ kind: "answered", outcome, plan });
}

const settled = (end: TemplateEnd): TemplatePhase => ({ at: "settled", end });
