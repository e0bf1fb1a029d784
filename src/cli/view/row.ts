/**
 * One workload as the view shows it, from the record of its last decision.
 *
 * Invariant: nothing is shown that the record does not say; unknown is a word, never 0.
 */
import type { ObjectKey } from "../../base/ids.ts";
import type { EpochMillis } from "../../base/units.ts";
import type { Plan } from "../../coordinate/plan.ts";
import { levelText } from "../../coordinate/wording.ts";
import { metricsText, requestsText } from "../../report/figures.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { Level } from "./gauge.ts";
import { printable } from "./text.ts";

/** Which needs a look first, in this order. */
export const STATES = ["failing", "held", "above", "changing", "calm"] as const;
export type State = (typeof STATES)[number];

export type Row = Readonly<{
  policy: ObjectKey;
  namespace: string;
  name: string;
  state: State;
  /** `cpu`, `memory`; of the metric that decided. */
  resource: string;
  level: Level | undefined;
  /** By more than the tolerance: more pods are wanted. */
  aboveMark: boolean;
  /** What stands in the place of a level that is not known. */
  unknown: string;
  /** Pods that are there, and that are wanted; undefined while nobody could say. */
  replicas: Readonly<{ now: number; wanted: number }> | undefined;
  requests: string;
  /** The last decision as a sentence, and when it was taken. */
  sentence: string;
  /** The same without the level, for where the gauge stands beside it. */
  shortSentence: string;
  at: EpochMillis;
}>;

export type Planned = Extract<DecisionRecord["verdict"], { kind: "planned" }>;

export function rowOf({ id, policy, verdict, at }: DecisionRecord): Row {
  const base = {
    policy: id.policy,
    namespace: printable(policy.namespace),
    name: printable(policy.name),
    at,
  };
  if (verdict.kind === "not-decided")
    return {
      ...base,
      state: "failing",
      resource: "",
      level: undefined,
      aboveMark: false,
      unknown: "not decided",
      replicas: undefined,
      requests: "",
      sentence: printable(verdict.why.message),
      shortSentence: printable(verdict.why.message),
    };
  const { question, plan, effect } = verdict;
  const winner = winnerOf(plan);
  const said = (sentence: string): string =>
    printable(effect.kind === "withheld" ? `${withheldWords(effect)}: ${sentence}` : sentence);
  return {
    ...base,
    state: stateOf(verdict),
    resource: winner?.metric.resource ?? question.spec.metrics[0]?.resource ?? "",
    unknown: question.evidence.lacking.length > 0 ? "no fresh samples" : "no answer",
    level: winner && levelOf(winner),
    aboveMark: isAbove(plan),
    replicas: { now: question.target.observedReplicas, wanted: plan.to },
    requests: requestsText(question.evidence.pods),
    sentence: said(plan.sentence),
    shortSentence: said(withoutLevel(plan)),
  };
}

type ValidProposal = Extract<Plan["proposal"]["metrics"][number], { kind: "valid" }>;

function winnerOf({ proposal: { metrics, combined } }: Plan): ValidProposal | undefined {
  const winner = combined.kind === "replicas" ? metrics[combined.winner] : undefined;
  return winner?.kind === "valid" ? winner : undefined;
}

/** `cpu 90 % of request, mark 60 %: 4 → 6` → `4 → 6`. */
export function withoutLevel(plan: Plan): string {
  const winner = winnerOf(plan);
  const level = winner === undefined ? "" : `${levelText(winner)}: `;
  return plan.sentence.startsWith(level) ? plan.sentence.slice(level.length) : plan.sentence;
}

/** What was measured against the mark, before anything is assumed of pods without samples. */
function levelOf(winner: ValidProposal): Level {
  const { metric, utilization, averageValue } = winner;
  const ratio =
    metric.target.kind === "utilization"
      ? (utilization ?? 0) / metric.target.percent
      : averageValue / metric.target.amount;
  // `cpu 90%/60%` → `90/60%`: the resource stands before it.
  return { ratio, words: metricsText([winner]).replace(/^\S+ /, "").replace("%/", "/") };
}

const isAbove = (plan: Plan): boolean => winnerOf(plan)?.because === "usage-over-target";

function withheldWords({ because, message }: Extract<Planned["effect"], { kind: "withheld" }>): string {
  return because === "Shadow" || because === "Paused" ? because : message;
}

function stateOf(verdict: Planned): State {
  const { plan, question } = verdict;
  const { combined } = plan.proposal;
  if (combined.kind === "failure" || isInTrouble(verdict)) return "failing";
  if (plan.to === plan.from && plan.moves.some(({ rail }) => rail !== "bounds")) return "held";
  if (isAbove(plan)) return "above";
  return plan.to === question.target.observedReplicas ? "calm" : "changing";
}

/** The API server did not take the write, or knowledge is missing. */
function isInTrouble({ plan, effect }: Planned): boolean {
  if (effect.kind === "scaled" && !TAKEN.has(effect.outcome.kind)) return true;
  return plan.moves.some(({ rail }) => EVIDENCE_RAILS.has(rail));
}

/** A conflict is tried again at once, and is nobody's trouble. */
const TAKEN: ReadonlySet<string> = new Set(["written", "conflict"]);
/** Rails that speak of missing knowledge: someone should look. */
const EVIDENCE_RAILS: ReadonlySet<string> = new Set(["hold-on-missing-evidence", "freeze-on-blind-cluster"]);
