/**
 * Makes one plan: the metrics' answer, through the rails, with the memory that the next decision needs.
 *
 *   replicas 0               nothing is decided: someone paused the policy
 *   outside [min, max]       straight to the bound, past every rail: the user's edit is an order
 *   else                     what the metrics ask for, through the rails
 *
 * Invariant: the same question gets the same plan and the same memory; every plan says why.
 */
import { proposeReplicas } from "../horizontal/propose.ts";
import { conditionsOf, DISABLED } from "./conditions.ts";
import type { DecisionMemory } from "./memory.ts";
import type { Plan, RailMove } from "./plan.ts";
import type { PlanQuestion } from "./question.ts";
import type { Circumstances, PlanReason } from "./rail.ts";
import { countSilence } from "./rails/hold/after-silence.ts";
import { announcementAfter } from "./rails/hold/first-move-after-edit.ts";
import { evidenceGapOf } from "./rails/hold/hold-on-missing-evidence.ts";
import { bridged } from "./rails/hold/memory-of-windows.ts";
import { refusalsAfter } from "./rails/limit/quota-and-failure.ts";
import { firstAnswer, liveReplicas } from "./rails/measure/count-own-pods.ts";
import { type Passage, throughRails } from "./rails.ts";
import { sentenceOf } from "./sentence.ts";
import { broughtUpToDate, rememberRecommendation } from "./upkeep.ts";

export type Decided = Readonly<{ plan: Plan; memory: DecisionMemory }>;

export function makePlan(question: PlanQuestion): Decided {
  const circumstances = circumstancesOf(question);
  const { replicas } = question.target;
  if (replicas === 0) return paused(circumstances);
  const order = boundOrder(circumstances);
  const passage = order ?? throughRails(firstAnswer(circumstances.proposal, question), circumstances);
  return {
    plan: planOf(circumstances, passage),
    memory: order === undefined ? remember(circumstances, passage) : looked(circumstances),
  };
}

function circumstancesOf(question: PlanQuestion): Circumstances {
  const { now, spec, settings, evidence } = question;
  const upToDate = broughtUpToDate(question);
  const proposal = proposeReplicas({
    now,
    spec,
    settings,
    currentReplicas: liveReplicas(question),
    pods: evidence.pods,
  });
  const evidenceGap = evidenceGapOf(question, proposal);
  const refused = refusalsAfter(upToDate, question);
  const memory = { ...countSilence(upToDate, { question, evidenceGap }), refused };
  return { question, proposal, memory, evidenceGap };
}

/** A count outside the bounds is brought inside at once; only a take-over's first decision does not go down. */
function boundOrder(circumstances: Circumstances): Passage | undefined {
  const { question, memory } = circumstances;
  const { replicas } = question.target;
  const { minReplicas, maxReplicas } = question.spec;
  if (replicas < minReplicas) {
    const why = `${replicas} is under minReplicas ${minReplicas}`;
    return ordered({ rail: "bounds", before: replicas, after: minReplicas, why }, "TooFewReplicas");
  }
  if (replicas <= maxReplicas) return undefined;
  const why = `${replicas} is over maxReplicas ${maxReplicas}`;
  if (!memory.tookOver)
    return ordered({ rail: "bounds", before: replicas, after: maxReplicas, why }, "TooManyReplicas");
  return ordered(
    {
      rail: "memory-of-windows",
      before: maxReplicas,
      after: replicas,
      why: `${why}, but the first decision after a take-over does not go down`,
    },
    "WindowsIncomplete",
  );
}

function ordered(move: RailMove, reason: PlanReason): Passage {
  const { after } = move;
  return { replicas: after, moves: [move], states: [{ type: "ScalingLimited", reason }], recommended: after };
}

function planOf({ question, proposal }: Circumstances, passage: Passage): Plan {
  const { replicas: to, moves } = passage;
  const from = question.target.replicas;
  return {
    from,
    to,
    proposal,
    moves,
    conditions: conditionsOf(proposal, passage, question),
    sentence: sentenceOf({ from, to, proposal, moves }),
  };
}

function paused(circumstances: Circumstances): Decided {
  const { question, proposal } = circumstances;
  const plan: Plan = {
    from: 0,
    to: 0,
    proposal,
    moves: [],
    conditions: DISABLED,
    sentence: "paused: someone set the replicas to 0, and scaling goes on when they are not 0",
  };
  // Nothing was recommended meanwhile: decreases wait for a full window once it goes on.
  const memory = { ...looked(circumstances), completeSince: question.now, bridge: undefined };
  return { plan, memory };
}

/** What every look leaves behind, whether or not the metrics were asked. */
function looked({ question, memory }: Circumstances): DecisionMemory {
  return {
    ...memory,
    generation: question.generation,
    announced: undefined,
    tookOver: false,
    clock: { wall: question.now, mono: question.mono },
  };
}

function remember(circumstances: Circumstances, { recommended, moves }: Passage): DecisionMemory {
  const { memory, question, proposal } = circumstances;
  const held = moves.find(({ rail }) => rail === "first-move-after-edit");
  // A move that is only published leaves no trace in the windows: whoever mends the spec has stopped it.
  const meant = {
    replicas: held === undefined ? recommended : question.target.replicas,
    answered: proposal.combined.kind === "replicas",
  };
  const { recommendations, ...continuity } = bridged(memory, recommended, circumstances);
  return {
    ...looked(circumstances),
    ...continuity,
    recommendations: rememberRecommendation(recommendations, meant, question.now),
    announced: announcementAfter(circumstances, held?.before),
  };
}
