/** Questions for tests: one container, the VPA's defaults, and a history. */
import { bytes, epochMillis, milliCores, minutes } from "../../src/base/units.ts";
import type { ContainerPolicy } from "../../src/policy/vertical/spec.ts";
import type { HistogramSnapshot, HistorySnapshot } from "../../src/usage/history/snapshot.ts";
import type { ContainerRecommendation } from "../../src/vertical/proposal.ts";
import type { ContainerQuestion, VerticalQuestion } from "../../src/vertical/question.ts";
import { recommend, VERTICAL_SETTINGS } from "../../src/vertical/recommend.ts";

const NOTHING: HistogramSnapshot = { reference: epochMillis(0), buckets: [], total: 0 };
export const NO_HISTORY: HistorySnapshot = {
  cpu: NOTHING,
  memory: NOTHING,
  firstSample: undefined,
  lastSample: undefined,
  sampleCount: 0,
};

export const aContainer = (over: Partial<ContainerQuestion> = {}): ContainerQuestion => ({
  name: "app",
  role: "main",
  history: undefined,
  requests: {},
  limits: {},
  ...over,
});

export const aContainerPolicy = (over: Partial<ContainerPolicy> = {}): ContainerPolicy => ({
  container: "*",
  mode: "Auto",
  controlledResources: ["cpu", "memory"],
  controlledValues: "RequestsAndLimits",
  minAllowed: {},
  maxAllowed: {},
  allowMemoryLimitDecrease: false,
  ...over,
});

export function aQuestion(
  containers: readonly ContainerQuestion[],
  over: Partial<{
    policies: readonly ContainerPolicy[];
    recommender: Partial<VerticalQuestion["spec"]["recommender"]>;
    settings: Partial<VerticalQuestion["settings"]>;
  }> = {},
): VerticalQuestion {
  return {
    now: epochMillis(0),
    spec: {
      apply: { mode: "Off", minReplicas: 2, windows: [] },
      recommender: {
        cpuPercentile: 0.9,
        memoryPercentile: 0.9,
        margin: 0.15,
        cpuHalfLife: minutes(24 * 60),
        memoryHalfLife: minutes(24 * 60),
        ...over.recommender,
      },
      containers: over.policies ?? [],
    },
    settings: { ...VERTICAL_SETTINGS, ...over.settings },
    containers,
  };
}

/** No minimum: what the estimators say by themselves. */
export const WITHOUT_MINIMUM = { settings: { podMinimum: { cpu: milliCores(0), memory: bytes(0) } } };

/** What is recommended of the only container. */
export function recommendOf(
  history: HistorySnapshot,
  over: Parameters<typeof aQuestion>[1] = {},
): ContainerRecommendation {
  const [found] = recommend(aQuestion([aContainer({ history })], over)).containers;
  if (found?.kind !== "recommendation") throw new Error(`no recommendation: ${found?.because}`);
  return found;
}
