/**
 * Replicas that quota or admission refuses do not exist, and asking for more of them only fails more often.
 * The count stays at what exists, and one more is tried every 5 min.
 *
 * Invariant: no existing pod is removed by this rail, and during a rollout it only stops growth.
 */
import { elapsed, later, minutes, seconds } from "../../../base/units.ts";
import type { DecisionMemory } from "../../memory.ts";
import type { PlanQuestion } from "../../question.ts";
import type { Circumstances, Rail } from "../../rail.ts";
import { clockText } from "../../wording.ts";

type Refused = DecisionMemory["refused"];

/** Tried again by one replica at the latest after this long. */
const RETRY = minutes(5);
/** One period: as long as a scale-up may take to be answered by its owner. */
const SETTLE = seconds(15);

/**
 * Which replicas are refused, as far as is known now. Learned when the owner reports a failure and has had a
 * period to create what was asked for; forgotten when one of them exists after all, or when nobody wants
 * them any more.
 */
export function refusalsAfter(memory: DecisionMemory, question: PlanQuestion): Refused {
  const { target, replicaFailure, now } = question;
  const { refused, scaleEvents } = memory;
  const lastChange = scaleEvents.at(-1)?.at;
  const settled = lastChange === undefined || elapsed(lastChange, now) >= SETTLE;
  if (replicaFailure !== undefined && target.observedReplicas < target.replicas)
    return settled ? refusedNow(refused, question, replicaFailure) : refused;
  return refused === undefined || isOver(refused, question) ? undefined : refused;
}

function refusedNow(
  refused: Refused,
  { target: { observedReplicas }, now }: PlanQuestion,
  { since }: NonNullable<PlanQuestion["replicaFailure"]>,
): Refused {
  if (refused?.above === observedReplicas && refused.retryAt > now) return refused;
  return { above: observedReplicas, since: refused?.since ?? since, retryAt: later(now, RETRY) };
}

function isOver({ above, retryAt }: NonNullable<Refused>, { target, now }: PlanQuestion): boolean {
  return target.observedReplicas > above || (target.replicas <= above && elapsed(retryAt, now) > RETRY);
}

function apply(replicas: number, { question, memory }: Circumstances) {
  const { now, rollout, target, replicaFailure } = question;
  const { refused } = memory;
  if (refused === undefined) return undefined;
  const tried = now >= refused.retryAt ? refused.above + 1 : refused.above;
  const rolling = rollout.kind === "in-progress" || rollout.kind === "stuck";
  const cap = rolling ? Math.max(tried, target.replicas) : tried;
  if (replicas <= cap) return undefined;
  const said = replicaFailure === undefined ? "" : ` (${replicaFailure.message})`;
  return {
    replicas: cap,
    why: `more than ${refused.above} replicas were refused${said}: ${cap} until one more is tried at ${clockText(refused.retryAt)} (wants ${replicas})`,
    states: [{ type: "ScalingLimited", reason: "QuotaLimited" } as const],
  };
}

export const quotaAndFailure: Rail = {
  name: "quota-and-failure",
  rule: "Replicas that quota or admission refused are not asked for again until one of them exists; one more is tried every 5 min.",
  answers:
    "An HPA raises spec.replicas and does not see that pods cannot be created (kubernetes#21079; 21,384 failures in minutes in origin#10407).",
  apply,
};
