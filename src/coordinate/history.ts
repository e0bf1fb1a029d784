/**
 * The windows' memory as `status.horizontal.history`, and back. A bucket keeps the lowest and the highest
 * recommendation of its span and the replicas added and removed; each is dated, when read back, at the
 * moment within its span that allows less.
 *
 * Invariant: whatever was written, a decision on what is read back decreases no further and increases no
 * further than one on the memory that was written.
 */
import { timeText, parseTime } from "../base/rfc3339.ts";
import type { Uid } from "../base/ids.ts";
import { elapsed, epochMillis, type EpochMillis, type Millis, millis, seconds } from "../base/units.ts";
import type { HistoryStatus } from "../policy/status.ts";
import type { DecisionMemory } from "./memory.ts";
import type { PlanQuestion } from "./question.ts";
import { downWindowOf, upWindowOf } from "./windows.ts";

const BUCKETS_MAX = 60;
const BUCKET_MIN = seconds(15);
/** Two decision periods: a restart this short leaves no gap. */
const GAP_NONE = seconds(30);
/** A status is renewed every 90 s and a lease moves within 17 s: a gap up to here may be bridged. */
const GAP_BRIDGED = seconds(120);

type Bucket = { start: number; low: number; high: number; added: number; removed: number };

export function encodeHistory(
  memory: DecisionMemory,
  question: Pick<PlanQuestion, "spec" | "settings" | "now">,
  /** spec.replicas of the target after this decision. */
  replicas?: number,
): HistoryStatus {
  const { now } = question;
  const span = longestSpan(question);
  const bucketSeconds = bucketSecondsFor(span);
  const width = bucketSeconds * 1000;
  const first = Math.floor((now - span) / width) * width;
  return {
    version: 1,
    targetUID: memory.target,
    bucketSeconds,
    completeSince: wholeSecond(Math.max(memory.completeSince, first)),
    recordedAt: wholeSecond(now),
    ...(replicas !== undefined && { replicas }),
    buckets: bucketsOf(memory, width)
      .filter(({ start }) => start * 1000 >= first)
      .slice(-BUCKETS_MAX)
      .map(({ start, low, high, added, removed }) => ({
        start,
        low,
        high,
        ...(added > 0 && { added }),
        ...(removed > 0 && { removed }),
      })),
  };
}

/** Rounded up: complete no earlier, recorded no earlier, so that nothing seems older than it is. */
const wholeSecond = (moment: number): string => timeText(epochMillis(Math.ceil(moment / 1000) * 1000));

/** The longest window or period that a decision looks back over. */
function longestSpan(question: Pick<PlanQuestion, "spec" | "settings">): Millis {
  const { behavior } = question.spec;
  const policies = [...(behavior?.scaleUp.policies ?? []), ...(behavior?.scaleDown.policies ?? [])];
  const windows = [upWindowOf(question), downWindowOf(question)];
  return millis(Math.max(BUCKET_MIN, ...windows, ...policies.map(({ period }) => period)));
}

/**
 * Whole seconds, so that 60 buckets cover the span from wherever it begins within one.
 *
 *   5 min → 15 s (21 buckets)    30 min → 31 s    1 h → 62 s (60 buckets)
 */
export const bucketSecondsFor = (span: Millis): number =>
  Math.ceil(Math.max(BUCKET_MIN, span / (BUCKETS_MAX - 1)) / 1000);

/**
 * Oldest first. A span that saw only changes of the count takes the next recommendation, which alters no
 * window's result; where there is no next one 0, which at most holds an increase in a scale-up window.
 */
function bucketsOf({ recommendations, scaleEvents }: DecisionMemory, width: number): readonly Bucket[] {
  const buckets = new Map<number, Partial<Bucket>>();
  const at = (moment: EpochMillis): Partial<Bucket> => {
    const start = Math.floor(moment / width) * (width / 1000);
    const bucket = buckets.get(start) ?? {};
    buckets.set(start, bucket);
    return bucket;
  };
  for (const recommendation of recommendations) {
    const bucket = at(recommendation.at);
    bucket.low = Math.min(bucket.low ?? Infinity, recommendation.low);
    bucket.high = Math.max(bucket.high ?? 0, recommendation.high);
  }
  for (const event of scaleEvents) {
    // What was read back from wider buckets may lie in two of these: dated so that decreases are held.
    const [early, late] = [at(event.notBefore), at(event.at)];
    early.added = (early.added ?? 0) + event.added;
    late.removed = (late.removed ?? 0) + event.removed;
  }
  return filled([...buckets].toSorted(([a], [b]) => a - b));
}

