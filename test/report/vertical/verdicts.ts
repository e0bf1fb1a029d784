/**
 * Verdicts about requests for tests: an ordinary one, of which a test names what matters to it.
 */
import { bytes, milliCores, type RequestAmounts } from "../../../src/base/units.ts";
import type { MetricSpec } from "../../../src/policy/policy.ts";
import type { VerticalSpec } from "../../../src/policy/vertical/spec.ts";
import type { DecisionRecord, VerticalVerdict } from "../../../src/report/record.ts";
import type { ContainerRecommendation, NoRecommendation } from "../../../src/vertical/proposal.ts";
import type { ContainerQuestion } from "../../../src/vertical/question.ts";
import { VERTICAL_SETTINGS } from "../../../src/vertical/recommend.ts";
import { aVerticalSpec, T0 } from "../../builders.ts";
import { notDecided, steady } from "../records.ts";

export const MEBI = 2 ** 20;
export const amounts = (cpu: number, mebi: number): RequestAmounts => ({
  cpu: milliCores(cpu),
  memory: bytes(mebi * MEBI),
});

export function aRecommendation(over: Partial<ContainerRecommendation> = {}): ContainerRecommendation {
  const { target = amounts(240, 305) } = over;
  return {
    kind: "recommendation",
    container: "app",
    target,
    lowerBound: amounts(125, 250),
    upperBound: amounts(900, 1024),
    uncappedTarget: target,
    base: amounts(500, 310),
    confidence: 0.254,
    ...over,
  };
}

export const none = (container: string, because: NoRecommendation["because"]): NoRecommendation => ({
  kind: "none",
  container,
  because,
});

export const aContainer = (over: Partial<ContainerQuestion> = {}): ContainerQuestion => ({
  name: "app",
  role: "main",
  history: undefined,
  requests: amounts(500, 310),
  limits: {},
  ...over,
});

export function aVerdict(
  over: Partial<Omit<VerticalVerdict, "question" | "proposal">> &
    Readonly<{
      spec?: VerticalSpec;
      asked?: readonly ContainerQuestion[];
      answered?: VerticalVerdict["proposal"]["containers"];
    }> = {},
): VerticalVerdict {
  const { spec = aVerticalSpec(), asked = [aContainer()], answered = [aRecommendation()], ...rest } = over;
  return {
    question: { now: T0, spec, settings: VERTICAL_SETTINGS, containers: asked },
    proposal: { containers: answered },
    podCount: 3,
    unsupported: undefined,
    followed: [],
    applying: { status: "False", reason: "ApplyModeOff", message: "apply.mode is Off" },
    ...rest,
  };
}

export const cpuUtilization = (percent: number, container?: string): MetricSpec => ({
  resource: "cpu",
  container,
  target: { kind: "utilization", percent },
});

/** Of a policy that has `vertical` beside `horizontal`, or alone. */
export const besideHorizontal = (vertical = aVerdict()): DecisionRecord => ({ ...steady(), vertical });
export const alone = (vertical = aVerdict()): DecisionRecord => ({
  ...notDecided("HorizontalOmitted", "ScalingActive"),
  vertical,
});
