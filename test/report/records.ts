/**
 * Decision records for tests: an ordinary one, of which a test names what matters to it.
 */
import { nodeName, objectKey, uid } from "../../src/base/ids.ts";
import type { WriteOutcome } from "../../src/base/outcome.ts";
import { type EpochMillis, later, millis, milliUnits, monoMillis, seconds } from "../../src/base/units.ts";
import { startMemory } from "../../src/coordinate/memory.ts";
import type { Plan, PlanCondition } from "../../src/coordinate/plan.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import type { MetricProposal, ValidProposal } from "../../src/horizontal/proposal.ts";
import type { MetricSpec } from "../../src/policy/policy.ts";
import type { ScalePolicyStatus } from "../../src/policy/status.ts";
import { eventsOf } from "../../src/report/events.ts";
import type { ObstacleName } from "../../src/report/reasons.ts";
import type { Contest, DecisionRecord, Effect } from "../../src/report/record.ts";
import { statusOf } from "../../src/report/status.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { aHorizontalSpec, aMeta, T0 } from "../builders.ts";

export const KEY = objectKey("shop", "web");
/** `T0` moved by so many seconds. */
export const at = (after: number): EpochMillis => later(T0, seconds(after));

export const cpuAt = (percent: number): MetricSpec => ({
  resource: "cpu",
  container: undefined,
  target: { kind: "utilization", percent },
});

export function aValidMetric(over: Partial<ValidProposal> = {}): ValidProposal {
  return {
    kind: "valid",
    metric: cpuAt(60),
    replicas: 6,
    upstreamReplicas: 6,
    utilization: 90,
    averageValue: milliUnits(450),
    ratio: 1.5,
    readyCount: 4,
    unreadyCount: 0,
    missingCount: 0,
    consideredCount: 4,
    limits: undefined,
    because: "usage-over-target",
    ...over,
  };
}

export const anInvalidMetric = (metric = cpuAt(60)): MetricProposal => ({
  kind: "invalid",
  metric,
  reason: "FailedGetResourceMetric",
  message: "no fresh samples of 4 pods",
});

const CONDITIONS: readonly PlanCondition[] = [
  { type: "ScalingActive", status: "True", reason: "ValidMetricFound", message: "cpu gave a count" },
  { type: "AbleToScale", status: "True", reason: "ReadyForNewScale", message: "used as it is" },
  { type: "ScalingLimited", status: "False", reason: "DesiredWithinRange", message: "within range" },
];

/** The ordinary conditions with some of them replaced. */
export const conditionsWith = (...others: PlanCondition[]): PlanCondition[] =>
  CONDITIONS.map((usual) => others.find(({ type }) => type === usual.type) ?? usual);

export function aPlan(over: Partial<Plan> = {}): Plan {
  const { from = 4, to = 6 } = over;
  return {
    from,
    to,
    proposal: {
      metrics: [aValidMetric({ replicas: to })],
      combined: { kind: "replicas", replicas: to, upstreamReplicas: to, winner: 0, invalidCount: 0 },
    },
    moves: [],
    conditions: CONDITIONS,
    sentence: `cpu 90 % of request, mark 60 %: ${from} → ${to}`,
    ...over,
  };
}

/** A plan that finds no answer and keeps the count. */
export const aBlindPlan = (): Plan =>
  aPlan({
    from: 4,
    to: 4,
    proposal: {
      metrics: [anInvalidMetric()],
      combined: { kind: "failure", reason: "FailedGetResourceMetric", message: "no fresh samples of 4 pods" },
    },
    conditions: conditionsWith({
      type: "ScalingActive",
      status: "False",
      reason: "FailedGetResourceMetric",
      message: "no fresh samples of 4 pods",
    }),
    sentence: "held: no fresh samples of 4 pods",
  });

/** Someone set 0 replicas: nothing is asked, and there is no pod to measure. */
export const aPlanAtZero = (): Plan => ({
  ...aBlindPlan(),
  from: 0,
  to: 0,
  conditions: conditionsWith({
    type: "ScalingActive",
    status: "False",
    reason: "ScalingDisabled",
    message: "the target is at 0 replicas",
  }),
  sentence: "paused: someone set the replicas to 0",
});

