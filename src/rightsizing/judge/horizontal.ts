/**
 * What the bounds and targets of a workload's autoscaler make of its usage.
 *
 *   min-too-high         min 6 holds 6 pods, and p95 usage needs 2 at the target
 *   pinned-at-max        at max, and still above the target: it would add pods and may not
 *   target-unreachable   a limit of 500m on a request of 500m can never show more than 100 %, so a target of
 *                        95 % with 10 % tolerance (104.5 %) never adds a pod
 *   never-scaled         14 days or more without a change of the count, though min and max differ
 *
 * Invariant: what a count needs is told only where usage is known and nothing else is followed.
 */
import type { EpochMillis } from "../../base/units.ts";
import { elapsed, epochMillis } from "../../base/units.ts";
import type { Mark, Scaler } from "../subject.ts";
import { countedBy, type PairContainer, sumOf } from "./pair.ts";

export type FindingKind = "min-too-high" | "pinned-at-max" | "target-unreachable" | "never-scaled";

export type Finding = Readonly<{
  kind: FindingKind;
  scaler: Readonly<{ kind: Scaler["kind"]; name: string }>;
  /** One sentence with its numbers. */
  message: string;
  /** Pods that `min-too-high` keeps beyond what usage needs. */
  spareReplicas: number;
}>;

/** A container with what its usage was. */
export type FindingContainer = PairContainer &
  Readonly<{ p95: number | undefined; limit: number | undefined }>;

export type FindingQuestion = Readonly<{
  now: EpochMillis;
  replicas: number;
  scaler: Scaler;
  /** By resource: a mark reads the containers of its own. */
  containers: Readonly<Record<Mark["resource"], readonly FindingContainer[]>>;
}>;

const TOLERANCE = 0.1;
const STILL_FOR_MS = 14 * 86_400_000;

export function findingsOf(question: FindingQuestion): readonly Finding[] {
  const { scaler } = question;
  const found = [
    minTooHigh(question),
    pinnedAtMax(question),
    ...unreachable(question),
    neverScaled(question),
  ];
  return found.flatMap((one) =>
    one === undefined ? [] : [{ spareReplicas: 0, scaler: { kind: scaler.kind, name: scaler.name }, ...one }],
  );
}

type Said = Pick<Finding, "kind" | "message"> & Partial<Finding>;

function minTooHigh({ scaler, replicas, containers }: FindingQuestion): Said | undefined {
  const { minReplicas: min, marks, followsMore } = scaler;
  if (followsMore || marks.length === 0 || min < 2 || replicas > min || replicas === 0) return undefined;
  const needs = marks.map((mark) => replicasFor(mark, containers[mark.resource], replicas));
  if (needs.includes(undefined)) return undefined;
  const needed = Math.max(1, ...needs.map((one) => one ?? 0));
  if (needed >= min) return undefined;
  return {
    kind: "min-too-high",
    message: `min ${min} holds ${replicas} pods; p95 usage needs ${needed} at the target`,
    spareReplicas: replicas - needed,
  };
}

/** Pods that bring what all use in 95 of 100 moments, at most, down to the target. */
function replicasFor(
  mark: Mark,
  containers: readonly FindingContainer[],
  replicas: number,
): number | undefined {
  const counted = countedBy(mark, containers);
  const usage = sumOf(counted.map(({ p95 }) => p95));
  const base = sumOf(counted.map(({ request }) => request));
  if (usage === undefined || base === undefined || base === 0) return undefined;
  return Math.ceil((usage * replicas) / ((base * mark.percent) / 100));
}

function pinnedAtMax({ scaler, replicas }: FindingQuestion): Said | undefined {
  if (replicas < scaler.maxReplicas) return undefined;
  const over = scaler.marks.find(({ current, percent }) => (current ?? 0) > percent * (1 + TOLERANCE));
  if (over === undefined && !scaler.limitedByMax) return undefined;
  const level =
    over === undefined ? "" : `: ${over.resource} ${over.current} % of request, mark ${over.percent} %`;
  return {
    kind: "pinned-at-max",
    message: `max ${scaler.maxReplicas} is reached and more are wanted${level}`,
  };
}

function unreachable({ scaler, containers }: FindingQuestion): readonly Said[] {
  return scaler.marks.flatMap((mark) => {
    const counted = countedBy(mark, containers[mark.resource]);
    const base = sumOf(counted.map(({ request }) => request));
    const limit = sumOf(counted.map((one) => one.limit));
    if (base === undefined || limit === undefined || base === 0) return [];
    const most = Math.floor((limit / base) * 100);
    const needed = mark.percent * (1 + TOLERANCE);
    if (most > needed) return [];
    const message =
      `${mark.resource} can show ${most} % at most, for its limit; ` +
      `a target of ${mark.percent} % adds pods above ${round1(needed)} %`;
    return [{ kind: "target-unreachable" as const, message }];
  });
}

function neverScaled({ scaler, now }: FindingQuestion): Said | undefined {
  const { minReplicas, maxReplicas, createdAt, lastScaledAt } = scaler;
  const still = elapsed(epochMillis(Math.max(createdAt, lastScaledAt ?? 0)), now);
  if (minReplicas === maxReplicas || still < STILL_FOR_MS) return undefined;
  const days = Math.floor(still / 86_400_000);
  return {
    kind: "never-scaled",
    message: `no change of the count in ${days} days, between ${minReplicas} and ${maxReplicas}`,
  };
}

const round1 = (value: number): number => Math.round(value * 10) / 10;
