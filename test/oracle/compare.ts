/**
 * Our answer beside upstream's. Invariant: what is not equal has a name that says why it may differ, or it is a
 * difference, and a difference is a fault.
 */
import type { Quantity } from "../../src/base/quantity.ts";
import { parseQuantity, quantityInMilli, quantityText, readAmount } from "../../src/base/quantity.ts";
import { bytes, epochMillis, milliUnits, millis, nanoCores, seconds } from "../../src/base/units.ts";
import type { Amounts } from "../../src/base/units.ts";
import type { PodShape } from "../../src/cluster/pod.ts";
import { parseSelector } from "../../src/cluster/selector.ts";
import { REPLICAS_MAX } from "../../src/horizontal/arithmetic.ts";
import type { MetricProposal } from "../../src/horizontal/proposal.ts";
import { proposeReplicas } from "../../src/horizontal/propose.ts";
import type { HorizontalQuestion } from "../../src/horizontal/question.ts";
import type { MetricSpec } from "../../src/policy/policy.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { T0 } from "../builders.ts";
import type {
  AmountTexts,
  Answer,
  Answers,
  Case,
  PodCase,
  ReplicasCase,
  SelectorCase,
  ShapeCase,
} from "./case.ts";
import { equal } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";
import { compareBucket, compareFit } from "./vertical/compare-fit.ts";
import { compareRecommendation } from "./vertical/compare-recommendation.ts";

/** Whether our answer is upstream's, number for number, or both refuse. */
export const isUpstreams = (ours: MetricProposal, upstream: Answers["replicas"]): boolean =>
  refusedByBoth(ours, upstream) || isSame(ours, upstream);

export function compare(one: Case, answer: Answer): Verdict {
  switch (one.kind) {
    case "replicas":
      return compareReplicas(one.asked, answer as Answers["replicas"]);
    case "quantity":
      return compareQuantity(one.asked, answer as Answers["quantity"]);
    case "selector":
      return compareSelector(one.asked, answer as Answers["selector"]);
    case "recommendation":
      return compareRecommendation(one.asked, answer as Answers["recommendation"]);
    case "fit":
      return compareFit(one.asked, answer as Answers["fit"]);
    case "bucket":
      return compareBucket(one.asked, answer as Answers["bucket"]);
  }
}

function compareReplicas(asked: ReplicasCase, upstream: Answers["replicas"]): Verdict {
  const ours = proposeAs(asked, "upstream");
  const exact = proposeAs(asked, "exact");
  if (refusedByBoth(ours, upstream) && exact.kind === "invalid") return equal(true);
  if (!isSame(ours, upstream))
    return beyondIntegers(asked, ours) ?? { kind: "different", ours: JSON.stringify(ours) };
  const rounding = roundingOf(exact, ours);
  if (rounding !== "unexplained") return equal(false, rounding);
  return beyondIntegers(asked, ours) ?? { kind: "different", ours: `exact: ${JSON.stringify(exact)}` };
}

const refusedByBoth = ({ kind }: MetricProposal, { error }: Answers["replicas"]): boolean =>
  kind === "invalid" && error !== undefined;

const isSame = (ours: MetricProposal, upstream: Answers["replicas"]): boolean =>
  ours.kind === "valid" &&
  upstream.error === undefined &&
  ours.replicas === upstream.replicas &&
  (ours.utilization ?? null) === upstream.utilization &&
  ours.averageValue === Number(upstream.average);

/** How exact departs from upstream: not at all, or in one of two ways that float64 explains. */
function roundingOf(exact: MetricProposal, upstream: MetricProposal): string | undefined {
  if (exact.kind === "invalid" || upstream.kind === "invalid") return "unexplained";
  if (exact.replicas === upstream.replicas) return undefined;
  if (exact.replicas === upstream.replicas - 1) return "float64 rounds one up too many";
  const [one, other] = [exact.because === "within-tolerance", upstream.because === "within-tolerance"];
  return one === other ? "unexplained" : "float64 at the tolerance's edge";
}

/** Where upstream's integers wrap round, or amounts exceed what a Number holds, ours saturate: by design, only there. */
function beyondIntegers(asked: ReplicasCase, ours: MetricProposal): Verdict | undefined {
  if (usageOf(asked) > NUMBER_MAX) return { kind: "named", name: "usage beyond 2^53 milli-units saturates" };
  if (milliOf(asked.averageValue) > NUMBER_MAX)
    return { kind: "named", name: "a target beyond 2^53 milli-units saturates" };
  if (asked.shapes.some((shape) => assumedOf(asked, shape) > NUMBER_MAX))
    return { kind: "named", name: "a request beyond 2^53 milli-units saturates" };
  if (ours.kind === "valid" && Math.max(ours.replicas, ours.utilization ?? 0) >= REPLICAS_MAX)
    return { kind: "named", name: "int32 wraps round upstream" };
  return undefined;
}

const NUMBER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

