/**
 * Our recommendation, our fitting to LimitRanges and our buckets beside the VPA's. Invariant: as compare.ts: what is
 * not equal has a name, or it is a fault.
 */
import type { PodContainer } from "../../../src/vertical/limit-range.ts";
import { fitToPod, mergeLimitRanges } from "../../../src/vertical/limit-range.ts";
import { AMOUNT_MAX } from "../../../src/vertical/amount.ts";
import { bucketOf, CPU_BUCKETS, endOf, MEMORY_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { YEAR_ONE } from "../../../src/usage/history/decaying-histogram.ts";
import type { HistorySnapshot } from "../../../src/usage/history/snapshot.ts";
import { bytes, milliCores } from "../../../src/base/units.ts";
import { parseTime } from "../../../src/base/rfc3339.ts";
import type { RequestAmounts } from "../../../src/base/units.ts";
import { exactLimit, proportionalLimit } from "../../../src/vertical/proportional.ts";
import type { ContainerRecommendation } from "../../../src/vertical/proposal.ts";
import { recommend } from "../../../src/vertical/recommend.ts";
import { requestTexts } from "../../../src/vertical/text.ts";
import type { Verdict } from "../verdict.ts";
import { equal } from "../verdict.ts";
import type {
  AmountsCase,
  BucketCase,
  CheckpointStatus,
  ContainerAnswer,
  FitAmounts,
  FitCase,
  HistogramStatus,
  RecommendationCase,
  References,
  VpaAnswers,
} from "./case.ts";
import type { Replayed } from "./replay.ts";
import { againstReferences, amountsOfCase, policyOfCase, questionOfVpa, replay, statusOf } from "./replay.ts";

export const NAMES = {
  nothingMeasured: "nothing measured: upstream answers its minimum, ours nothing",
  tie: "two buckets tie: the order of summation decides",
  roundedTie: "a weight of a checkpoint lies half-way between two whole numbers",
  panic: "upstream panics: a container without a recommendation under a LimitRange of type Pod",
  writes: "upstream gives an amount to a resource without a recommendation",
  minusOne: "upstream makes −1 of 0 bytes under a LimitRange of type Pod",
  saturated: "a limit beyond 10^14 saturates; upstream's at int64",
  vanished: "old weights vanish on the side whose histogram has the younger reference",
} as const;

const different = (what: string, ours: unknown, upstream: unknown): Verdict => ({
  kind: "different",
  ours: `${what}: ours ${JSON.stringify(ours)}, upstream ${JSON.stringify(upstream)}`,
});

export function compareRecommendation(
  asked: RecommendationCase,
  upstream: VpaAnswers["recommendation"],
): Verdict {
  const replayed = replay(asked);
  const written = compareCheckpoints(asked, replayed, upstream.checkpoints);
  if (written.kind !== "equal") return written;
  const verdicts = asked.containers.map((name) => compareContainer(asked, replayed, { name, upstream }));
  return worstOf(verdicts);
}

type Which = Readonly<{ name: string; upstream: VpaAnswers["recommendation"] }>;

function compareContainer(asked: RecommendationCase, replayed: Replayed, { name, upstream }: Which): Verdict {
  const theirs = upstream.containers.find((each) => each.name === name);
  const ours = answerOf(asked, replayed, name);
  if (ours === undefined || theirs === undefined)
    return ours === theirs
      ? equal(true)
      : isUnmeasured(asked, replayed, name)
        ? { kind: "named", name: NAMES.nothingMeasured }
        : different(name, ours, theirs);
  if (isSameContainer(ours, theirs)) return equal(false);
  const partly = measuredOnly(theirs, ours);
  if (isSameContainer(ours, partly)) return { kind: "named", name: NAMES.nothingMeasured };
  const same = (other: Replayed): boolean => {
    const again = answerOf(asked, other, name);
    return again !== undefined && isSameContainer(again, measuredOnly(theirs, again));
  };
  if (mixtures(replayed).some(same)) return { kind: "named", name: NAMES.tie };
  const old = againstTheirs(asked, replayed, upstream.references);
  const isOurs = isYounger(replayed.histories.get(name)!, upstream.references[name]!);
  return same(old) || answerOf(asked, old, name) === undefined || isOurs
    ? { kind: "named", name: NAMES.vanished }
    : different(name, ours, theirs);
}

const FIELDS = ["target", "lower", "upper", "uncapped"] as const;
const RESOURCES = ["cpu", "memory"] as const;

function answerOf(asked: RecommendationCase, replayed: Replayed, name: string): ContainerAnswer | undefined {
  const found = recommend(questionOfVpa(asked, replayed)).containers.find(
    (each): each is ContainerRecommendation => each.container === name && each.kind === "recommendation",
  );
  return (
    found && {
      name,
      target: found.target,
      lower: found.lowerBound,
      upper: found.upperBound,
      uncapped: found.uncappedTarget,
      texts: requestTexts(found.target) as Record<string, string>,
    }
  );
}

const isSameContainer = (ours: ContainerAnswer, theirs: ContainerAnswer): boolean =>
  FIELDS.every((field) => isSame(ours[field], theirs[field])) &&
  RESOURCES.every((resource) => ours.texts[resource] === theirs.texts[resource]);

const isSame = (ours: AmountsCase, theirs: AmountsCase): boolean =>
  RESOURCES.every((resource) => ours[resource] === theirs[resource]);

/** Their answer without the resources of which we say nothing. */
function measuredOnly(theirs: ContainerAnswer, ours: ContainerAnswer): ContainerAnswer {
  const only = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([resource]) => resource in ours.target));
  return {
    name: theirs.name,
    target: only(theirs.target as Record<string, number>),
    lower: only(theirs.lower as Record<string, number>),
    upper: only(theirs.upper as Record<string, number>),
    uncapped: only(theirs.uncapped as Record<string, number>),
    texts: only(theirs.texts),
  };
}

