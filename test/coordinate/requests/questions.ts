/**
 * Questions for tests of plans of requests: one container that asks for 500m and 512Mi and is recommended half,
 * with four ready pods, a month of history, and nothing in the way.
 */
import {
  bytes, type EpochMillis, later, milliCores, millis, minutes, type RequestAmounts,
} from "../../../src/base/units.ts"; // prettier-ignore
import type { ContainerResources, RequestPlan, Resources } from "../../../src/coordinate/requests/plan.ts";
import type {
  ContainerState,
  RequestQuestion,
  Room,
  TemplateState,
  WorkloadState,
} from "../../../src/coordinate/requests/question.ts";
import { makeRequestPlan } from "../../../src/coordinate/requests/make-request-plan.ts";
import type { ApplySpec, ContainerPolicy, VerticalSpec } from "../../../src/policy/vertical/spec.ts";
import type { ContainerRecommendation, NoRecommendation } from "../../../src/vertical/proposal.ts";
import { T0 } from "../../builders.ts";

const MEBI = 1024 * 1024;

/** `amounts(500, 512)`: millicores and mebibytes. */
export const amounts = (cpu?: number, mebi?: number): RequestAmounts => ({
  ...(cpu !== undefined && { cpu: milliCores(cpu) }),
  ...(mebi !== undefined && { memory: bytes(Math.round(mebi * MEBI)) }),
});
export const mebi = (count: number) => bytes(count * MEBI);

export const resources = (requests: RequestAmounts, limits: RequestAmounts = {}): Resources => ({
  requests,
  limits,
});
export const named = (container: string, of: Resources): ContainerResources => ({ ...of, container });

export function aState(over: Partial<ContainerState> = {}): ContainerState {
  const present = over.present ?? resources(amounts(500, 512));
  return {
    name: "app",
    role: "main",
    base: present,
    present,
    others: [],
    memoryPeak: mebi(100),
    ooms: [],
    outsideSince: undefined,
    turns: {},
    memoryLimitLoweredAt: undefined,
    restartsFor: [],
    ...over,
  };
}

export function aRecommendation(
  target: RequestAmounts,
  over: Partial<ContainerRecommendation> = {},
): ContainerRecommendation {
  return {
    kind: "recommendation",
    container: "app",
    target,
    lowerBound: target,
    upperBound: target,
    uncappedTarget: target,
    base: amounts(500, 512),
    confidence: 30,
    ...over,
  };
}

export function aContainerPolicy(over: Partial<ContainerPolicy> = {}): ContainerPolicy {
  return {
    container: "*",
    mode: "Auto",
    controlledResources: ["cpu", "memory"],
    controlledValues: "RequestsAndLimits",
    minAllowed: {},
    maxAllowed: {},
    allowMemoryLimitDecrease: false,
    ...over,
  };
}

export const aTemplateState = (over: Partial<TemplateState> = {}): TemplateState => ({
  gitOps: undefined,
  requestsIgnored: false,
  annotation: "none",
  reverted: false,
  writtenAt: undefined,
  ...over,
});

type Parts = Partial<
  Omit<RequestQuestion, "spec" | "workload" | "room" | "containers" | "proposal" | "fleet">
> &
  Readonly<{
    apply?: Partial<ApplySpec>;
    policy?: Partial<ContainerPolicy>;
    /** What is recommended of container `app`. */
    target?: RequestAmounts;
    proposed?: readonly (ContainerRecommendation | NoRecommendation)[];
    state?: Partial<ContainerState>;
    containers?: readonly ContainerState[];
    workload?: Partial<WorkloadState>;
    room?: Partial<Room>;
    fleet?: Partial<RequestQuestion["fleet"]>;
  }>;

export function aRequestQuestion(parts: Parts = {}): RequestQuestion {
  const {
    apply,
    policy,
    target = amounts(250, 256),
    proposed,
    state,
    containers,
    workload,
    room,
    fleet,
    ...over
  } = parts;
  const spec: VerticalSpec = {
    apply: { mode: "InPlace", minReplicas: 2, windows: [], ...apply },
    recommender: {
      cpuPercentile: 0.9,
      memoryPercentile: 0.9,
      margin: 0.15,
      cpuHalfLife: minutes(1440),
      memoryHalfLife: minutes(1440),
    },
    containers: [aContainerPolicy(policy)],
  };
  return {
    now: T0,
    spec,
    proposal: { containers: proposed ?? [aRecommendation(target)] },
    containers: containers ?? [aState(state)],
    workload: {
      replicas: 4,
      readyPods: 4,
      surge: 1,
      rollout: { kind: "settled" },
      template: apply?.mode === "Template" ? aTemplateState() : undefined,
      ...workload,
    },
    followed: [],
    room: {
      nodes: [{ cpu: milliCores(8000), memory: mebi(32_768) }],
      limitRanges: {},
      quotaLeft: resources({}),
      pendingSince: undefined,
      ...room,
    },
    calm: { kind: "calm" },
    fleet: { managedPods: 100, podsResized: 0, workloads: 20, rolling: 0, ...fleet },
    lastWrite: undefined,
    ...over,
  };
}

/** The plan of a question that is made up so. */
export const planFor = (parts: Parts): RequestPlan => makeRequestPlan(aRequestQuestion(parts));

/** What becomes of container `app`: `500m 512Mi` as it is, limits behind a slash. */
export function becomes(parts: Parts, container = "app"): string {
  const question = aRequestQuestion(parts);
  const { changes } = makeRequestPlan(question);
  const change = changes.find((one) => one.container === container);
  return change === undefined ? "as it is" : textOf(change);
}

const textOf = ({ requests, limits }: Resources): string => {
  const said = ({ cpu, memory }: RequestAmounts): string =>
    [
      cpu === undefined ? [] : `${cpu}m`,
      memory === undefined ? [] : `${Math.round((memory / MEBI) * 10) / 10}Mi`,
    ]
      .flat()
      .join(" ");
  return [said(requests), said(limits)].filter((part) => part !== "").join(" / ");
};

export const ago = (hours: number): EpochMillis => later(T0, millis(-hours * 3_600_000));