function usageOf({ pods, resource }: ReplicasCase): bigint {
  const containers = pods.flatMap(({ sample }) => sample?.containers ?? []);
  const amounts = containers.map(({ cpu, memory }) =>
    resource === "cpu" ? BigInt(cpu.slice(0, -1)) / 1_000_000n + 1n : BigInt(memory) * 1000n,
  );
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

/** At most what is assumed of a pod of this shape that has no sample. */
function assumedOf({ resource, utilization }: ReplicasCase, shape: ShapeCase): bigint {
  const texts = [shape.podRequests, shape.overhead, ...shape.containers.map(({ requests }) => requests)];
  let total = 0n;
  for (const { [resource]: text = "0" } of texts) total += milliOf(text);
  return (total * BigInt(Math.max(100, utilization ?? 0))) / 100n;
}

function milliOf(text: string): bigint {
  const parsed = parseQuantity(text);
  return parsed.kind === "quantity" ? parsed.quantity.nano / 1_000_000n : 0n;
}

/** Our answer to a case of one metric. */
export function proposeAs(asked: ReplicasCase, arithmetic: "exact" | "upstream"): MetricProposal {
  const [proposal] = proposeReplicas(questionOf(asked, arithmetic)).metrics;
  if (proposal === undefined) throw new Error("one metric gives one proposal");
  return proposal;
}

export function questionOf(asked: ReplicasCase, arithmetic: "exact" | "upstream"): HorizontalQuestion {
  const shapes = asked.shapes.map(shapeOf);
  const rules = { stabilizationWindow: seconds(0), selectPolicy: "Max", policies: [] } as const;
  return {
    now: T0,
    currentReplicas: asked.current,
    pods: asked.pods.map((pod, i) => evidenceOf(pod, `pod-${i}`, shapes)),
    spec: {
      minReplicas: 1,
      maxReplicas: REPLICAS_MAX,
      metrics: [metricOf(asked)],
      behavior: {
        scaleUp: { ...rules, tolerance: asked.toleranceUp },
        scaleDown: { ...rules, tolerance: asked.toleranceDown },
      },
    },
    settings: {
      tolerance: 0.1,
      downscaleStabilization: seconds(300),
      cpuInitializationPeriod: seconds(asked.cpuInit),
      initialReadinessDelay: seconds(asked.readyDelay),
      arithmetic,
    },
  };
}

const metricOf = ({ resource, container, utilization, averageValue }: ReplicasCase): MetricSpec => ({
  resource,
  container: container === "" ? undefined : container,
  target:
    utilization === null
      ? { kind: "average-value", amount: readAmount(averageValue) ?? milliUnits(0) }
      : { kind: "utilization", percent: utilization },
});

function amountsOf(texts: AmountTexts): Amounts {
  const [cpu, memory] = [readAmount(texts.cpu), readAmount(texts.memory)];
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}

const shapeOf = ({ containers, podRequests, overhead }: ShapeCase): PodShape => ({
  containers: containers.map(({ name, role, requests }) => ({
    name,
    role,
    requests: amountsOf(requests),
    limits: {},
  })),
  podRequests: Object.keys(podRequests).length === 0 ? undefined : amountsOf(podRequests),
  overhead: amountsOf(overhead),
});

function evidenceOf(pod: PodCase, name: string, shapes: readonly PodShape[]): PodEvidence {
  const ago = (length: number) => epochMillis(T0 - length * 1000);
  const { sample } = pod;
  const times = sample === null ? undefined : { at: ago(sample.ago), window: millis(sample.window * 1000) };
  return {
    name,
    shape: shapes[pod.shape]!,
    phase: pod.phase,
    deleting: pod.deleting,
    startTime: pod.startedAgo === null ? undefined : ago(pod.startedAgo),
    readiness: pod.ready === "" ? undefined : { status: pod.ready, since: ago(pod.readyAgo) },
    runningSince: undefined,
    usage: times && {
      ...times,
      containers: (sample?.containers ?? []).map((each) => ({
        container: each.name,
        cpu: nanoCores(Number(each.cpu.slice(0, -1))),
        memory: bytes(Number(each.memory)),
        ...times,
      })),
    },
  };
}

/** In billionths. */
const TEN_TO_21 = 10n ** 30n;

function compareQuantity(text: string, upstream: Answers["quantity"]): Verdict {
  const parsed = parseQuantity(text);
  if (parsed.kind === "malformed" && upstream.error !== undefined) return equal(true);
  if (parsed.kind === "malformed" || upstream.error !== undefined)
    return { kind: "different", ours: JSON.stringify(parsed, bigintAsText) };
  return compareRead(parsed.quantity, upstream);
}

function compareRead(quantity: Quantity, upstream: Answers["quantity"]): Verdict {
  const text = quantityText(quantity);
  const milli = quantity.nano < 0n ? undefined : quantityInMilli(quantity);
  const different: Verdict = { kind: "different", ours: JSON.stringify({ text, milli }) };
  if (text !== upstream.text) {
    const size = quantity.nano < 0n ? -quantity.nano : quantity.nano;
    return quantity.format === "DecimalSI" && size >= TEN_TO_21
      ? { kind: "named", name: "upstream prints 10^21 and more without its suffix" }
      : different;
  }
  if (milli === undefined || milli === Number(upstream.milli)) return equal(false);
  return quantity.nano / 1_000_000n >= 2n ** 63n - 1n
    ? { kind: "named", name: "milli-units beyond int64 saturate" }
    : different;
}

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);

function compareSelector({ text, labels }: SelectorCase, upstream: Answers["selector"]): Verdict {
  const selector = parseSelector(text);
  if (selector === undefined || upstream.error !== undefined)
    return selector === undefined && upstream.error !== undefined
      ? equal(true)
      : { kind: "different", ours: selector === undefined ? "no selector" : "a selector" };
  const ours = labels.map((each) => selector(each));
  return ours.every((match, i) => match === upstream.matches[i])
    ? equal(false)
    : { kind: "different", ours: JSON.stringify(ours) };
}