export function aPod(over: Partial<PodEvidence> = {}): PodEvidence {
  const requests = { cpu: milliUnits(240), memory: milliUnits(310 * 1024 ** 2 * 1000) };
  return {
    name: "web-1",
    shape: {
      containers: [{ name: "app", role: "main", requests, limits: {} }],
      podRequests: undefined,
      overhead: {},
    },
    phase: "Running",
    deleting: false,
    startTime: T0,
    readiness: { status: "True", since: T0 },
    runningSince: T0,
    usage: undefined,
    ...over,
  };
}

export function aQuestion(over: Partial<PlanQuestion> = {}): PlanQuestion {
  return {
    now: T0,
    mono: monoMillis(0),
    spec: aHorizontalSpec(),
    generation: 1,
    settings: {
      tolerance: 0.1,
      downscaleStabilization: seconds(300),
      cpuInitializationPeriod: seconds(300),
      initialReadinessDelay: seconds(30),
      arithmetic: "exact",
    },
    resolution: seconds(15),
    target: { uid: uid("target"), replicas: 4, observedReplicas: 4 },
    evidence: {
      pods: [aPod()],
      expectedCount: 4,
      lacking: [],
      lostCount: 0,
      weightlessCount: 0,
      clippedCount: 0,
      attributedBy: "owner",
      cacheAge: millis(0),
    },
    rollout: { kind: "settled" },
    replicaFailure: undefined,
    nodes: { knownCount: 1, silent: [nodeName("n1")].slice(1) },
    fleet: {
      policyCount: 1,
      managedReplicas: 4,
      policiesMoved: 0,
      policiesRaised: 0,
      replicasAdded: 0,
      replicasRemoved: 0,
      ownAdded: 0,
      ownBefore: 4,
    },
    brakes: { decrease: true, increase: true },
    memory: { ...startMemory(uid("target"), T0), generation: 1 },
    ...over,
  };
}

export const WRITTEN: Effect = { kind: "scaled", outcome: { kind: "written", resourceVersion: "7" } };
export const scaledWith = (outcome: WriteOutcome): Effect => ({ kind: "scaled", outcome });
export const withheld = (because: Extract<Effect, { kind: "withheld" }>["because"]): Effect => ({
  kind: "withheld",
  because,
  message: `${because} is why`,
});

type Moment = Readonly<{ at?: EpochMillis; generation?: number }>;

const aRecord = (
  verdict: DecisionRecord["verdict"],
  { at: when = T0, generation = 1 }: Moment = {},
): DecisionRecord => ({
  id: { policy: KEY, epoch: 1, sequence: 1 },
  at: when,
  trigger: "fresh-samples",
  policy: { namespace: "shop", name: "web", uid: uid("uid-of-web"), generation },
  target: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
  mode: "Active",
  verdict,
});

export function planned(
  plan: Plan = aPlan(),
  effect: Effect = WRITTEN,
  {
    question = aQuestion(),
    contest,
    ...when
  }: Moment & Readonly<{ question?: PlanQuestion; contest?: Contest }> = {},
): DecisionRecord {
  const verdict = { kind: "planned", question, plan, effect } as const;
  return aRecord(contest === undefined ? verdict : { ...verdict, contest }, when);
}

/** Argo CD, each time. */
export const TAKEN_BACK: Contest = { reversions: 3, by: "argocd-controller" };

/** The metrics ask for what is there. */
export const steady = (when: Moment = {}): DecisionRecord =>
  planned(aPlan({ from: 4, to: 4 }), { kind: "none" }, when);

export const notDecided = (
  reason: ObstacleName,
  condition: "Ready" | "ScalingActive" | "AbleToScale",
  when: Moment = {},
): DecisionRecord =>
  aRecord({ kind: "not-decided", why: { condition, reason, message: `${reason} is why` } }, when);

/** The status after these records, one after the other. */
export const statusAfter = (...records: readonly DecisionRecord[]): ScalePolicyStatus | undefined =>
  records.reduce<ScalePolicyStatus | undefined>(
    (previous, record) => statusOf({ record, previous, history: undefined, acts: [] }),
    undefined,
  );

/** The Events of the last of these records. */
export function eventsAfter(...records: readonly DecisionRecord[]) {
  const record = records.at(-1)!;
  const previous = statusAfter(...records.slice(0, -1));
  const next = statusOf({ record, previous, history: undefined, acts: [] });
  return eventsOf({ record, policy: aMeta(), previous, next });
}