function filled(buckets: readonly (readonly [number, Partial<Bucket>])[]): readonly Bucket[] {
  let [low, high] = [0, 0];
  const newestFirst = buckets.toReversed().map(([start, bucket]) => {
    low = bucket.low ?? low;
    high = bucket.high ?? high;
    return { start, low, high, added: bucket.added ?? 0, removed: bucket.removed ?? 0 };
  });
  return newestFirst.toReversed();
}

export type Recalled = Pick<DecisionMemory, "recommendations" | "scaleEvents" | "completeSince" | "bridge">;

/** undefined: it is of another target, of a version that is not ours, or damaged. */
export function decodeHistory(
  history: HistoryStatus,
  { target, now }: Readonly<{ target: Uid; now: EpochMillis }>,
): Recalled | undefined {
  const completeSince = parseTime(history.completeSince);
  const recordedAt = parseTime(history.recordedAt);
  if (history.version !== 1 || history.targetUID !== target) return undefined;
  if (completeSince === undefined || recordedAt === undefined || !isSound(history)) return undefined;
  const read = history.buckets.map((bucket) => ({
    ...bucket,
    ...spanOf(bucket.start, { history, recordedAt, now }),
  }));
  const recommendations = read.map(({ at, notBefore, low, high }) => ({ at, notBefore, low, high }));
  const changed = read.filter(({ added = 0, removed = 0 }) => added > 0 || removed > 0);
  const scaleEvents = changed.map(({ at, notBefore, added = 0, removed = 0 }) => ({
    at,
    notBefore,
    added,
    removed,
  }));
  const gap = gapSince(recordedAt, now);
  return { recommendations, scaleEvents, ...continuityOf({ completeSince, gap, now, recommendations }) };
}

/**
 * A record from further in the future than clocks differ was dated by a wrong one, which also leaves open how
 * old it is: nothing joins on to it.
 */
function gapSince(recordedAt: EpochMillis, now: EpochMillis): Millis {
  const gap = elapsed(recordedAt, now);
  return gap + GAP_NONE < 0 ? millis(GAP_BRIDGED + 1) : gap;
}

/** The span that a bucket's contents may be of: it ends with the bucket, with the record, or now. */
function spanOf(
  start: number,
  {
    history,
    recordedAt,
    now,
  }: Readonly<{ history: HistoryStatus; recordedAt: EpochMillis; now: EpochMillis }>,
): Readonly<{ at: EpochMillis; notBefore: EpochMillis }> {
  const from = start * 1000;
  return {
    at: epochMillis(Math.min(from + history.bucketSeconds * 1000 - 1, recordedAt, now)),
    notBefore: epochMillis(Math.min(from, now)),
  };
}

/** What a gap of this length means for windows: nothing, a bridge to cross, or a new beginning. */
export function continuityOf({
  completeSince,
  gap,
  now,
  recommendations,
}: Pick<Recalled, "completeSince" | "recommendations"> & Readonly<{ gap: Millis; now: EpochMillis }>): Pick<
  Recalled,
  "completeSince" | "bridge"
> {
  const since = epochMillis(Math.min(completeSince, now));
  if (gap <= GAP_NONE) return { completeSince: since, bridge: undefined };
  if (gap > GAP_BRIDGED || recommendations.length === 0) return { completeSince: now, bridge: undefined };
  const low = Math.min(...recommendations.map((one) => one.low));
  const high = Math.max(...recommendations.map((one) => one.high));
  return { completeSince: now, bridge: { since, low, high } };
}

/** A status can be edited by whoever holds its rights: what does not add up is no memory. */
function isSound({ bucketSeconds, buckets }: HistoryStatus): boolean {
  const counts = buckets.flatMap(({ start, low, high, added = 0, removed = 0 }) => [
    start,
    low,
    high,
    added,
    removed,
  ]);
  return bucketSeconds > 0 && [bucketSeconds, ...counts].every((n) => Number.isSafeInteger(n) && n >= 0);
}