function isUnmeasured(asked: RecommendationCase, replayed: Replayed, name: string): boolean {
  const found = recommend(questionOfVpa(asked, replayed)).containers.find((each) => each.container === name);
  return found?.kind === "none" && found.because === "no-samples";
}

/** The same weights against totals that are a hair larger or smaller: what ties may also come to. */
function mixtures(replayed: Replayed): Replayed[] {
  const hairs = [1 - 1e-12, 1, 1 + 1e-12];
  return hairs.flatMap((cpu) => hairs.map((memory) => nudged(replayed, { cpu, memory })));
}

const nudged = (replayed: Replayed, by: Readonly<{ cpu: number; memory: number }>): Replayed =>
  withHistories(replayed, (history) => ({
    ...history,
    cpu: { ...history.cpu, total: history.cpu.total * by.cpu },
    memory: { ...history.memory, total: history.memory.total * by.memory },
  }));

const againstTheirs = (
  { halfLives }: RecommendationCase,
  replayed: Replayed,
  references: VpaAnswers["recommendation"]["references"],
): Replayed =>
  withHistories(replayed, (history, name) =>
    againstReferences(history, references[name] ?? { cpu: null, memory: null }, halfLives),
  );

const withHistories = (
  replayed: Replayed,
  change: (history: HistorySnapshot, name: string) => HistorySnapshot,
): Replayed => ({
  ...replayed,
  histories: new Map(
    Array.from(replayed.histories, ([name, history]) => [name, change(history, name)] as const),
  ),
});

/** Upstream also writes checkpoints of what was never measured; they are empty. */
function compareCheckpoints(
  { halfLives }: RecommendationCase,
  { restarts }: Replayed,
  theirs: VpaAnswers["recommendation"]["checkpoints"],
): Verdict {
  for (const [at, written] of theirs.entries())
    for (const [name, status] of Object.entries(written)) {
      const { histories, now } = restarts[at]!;
      const own = histories.get(name);
      const isEmpty = (status.totalSamplesCount ?? 0) === 0 && !status.memoryHistogram.totalWeight;
      if (own === undefined && isEmpty) continue;
      const ours = own && statusOf(own, now);
      const gap = ours === undefined ? Infinity : gapOf(ours, status);
      if (gap === 0) continue;
      if (gap === 1) return { kind: "named", name: NAMES.roundedTie };
      const references = {
        cpu: status.cpuHistogram.referenceTimestamp,
        memory: status.memoryHistogram.referenceTimestamp,
      };
      const aligned = own && statusOf(againstReferences(own, references, halfLives), now);
      const isVanished =
        aligned !== undefined && (gapOf(aligned, status) <= 1 || isYounger(own!, references));
      return isVanished
        ? { kind: "named", name: NAMES.vanished }
        : different(`checkpoint ${at} of ${name}`, ours, status);
    }
  return equal(false);
}

/** Whether one of our histograms has moved its reference further than theirs. */
const isYounger = (ours: HistorySnapshot, theirs: References): boolean =>
  RESOURCES.some((resource) => ours[resource].reference > (parseTime(theirs[resource]) ?? YEAR_ONE));

/** The largest difference of two weights; Infinity when something else differs. */
function gapOf(ours: CheckpointStatus, theirs: CheckpointStatus): number {
  const isSameRest =
    ours.firstSampleStart === theirs.firstSampleStart &&
    ours.lastSampleStart === theirs.lastSampleStart &&
    (ours.totalSamplesCount ?? 0) === (theirs.totalSamplesCount ?? 0);
  if (!isSameRest) return Infinity;
  return Math.max(
    weightGap(ours.cpuHistogram, theirs.cpuHistogram),
    weightGap(ours.memoryHistogram, theirs.memoryHistogram),
  );
}

function weightGap(ours: HistogramStatus, theirs: HistogramStatus): number {
  const [a, b] = [ours.bucketWeights ?? {}, theirs.bucketWeights ?? {}];
  const gaps = [...new Set([...Object.keys(a), ...Object.keys(b)])].map((bucket) =>
    Math.abs((a[bucket] ?? 0) - (b[bucket] ?? 0)),
  );
  return Math.max(0, ...gaps);
}

