/**
 * The conditions of a policy: four, and five more while its spec has `vertical`. What a decision states
 * replaces what was there; what it does not touch stays as it was, with the generation it was true of. Ready
 * sums up: it takes the reason of whatever stands in the way.
 *
 * Invariant: every condition is present from the first visit (Unknown until something is known), and
 * `lastTransitionTime` moves only when `status` does, as the HPA's.
 */
import type { EpochMillis } from "../base/units.ts";
import { timeText } from "../base/rfc3339.ts";
import type { Condition } from "../policy/status.ts";
import { type ReasonName, type Stated, stated as state } from "./reasons.ts";
import type { Contest, DecisionRecord, Effect } from "./record.ts";
import { VERTICAL_TYPES, verticalConditions } from "./vertical/conditions.ts";

const TYPES: readonly Condition["type"][] = ["Ready", "ScalingActive", "AbleToScale", "ScalingLimited"];

/** Not at work because someone wants it so: no problem, and so no reason for Ready to be False. */
const ON_PURPOSE: readonly string[] = [
  "Paused",
  "ScalingDisabled",
  "HorizontalOmitted",
] satisfies ReasonName[];

const FAILURES: readonly string[] = ["FailedGetScale", "FailedUpdateScale"] satisfies ReasonName[];

export function conditionsOf(record: DecisionRecord, previous: readonly Condition[]): readonly Condition[] {
  const stated = new Map(statedBy(record, previous).map((condition) => [condition.type, condition]));
  const { at, policy } = record;
  return typesFor(record, previous).map((type) => {
    const before = previous.find((condition) => condition.type === type);
    const now = stated.get(type);
    if (now === undefined && before !== undefined) return before;
    return dated(now ?? neverObserved(type), before, { at, generation: policy.generation });
  });
}

/** Where the spec does not parse, nobody knows whether it has `vertical`: what was there stays. */
function typesFor(
  { vertical, mode }: DecisionRecord,
  previous: readonly Condition[],
): readonly Condition["type"][] {
  if (vertical !== undefined) return [...TYPES, ...VERTICAL_TYPES];
  if (mode !== undefined) return TYPES;
  return [
    ...TYPES,
    ...VERTICAL_TYPES.filter((type) => previous.some((condition) => condition.type === type)),
  ];
}

function dated(
  { type, status, reason, message }: Stated,
  before: Condition | undefined,
  { at, generation }: Readonly<{ at: EpochMillis; generation: number }>,
): Condition {
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(at);
  return { type, status, reason, message, observedGeneration: generation, lastTransitionTime };
}

const neverObserved = (type: Condition["type"]): Stated =>
  state(type, "NeverObserved", "no decision has been made yet");

function statedBy(record: DecisionRecord, previous: readonly Condition[]): readonly Stated[] {
  const stated = statedOfReplicas(record, previous);
  if (record.vertical === undefined) return stated;
  const ofRequests = verticalConditions(record.vertical);
  const ready = summaryOfRequests(record, ofRequests);
  return [
    ...(ready === undefined ? stated : stated.map((one) => (one.type === "Ready" ? ready : one))),
    ...ofRequests,
  ];
}

/** Ready speaks of requests where they are all that there is, or where they can never be recommended. */
function summaryOfRequests({ verdict }: DecisionRecord, ofRequests: readonly Stated[]): Stated | undefined {
  const provided = ofRequests.find(({ type }) => type === "RecommendationProvided");
  const alone = verdict.kind === "not-decided" && verdict.why.reason === "HorizontalOmitted";
  const decides = alone || provided?.reason === "ConfigUnsupported";
  return provided !== undefined && decides ? { ...provided, type: "Ready" } : undefined;
}

function statedOfReplicas({ verdict }: DecisionRecord, previous: readonly Condition[]): readonly Stated[] {
  if (verdict.kind === "not-decided") {
    const { condition, reason, message } = verdict.why;
    const stated = state(condition, reason, message);
    return condition === "Ready" ? [asReady(stated)] : [asReady(stated), stated];
  }
  const { plan, effect, question, contest } = verdict;
  const acted = statedByEffect(effect, plan.to) ?? stillFailing(effect, previous);
  const overlay = acted?.status === "False" ? acted : (statedByContest(contest) ?? acted);
  const stated = [
    ...plan.conditions.filter(({ type }) => type !== overlay?.type),
    ...(overlay ? [overlay] : []),
  ];
  return [summary(stated, effect, question.evidence.attributedBy), ...stated];
}

/** What acting, or not acting on purpose, says beyond the plan. */
function statedByEffect(effect: Effect, to: number): Stated | undefined {
  switch (effect.kind) {
    case "none":
    case "doubted":
      return undefined;
    case "withheld":
      if (effect.because === "Shadow") return undefined;
      return state(
        effect.because === "Paused" ? "ScalingActive" : "AbleToScale",
        effect.because,
        effect.message,
      );
    case "scaled":
      if (effect.outcome.kind === "conflict") return undefined;
      return effect.outcome.kind === "written"
        ? state("AbleToScale", "SucceededRescale", `the replica count was set to ${to}`)
        : state("AbleToScale", "FailedUpdateScale", `setting ${to} replicas: ${effect.outcome.message}`);
  }
}

const WAY_OUT =
  "at most 6 are made in 10 minutes until it stops. Leave replicas out of what it applies: with Argo CD, " +
  "ignoreDifferences on /spec/replicas and syncOptions RespectIgnoreDifferences=true; with Flux or kubectl " +
  "apply, no spec.replicas in the manifest";

/** Writes that are taken back: a reader needs to know by whom, and what ends it. */
function statedByContest(contest: Contest | undefined): Stated | undefined {
  if (contest === undefined) return undefined;
  const { by = "someone", reversions } = contest;
  const what = `${by} took our writes back ${reversions} times in 10 minutes`;
  return state("AbleToScale", "Contended", `${what}: ${WAY_OUT}`);
}

/** A request that waits after a failure is not mended by waiting: what stood in the way still stands. */
function stillFailing(effect: Effect, previous: readonly Condition[]): Stated | undefined {
  if (effect.kind !== "doubted" || effect.doubt !== "waiting-after-failure") return undefined;
  return previous.find(({ type, reason }) => type === "AbleToScale" && FAILURES.includes(reason));
}

function summary(stated: readonly Stated[], effect: Effect, attributedBy: "owner" | "selector"): Stated {
  const inactive = stated.filter(({ type, status }) => type !== "ScalingLimited" && status === "False");
  const worst = inactive.find(({ reason }) => !ON_PURPOSE.includes(reason)) ?? inactive[0];
  if (worst !== undefined) return asReady(worst);
  if (effect.kind === "withheld") return state("Ready", effect.because, effect.message);
  if (attributedBy === "selector")
    return state(
      "Ready",
      "PodsSelectedByLabels",
      "decides and acts; pods are found by labels, because no owner leads from them to the target",
    );
  return state("Ready", "Active", "decides and acts");
}

const asReady = (stated: Stated): Stated => ({
  ...stated,
  type: "Ready",
  status: ON_PURPOSE.includes(stated.reason) ? "True" : "False",
});
