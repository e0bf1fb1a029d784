/**
 * Brings memory up to date before a decision, and adds what was recommended after it. What a single rail
 * remembers is kept by that rail.
 *
 * Invariant: nothing in memory is of the future or of another target; what no window can reach is dropped; a
 * wall clock that was set is treated as a gap, with ages kept.
 */
import { elapsed, epochMillis, type EpochMillis, later, millis, minutes, seconds } from "../base/units.ts";
import { REPLICAS_MAX } from "../horizontal/arithmetic.ts";
import type { Recommendation } from "../horizontal/stabilize.ts";
import { continuityOf } from "./history.ts";
import { type DecisionMemory, startMemory } from "./memory.ts";
import type { PlanQuestion } from "./question.ts";

/** The longest stabilization window and the longest period that autoscaling/v2 accepts. */
const WINDOW_MAX = minutes(60);
const PERIOD_MAX = minutes(30);
/** The wall clock moved this much against the monotonic one: it was set. */
const CLOCK_JUMP = seconds(30);

type Moment = NonNullable<DecisionMemory["clock"]>;

export function broughtUpToDate({ memory, target, now, mono, settings }: PlanQuestion): DecisionMemory {
  const windowMax = millis(Math.max(WINDOW_MAX, settings.downscaleStabilization));
  const own = memory.target === target.uid ? memory : startMemory(target.uid, now);
  const steady = afterSilentSpan(afterClockJump(own, { wall: now, mono }), { wall: now, mono });
  const until = (at: EpochMillis): EpochMillis => (at > now ? now : at);
  return {
    ...steady,
    recommendations: steady.recommendations
      .filter(({ at }) => later(at, windowMax) >= now)
      .map((one) => (one.at > now ? { ...one, at: now, notBefore: until(one.notBefore) } : one)),
    scaleEvents: steady.scaleEvents
      .filter(({ at }) => later(at, PERIOD_MAX) >= now)
      .map((one) => (one.at > now ? { ...one, at: now, notBefore: until(one.notBefore) } : one)),
    completeSince: until(steady.completeSince),
  };
}

/**
 * Decisions are made every 15 s at the latest. A longer span without one (the target could not be read, the
 * policy asked for nothing for a while) left no recommendations: it is a gap, as a restart is.
 */
function afterSilentSpan(memory: DecisionMemory, { wall, mono }: Moment): DecisionMemory {
  const { clock, completeSince, recommendations } = memory;
  if (clock === undefined) return memory;
  const gap = elapsed(clock.mono, mono);
  const { bridge, ...continuity } = continuityOf({ completeSince, gap, now: wall, recommendations });
  return { ...memory, ...continuity, bridge: bridge ?? memory.bridge };
}

/** Everything moves with the clock, so that ages stay; what passed meanwhile is uncertain, so it is a gap. */
function afterClockJump(memory: DecisionMemory, now: Moment): DecisionMemory {
  const { clock } = memory;
  if (clock === undefined) return memory;
  const jump = now.wall - clock.wall - (now.mono - clock.mono);
  if (Math.abs(jump) <= CLOCK_JUMP) return memory;
  const moved = (at: EpochMillis): EpochMillis => epochMillis(at + jump);
  const movedSpan = <T extends Readonly<{ at: EpochMillis; notBefore: EpochMillis }>>(one: T): T => ({
    ...one,
    at: moved(one.at),
    notBefore: moved(one.notBefore),
  });
  const { missingSince, refused, announced } = memory;
  return {
    ...memory,
    recommendations: memory.recommendations.map(movedSpan),
    scaleEvents: memory.scaleEvents.map(movedSpan),
    completeSince: now.wall,
    bridge: undefined,
    missingSince: missingSince && moved(missingSince),
    refused: refused && { ...refused, since: moved(refused.since), retryAt: moved(refused.retryAt) },
    announced: announced && { ...announced, at: moved(announced.at) },
    roundOf: undefined,
  };
}

/**
 * Adds what entered the `behavior` rail. An earlier one within its range can decide no window any more.
 * Where the metrics had no answer, the count holds decreases while a window remembers it, and says nothing
 * against an increase (the HPA remembers nothing then).
 */
export function rememberRecommendation(
  recommendations: readonly Recommendation[],
  { replicas, answered }: Readonly<{ replicas: number; answered: boolean }>,
  now: EpochMillis,
): readonly Recommendation[] {
  const next = { at: now, notBefore: now, low: answered ? replicas : REPLICAS_MAX, high: replicas };
  return [...recommendations.filter(({ low, high }) => low < next.low || high > next.high), next];
}

/**
 * A larger count that the live scale shows and no view does yet: who set it, and when, is not known. It holds
 * decreases for a window, as if it had been recommended now; otherwise a wish to raise the count that the view
 * shows could lower the one that there is.
 */
export function rememberCount(memory: DecisionMemory, replicas: number, now: EpochMillis): DecisionMemory {
  const { recommendations } = memory;
  return {
    ...memory,
    recommendations: rememberRecommendation(recommendations, { replicas, answered: false }, now),
  };
}
