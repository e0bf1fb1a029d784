/**
 * Objects for tests: each builder gives something ordinary, and a test names only what matters to it.
 */
import type { ScaleWish } from "../src/actuate/port.ts";
import { uid } from "../src/base/ids.ts";
import { epochMillis, millis, milliUnits, seconds } from "../src/base/units.ts";
import type { Meta } from "../src/cluster/object.ts";
import type { ForeignAutoscaler, PolicyObject, Workload } from "../src/cluster/workload.ts";
import type { HorizontalSpec, ScalePolicySpec } from "../src/policy/policy.ts";
import type { VerticalSpec } from "../src/policy/vertical/spec.ts";

export const T0 = epochMillis(Date.UTC(2026, 10, 25, 12, 0, 0));

export function aMeta(over: Partial<Meta> = {}): Meta {
  const name = over.name ?? "web";
  return {
    namespace: "shop",
    name,
    uid: uid(`uid-of-${name}`),
    resourceVersion: "1",
    generation: 1,
    createdAt: T0,
    deleting: false,
    owner: undefined,
    ...over,
  };
}

export function aWorkload(over: Partial<Workload> = {}): Workload {
  const replicas = over.replicas ?? 4;
  return {
    meta: aMeta(),
    kind: "Deployment",
    replicas,
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, readyReplicas: replicas },
    paused: false,
    rollsByItself: true,
    partition: 0,
    stuckSince: undefined,
    replicaFailure: undefined,
    scaledBy: undefined,
    ...over,
  };
}

export function aHorizontalSpec(over: Partial<HorizontalSpec> = {}): HorizontalSpec {
  return {
    minReplicas: 2,
    maxReplicas: 20,
    metrics: [{ resource: "cpu", container: undefined, target: { kind: "utilization", percent: 60 } }],
    behavior: undefined,
    ...over,
  };
}

export function aPolicySpec(over: Partial<ScalePolicySpec> = {}): ScalePolicySpec {
  return {
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    mode: "Active",
    horizontal: aHorizontalSpec(),
    vertical: undefined,
    ...over,
  };
}

/** What an empty `vertical` means. */
export const aVerticalSpec = (over: Partial<VerticalSpec> = {}): VerticalSpec => ({
  apply: { mode: "Off", minReplicas: 2, windows: [] },
  recommender: {
    cpuPercentile: 0.9,
    memoryPercentile: 0.9,
    margin: 0.15,
    cpuHalfLife: seconds(86_400),
    memoryHalfLife: seconds(86_400),
  },
  containers: [],
  ...over,
});

export function aPolicyObject(over: Partial<Meta> = {}): PolicyObject {
  return { meta: aMeta(over), spec: {}, status: undefined };
}

export function anAutoscaler(over: Partial<ForeignAutoscaler> = {}): ForeignAutoscaler {
  return {
    meta: aMeta({ name: "web-hpa" }),
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    ownerKind: undefined,
    desiredReplicas: 4,
    followsUtilizationOf: ["cpu"],
    ...over,
  };
}

export const aCpuRequest = (milli: number) => ({ cpu: milliUnits(milli) });
export const secondsOf = (n: number) => millis(n * 1000);

/** A write that has all the time of a fresh Lease. */
export const wish = (replicas: number, over: Partial<ScaleWish> = {}): ScaleWish => ({
  replicas,
  within: seconds(10),
  signal: new AbortController().signal,
  ...over,
});
