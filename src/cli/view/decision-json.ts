/**
 * A decision as one line of JSON: the readable part of its record, in a form that stays.
 *
 * Invariant: every line has the same keys; what is not known is null.
 */
import { timeText } from "../../base/rfc3339.ts";
import type { DecisionRecord, Effect } from "../../report/record.ts";

export type DecisionLine = Readonly<{
  time: string;
  namespace: string;
  policy: string;
  /** `Deployment/web`; null while the spec cannot be read. */
  target: string | null;
  mode: string | null;
  from: number | null;
  to: number | null;
  /** A sentence with the numbers in it. */
  why: string;
  /** The reason in a word, where nothing could be decided. */
  reason: string | null;
  rails: readonly Readonly<{ rail: string; before: number; after: number; why: string }>[];
  effect: Effect["kind"];
  /** What the API server said to a scaling: `written`, `conflict`, … */
  outcome: string | null;
}>;

export function decisionLine({ at, policy, target, mode, verdict }: DecisionRecord): DecisionLine {
  const whose = {
    time: timeText(at),
    namespace: policy.namespace,
    policy: policy.name,
    target: target === undefined ? null : `${target.kind}/${target.name}`,
    mode: mode ?? null,
  };
  if (verdict.kind === "not-decided") {
    const { message, reason } = verdict.why;
    return { ...whose, from: null, to: null, why: message, reason, rails: [], effect: "none", outcome: null };
  }
  const { plan, effect } = verdict;
  const { combined } = plan.proposal;
  return {
    ...whose,
    from: plan.from,
    to: plan.to,
    why: plan.sentence,
    reason: combined.kind === "failure" ? combined.reason : null,
    rails: plan.moves.map(({ rail, before, after, why }) => ({ rail, before, after, why })),
    effect: effect.kind,
    outcome: effect.kind === "scaled" ? effect.outcome.kind : null,
  };
}
