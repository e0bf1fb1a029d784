/** The checkpoints of a restart, ours beside the VPA's: equal weight for weight, but for what has a name. */
import { parseTime } from "../../../src/base/rfc3339.ts";
import type { EpochMillis } from "../../../src/base/units.ts";
import { YEAR_ONE } from "../../../src/usage/history/decaying-histogram.ts";
import type { HistogramSnapshot, HistorySnapshot } from "../../../src/usage/history/snapshot.ts";
import { closedPeaks, fromVpaHistogram } from "../../../src/usage/history/vpa-checkpoint.ts";
import { EPSILON } from "../../../src/usage/history/weights.ts";
import type { Verdict } from "../verdict.ts";
import { equal } from "../verdict.ts";
import type { CheckpointStatus, HistogramStatus, RecommendationCase, VpaAnswers } from "./case.ts";
import { different, named, worstOf } from "./names.ts";
import type { Replayed, Restart } from "./replay.ts";
import { againstReferences, statusOf } from "./replay.ts";

type Checkpoints = VpaAnswers["recommendation"]["checkpoints"];

/** Only the first restart that is not equal counts: what comes after it follows from it. */
export function compareCheckpoints(
  asked: RecommendationCase,
  replayed: Replayed,
  theirs: Checkpoints,
): Verdict {
  for (const [at, written] of theirs.entries()) {
    const verdicts = Object.entries(written).map(([name, status]) =>
      compareOne(asked, replayed.restarts[at]!, { name, status }),
    );
    const verdict = worstOf(verdicts);
    if (verdict.kind !== "equal") return verdict;
  }
  return equal(false);
}

type Which = Readonly<{ name: string; status: CheckpointStatus }>;

/** Upstream also writes checkpoints of what was never measured; they are empty. */
function compareOne(
  asked: RecommendationCase,
  { histories, now }: Restart,
  { name, status }: Which,
): Verdict {
  const own = histories.get(name);
  if (own === undefined)
    return isEmpty(status) ? equal(false) : different(`checkpoint of ${name}`, own, status);
  const ours = statusOf(own, now);
  const gap = gapOf(ours, status);
  if (gap <= 1) return gap === 0 ? equal(false) : named("roundedTie");
  if (isYounger(own, status)) return named("vanished");
  const aligned = againstReferences(own, status, asked.halfLives);
  const written = { ...aligned, memory: closedPeaks(aligned, now) };
  return isAllButCrumbs(asked, written, status)
    ? named("vanished")
    : different(`checkpoint of ${name}`, ours, status);
}

const isEmpty = (status: CheckpointStatus): boolean =>
  (status.totalSamplesCount ?? 0) === 0 && !status.memoryHistogram.totalWeight;

/** Whether one of our histograms has moved its reference further than theirs. */
export const isYounger = (
  ours: HistorySnapshot,
  { cpuHistogram, memoryHistogram }: CheckpointStatus,
): boolean =>
  ours.cpu.reference > referenceOf(cpuHistogram) || ours.memory.reference > referenceOf(memoryHistogram);

const referenceOf = ({ referenceTimestamp }: HistogramStatus): EpochMillis =>
  parseTime(referenceTimestamp) ?? YEAR_ONE;

/**
 * Whether ours, against their references, is their histogram but for what each of their aggregates (one for every
 * revision, one of the checkpoint) and each pod's window may have dropped: weights under EPSILON.
 */
export function isAllButCrumbs(
  { pods }: RecommendationCase,
  ours: HistorySnapshot,
  { cpuHistogram, memoryHistogram }: CheckpointStatus,
): boolean {
  const crumbs = EPSILON * (2 * pods.length + 2);
  return (
    isWithin(ours.cpu, weightsOf(cpuHistogram), crumbs) &&
    isWithin(ours.memory, weightsOf(memoryHistogram), crumbs)
  );
}

function isWithin(ours: HistogramSnapshot, theirs: ReadonlyMap<number, number>, crumbs: number): boolean {
  const own = new Map(ours.buckets);
  const slack = crumbs + Math.max(0, ...own.values(), ...theirs.values()) / 5000;
  return [...own.keys(), ...theirs.keys()].every(
    (bucket) => Math.abs((own.get(bucket) ?? 0) - (theirs.get(bucket) ?? 0)) <= slack,
  );
}

const weightsOf = (status: HistogramStatus): ReadonlyMap<number, number> =>
  new Map(histogramOf(status).buckets);

/** As it would be read from a checkpoint. */
export function histogramOf({ bucketWeights = {}, totalWeight = 0 }: HistogramStatus): HistogramSnapshot {
  const weights = Object.entries(bucketWeights).map(([bucket, weight]) => [Number(bucket), weight] as const);
  return fromVpaHistogram({ reference: YEAR_ONE, weights, total: totalWeight });
}

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