export function compareFit(asked: FitCase, upstream: VpaAnswers["fit"]): Verdict {
  if (upstream.panic !== undefined)
    return asked.containers.some((each) => each.recommended === null) &&
      asked.limitRanges.some((range) => range.type === "Pod")
      ? { kind: "named", name: NAMES.panic }
      : different("panic", undefined, upstream.panic);
  const ranges = (type: "Pod" | "Container") =>
    mergeLimitRanges(
      asked.limitRanges
        .filter((range) => range.type === type && [range.min, range.max, range.default].some(hasAny))
        .map((range) => ({
          min: amountsOfCase(range.min),
          max: amountsOfCase(range.max),
          default: amountsOfCase(range.default),
        })),
    );
  const perContainer = ranges("Container");
  const containers = asked.containers.map(({ name, requests, limits, recommended }) => ({
    container: name,
    requests: amountsOfCase(requests),
    limits: amountsOfCase(limits),
    recommended: recommended === null ? undefined : boundsOf(recommended),
  }));
  const fitted = fitToPod({
    spec: { containers: asked.policies.map(policyOfCase) },
    pod: ranges("Pod"),
    perContainer,
    containers,
  });
  const verdicts = containers
    .filter(({ recommended }) => recommended !== undefined)
    .map((container) => {
      const ours = fitted.get(container.container)!;
      const theirs = upstream.fitted?.[container.container];
      const limits = limitsOf(container, ours.target, perContainer?.default ?? {});
      return compareFitted(
        { target: ours.target, lower: ours.lowerBound, upper: ours.upperBound, limits },
        theirs && { ...theirs, limits: upstream.limits?.[container.container] ?? {} },
      );
    });
  const verdict = worstOf(verdicts);
  const isBeyond = containers.some((container) =>
    hasLimitBeyondInt64(container, perContainer?.default ?? {}),
  );
  return verdict.kind === "different" && isBeyond ? { kind: "named", name: NAMES.saturated } : verdict;
}

const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.find(({ kind }) => kind === "different") ??
  verdicts.find(({ kind }) => kind === "named") ??
  equal(false);

function hasLimitBeyondInt64(
  { requests, limits, recommended }: PodContainer,
  defaults: RequestAmounts,
): boolean {
  return RESOURCES.some((resource) => {
    const of = { request: requests[resource], limit: limits[resource], defaultLimit: defaults[resource] };
    const wanted = [recommended?.target, recommended?.lowerBound, recommended?.upperBound];
    return wanted.some((amounts) => (exactLimit(of, amounts?.[resource]) ?? 0n) >= 2n ** 63n);
  });
}

type Fitted = FitAmounts & Readonly<{ limits: AmountsCase }>;

function compareFitted(ours: Fitted, theirs: Fitted | undefined): Verdict {
  if (theirs === undefined) return different("fit", ours, theirs);
  const names = (["target", "lower", "upper", "limits"] as const).flatMap((field) =>
    RESOURCES.flatMap((resource) => {
      const [own, their] = [ours[field][resource], theirs[field][resource]];
      return own === their ? [] : (nameOf(own, their) ?? (field === "limits" ? "limits" : "unexplained"));
    }),
  );
  const [name] = names;
  if (name === undefined) return equal(false);
  // A limit follows from the target, so what explains that explains it too.
  const isExplained = name !== "limits" && !names.includes("unexplained");
  return isExplained ? { kind: "named", name } : different("fit", ours, theirs);
}

function nameOf(own: number | undefined, their: number | undefined): string | undefined {
  if (own === undefined) return NAMES.writes;
  if (own === 0 && their === -1) return NAMES.minusOne;
  return own === AMOUNT_MAX && their !== undefined && their > AMOUNT_MAX ? NAMES.saturated : undefined;
}

function limitsOf(
  { requests, limits }: Readonly<{ requests: RequestAmounts; limits: RequestAmounts }>,
  target: RequestAmounts,
  defaults: RequestAmounts,
): AmountsCase {
  return Object.fromEntries(
    RESOURCES.flatMap((resource) => {
      const original = {
        request: requests[resource],
        limit: limits[resource],
        defaultLimit: defaults[resource],
      };
      const limit = proportionalLimit(original, target[resource]);
      return limit === undefined ? [] : [[resource, limit]];
    }),
  );
}

const boundsOf = ({ target, lower, upper }: FitAmounts) => ({
  target: amountsOfCase(target),
  lowerBound: amountsOfCase(lower),
  upperBound: amountsOfCase(upper),
});

const hasAny = (amounts: AmountsCase): boolean => Object.keys(amounts).length > 0;

export function compareBucket(asked: BucketCase, upstream: BucketCase): Verdict {
  const ours = {
    cpu: asked.cpu.map((amount) => endOf(CPU_BUCKETS, bucketOf(CPU_BUCKETS, milliCores(amount)))),
    memory: asked.memory.map((amount) => endOf(MEMORY_BUCKETS, bucketOf(MEMORY_BUCKETS, bytes(amount)))),
  };
  return JSON.stringify(ours) === JSON.stringify(upstream)
    ? equal(false)
    : different("bucket", ours, upstream);
}
