/**
 * One round of one policy as a machine: the phase says what we wait for, the answer says what came, and the
 * effects are data. A crash, a stale read or a conflict at any point is a row in a table.
 *
 *   cached view ──hold──────────────────────────────▶ settled
 *        │ wants a change, or the kind is not cached
 *        ▼
 *     reading ──failure──▶ settled    ◀──────────────┐
 *        │ live scale: decide again on what it says  │
 *        ├──hold──▶ settled                          │
 *        ▼                                           │
 *     writing ──written, refused, doubted──▶ settled │
 *        └──conflict, fewer than ATTEMPTS_MAX────────┘ (reading)
 *
 * Invariant: a write always rests on a decision about a scale that was read live in this round, and a round
 * performs at most 2 × ATTEMPTS_MAX requests.
 */
import type { Doubt } from "../../actuate/doubt.ts";
import type { Scale } from "../../actuate/port.ts";
import type { NodeName } from "../../base/ids.ts";
import type { Failure, ReadOutcome, WriteOutcome } from "../../base/outcome.ts";
import type { DecisionMemory } from "../../coordinate/memory.ts";
import type { Plan } from "../../coordinate/plan.ts";
import type { PlanQuestion } from "../../coordinate/question.ts";
import type { Effect } from "../../report/record.ts";
import type { Standing } from "./standing.ts";

/** Conflicts in one round before it gives way to the next. */
export const ATTEMPTS_MAX = 3;

/** What a decision needs of a scale, whether it was read live or seen in the cache. */
export type Reading = Pick<Scale, "uid" | "replicas" | "observedReplicas" | "selector">;

/** A plan on one reading, and the memory to keep if the round ends with it. */
export type Decision = Readonly<{
  question: PlanQuestion;
  plan: Plan;
  memory: DecisionMemory;
  standing: Standing;
  /** The nodes whose answers the next decision waits for. */
  nodes: ReadonlySet<NodeName>;
}>;

export type Phase =
  | Readonly<{ at: "reading"; attempt: number }>
  | Readonly<{ at: "writing"; attempt: number; scale: Scale; decision: Decision }>
  | Readonly<{ at: "settled"; end: RoundEnd }>;

export type RoundEnd =
  | Readonly<{ kind: "decided"; decision: Decision; effect: Effect }>
  | Readonly<{ kind: "unreadable"; failure: Failure }>;

export type Answer =
  | Readonly<{ of: "reading"; outcome: ReadOutcome<Scale> }>
  | Readonly<{ of: "writing"; outcome: WriteOutcome | Readonly<{ kind: "doubted"; doubt: Doubt }> }>;

export type Decide = (reading: Reading) => Decision;

/** A doubt that is known before anything is asked of the API server. */
export type Foresee = (decision: Decision) => Doubt | undefined;

/** The first phase: what the cache shows settles most rounds without a request. */
export function begin(cached: Reading | undefined, decide: Decide, foresee: Foresee): Phase {
  if (cached === undefined) return { at: "reading", attempt: 1 };
  const decision = decide(cached);
  if (!wantsWrite(decision)) return settledWithoutWrite(decision);
  const doubt = foresee(decision);
  if (doubt === undefined) return { at: "reading", attempt: 1 };
  return { at: "settled", end: { kind: "decided", decision, effect: { kind: "doubted", doubt } } };
}

export function step(phase: Phase, answer: Answer, decide: Decide): Phase {
  if (phase.at === "reading" && answer.of === "reading") return afterReading(phase, answer.outcome, decide);
  if (phase.at === "writing" && answer.of === "writing") return afterWriting(phase, answer.outcome);
  throw new Error(`invariant broken: no edge from ${phase.at} on the answer to ${answer.of}`);
}

function afterReading(
  { attempt }: Extract<Phase, { at: "reading" }>,
  outcome: ReadOutcome<Scale>,
  decide: Decide,
): Phase {
  if (outcome.kind !== "read") return { at: "settled", end: { kind: "unreadable", failure: outcome } };
  const decision = decide(outcome.value);
  if (!wantsWrite(decision)) return settledWithoutWrite(decision);
  return { at: "writing", attempt, scale: outcome.value, decision };
}

function afterWriting(
  { attempt, decision }: Extract<Phase, { at: "writing" }>,
  outcome: Extract<Answer, { of: "writing" }>["outcome"],
): Phase {
  if (outcome.kind === "conflict" && attempt < ATTEMPTS_MAX) return { at: "reading", attempt: attempt + 1 };
  const effect: Effect = outcome.kind === "doubted" ? outcome : { kind: "scaled", outcome };
  return { at: "settled", end: { kind: "decided", decision, effect } };
}

function wantsWrite({ plan, standing }: Decision): boolean {
  return plan.to !== plan.from && standing.kind === "owner";
}

function settledWithoutWrite(decision: Decision): Phase {
  const effect: Effect = decision.standing.kind === "withheld" ? decision.standing : { kind: "none" };
  return { at: "settled", end: { kind: "decided", decision, effect } };
}
