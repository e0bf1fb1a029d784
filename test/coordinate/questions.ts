/**
 * Questions for tests of plans: a workload of ready pods at a level, and a memory that is whole.
 */
import { uid } from "../../src/base/ids.ts";
import { later, type Millis, minutes, monoMillis, seconds } from "../../src/base/units.ts";
import { type DecisionMemory, startMemory } from "../../src/coordinate/memory.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import type { Behavior, HorizontalSpec } from "../../src/policy/policy.ts";
import type { WorkloadEvidence } from "../../src/usage/evidence.ts";
import { aHorizontalSpec, T0 } from "../builders.ts";
import { ago, aPod, SETTINGS } from "../horizontal/pods.ts";

export const TARGET = uid("uid-of-web");

/** Decided for two hours, on this generation, with nothing in the windows. */
export function aMemory(over: Partial<DecisionMemory> = {}): DecisionMemory {
  return { ...startMemory(TARGET, ago(7200)), generation: 1, ...over };
}

/** `count` ready pods, each at `percent` of a request of one core; all have fresh samples. */
export function podsAt(percent: number, count: number): WorkloadEvidence["pods"] {
  return Array.from({ length: count }, (_, n) => aPod({ name: `web-${n}`, cpu: percent * 10 }));
}

export function anEvidence(over: Partial<WorkloadEvidence> = {}): WorkloadEvidence {
  const pods = over.pods ?? podsAt(60, 4);
  return {
    pods,
    expectedCount: pods.length,
    lacking: [],
    lostCount: 0,
    weightlessCount: 0,
    clippedCount: 0,
    attributedBy: "owner",
    cacheAge: seconds(1),
    ...over,
  };
}

type Parts = Partial<Omit<PlanQuestion, "evidence" | "spec" | "memory">> &
  Readonly<{
    /** Of the request, in percent; the mark is 60. */
    level?: number;
    replicas?: number;
    evidence?: Partial<WorkloadEvidence>;
    spec?: Partial<HorizontalSpec>;
    memory?: Partial<DecisionMemory>;
  }>;

/** Four replicas at the mark of 60 %, between 1 and 100, without `behavior`; nothing stands in the way. */
export function aPlanQuestion({
  level = 60,
  replicas = 4,
  evidence,
  spec,
  memory,
  ...over
}: Parts = {}): PlanQuestion {
  return {
    now: T0,
    mono: monoMillis(10_000_000),
    spec: aHorizontalSpec({ minReplicas: 1, maxReplicas: 100, ...spec }),
    generation: 1,
    settings: SETTINGS,
    resolution: seconds(15),
    target: { uid: TARGET, replicas, observedReplicas: replicas },
    evidence: anEvidence({ pods: podsAt(level, replicas), ...evidence }),
    rollout: { kind: "settled" },
    replicaFailure: undefined,
    nodes: { knownCount: 10, silent: [] },
    fleet: {
      policyCount: 1,
      managedReplicas: replicas,
      policiesMoved: 0,
      policiesRaised: 0,
      replicasAdded: 0,
      replicasRemoved: 0,
      ownAdded: 0,
      ownBefore: replicas,
    },
    brakes: { decrease: true, increase: true },
    memory: aMemory(memory),
    ...over,
  };
}

/** The same question a while later, with the memory that was left. */
export function after(by: Millis, question: PlanQuestion, memory: DecisionMemory): PlanQuestion {
  return { ...question, now: later(question.now, by), mono: later(question.mono, by), memory };
}

/** autoscaling/v2's defaults for a `behavior` that is there but empty. */
export function aBehavior({
  up,
  down,
}: Readonly<{ up?: Partial<Behavior["scaleUp"]>; down?: Partial<Behavior["scaleDown"]> }> = {}): Behavior {
  const percent = { type: "Percent", value: 100, period: seconds(15) } as const;
  return {
    scaleUp: {
      stabilizationWindow: seconds(0),
      selectPolicy: "Max",
      policies: [{ type: "Pods", value: 4, period: seconds(15) }, percent],
      tolerance: undefined,
      ...up,
    },
    scaleDown: {
      stabilizationWindow: undefined,
      selectPolicy: "Max",
      policies: [percent],
      tolerance: undefined,
      ...down,
    },
  };
}

export const WINDOW = minutes(5);
