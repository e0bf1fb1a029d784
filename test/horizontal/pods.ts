/**
 * Pods, metrics and questions for tests of the horizontal algorithm.
 */
import {
  bytes,
  type EpochMillis,
  epochMillis,
  later,
  type MilliUnits,
  milliUnits,
  millis,
  minutes,
  nanoCores,
  seconds,
} from "../../src/base/units.ts";
import type { ContainerShape, PodShape } from "../../src/cluster/pod.ts";
import type { HorizontalQuestion, HorizontalSettings } from "../../src/horizontal/question.ts";
import type { MetricSpec } from "../../src/policy/policy.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { aHorizontalSpec, T0 } from "../builders.ts";

export const SETTINGS: HorizontalSettings = {
  tolerance: 0.1,
  downscaleStabilization: minutes(5),
  cpuInitializationPeriod: minutes(5),
  initialReadinessDelay: seconds(30),
  arithmetic: "exact",
};

export const cpuUtilization = (percent: number, container?: string): MetricSpec => ({
  resource: "cpu",
  container,
  target: { kind: "utilization", percent },
});

export const averageValue = (resource: MetricSpec["resource"], amount: number): MetricSpec => ({
  resource,
  container: undefined,
  target: { kind: "average-value", amount: milliUnits(amount) },
});

export function aContainer(name: string, over: Partial<ContainerShape> = {}): ContainerShape {
  return { name, role: "main", requests: { cpu: milliUnits(1000) }, limits: {}, ...over };
}

export function aShape(containers: readonly ContainerShape[], over: Partial<PodShape> = {}): PodShape {
  return { containers, podRequests: undefined, overhead: {}, ...over };
}

export const milliCores = (milli: number) => nanoCores(milli * 1_000_000);
export const kibibytes = (n: number): MilliUnits => milliUnits(n * 1024 * 1000);

/** Usage of the named containers, in millicores and bytes, sampled just now. */
export function usageOf(
  containers: Readonly<Record<string, Readonly<{ cpu?: number; memory?: number }>>>,
  { at = T0, window = seconds(30) }: Readonly<{ at?: EpochMillis; window?: ReturnType<typeof seconds> }> = {},
): NonNullable<PodEvidence["usage"]> {
  const entries = Object.entries(containers).map(([container, { cpu = 0, memory = 0 }]) => ({
    container,
    cpu: milliCores(cpu),
    memory: bytes(memory),
    at,
    window,
  }));
  return { at, window, containers: entries };
}

/** Ready for an hour, one container `app` that asks for a core and uses `cpu` millicores. */
export function aPod({ cpu, ...over }: Partial<PodEvidence> & Readonly<{ cpu?: number }> = {}): PodEvidence {
  const hourAgo = later(T0, minutes(-60));
  return {
    name: "web-1",
    shape: APP,
    phase: "Running",
    deleting: false,
    startTime: hourAgo,
    readiness: { status: "True", since: later(hourAgo, seconds(40)) },
    runningSince: hourAgo,
    usage: cpu === undefined ? undefined : usageOf({ app: { cpu } }),
    ...over,
  };
}
const APP = aShape([aContainer("app")]);

export function aQuestion(
  over: Partial<HorizontalQuestion> & Readonly<{ metrics?: readonly MetricSpec[] }> = {},
) {
  const { metrics = [cpuUtilization(60)], ...rest } = over;
  const question: HorizontalQuestion = {
    now: T0,
    spec: aHorizontalSpec({ metrics }),
    settings: SETTINGS,
    currentReplicas: over.pods?.length ?? 0,
    pods: [],
    ...rest,
  };
  return question;
}

/** The zero time of Go, as far back as we can say it. */
export const LONG_AGO = epochMillis(0);
export const ago = (length: number): EpochMillis => later(T0, millis(-length * 1000));
