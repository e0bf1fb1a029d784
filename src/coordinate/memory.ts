/**
 * What a policy's next decision needs to know of its earlier ones. A value: deciding returns the next one.
 * Times are wall times, for they outlive the process; a jump of the wall clock is set right in upkeep.ts.
 *
 * Invariant: what is not remembered never allows a decrease that memory would have held.
 */
import type { Uid } from "../base/ids.ts";
import type { EpochMillis, MonoMillis } from "../base/units.ts";
import type { ScaleEvent } from "../horizontal/limit.ts";
import type { Recommendation } from "../horizontal/stabilize.ts";
import type { HistoryStatus } from "../policy/status.ts";
import { decodeHistory } from "./history.ts";

export type DecisionMemory = Readonly<{
  /** The target that this memory is of; another uid means no memory. */
  target: Uid;
  /** What entered the `behavior` rail, oldest first; what a later one covers for every window is left out. */
  recommendations: readonly Recommendation[];
  /** Changes of the replica count by anyone, ours or someone else's, oldest first. */
  scaleEvents: readonly ScaleEvent[];
  /** Our own last change. */
  lastScaleAt: EpochMillis | undefined;
  /** Since when recommendations are complete: the start, or the end of the last gap. */
  completeSince: EpochMillis;
  /** A short gap, that counts as none once a decision agrees with what was recommended before it. */
  bridge: Readonly<{ since: EpochMillis; low: number; high: number }> | undefined;
  /** Evidence has been missing since; undefined while it is complete. */
  missingSince: EpochMillis | undefined;
  /** After a silence of more than 5 min: complete rounds still needed before a decrease. */
  roundsOwed: number;
  /** The oldest sample of the last complete round: the next round has renewed it. */
  roundOf: EpochMillis | undefined;
  /** The policy's generation of the last decision; 0 when there was none. */
  generation: number;
  /** A first large move that waits for its period. */
  announced: Readonly<{ at: EpochMillis; to: number; generation: number }> | undefined;
  /** No decision was made since a take-over (new leader, end of a standby): the first never goes down. */
  tookOver: boolean;
  /** Replicas above this were refused by quota or admission, and are tried again one by one. */
  refused: Readonly<{ above: number; since: EpochMillis; retryAt: EpochMillis }> | undefined;
  /** Both clocks at the last decision of this process: when they drift apart, the wall clock was set. */
  clock: Readonly<{ wall: EpochMillis; mono: MonoMillis }> | undefined;
}>;

/** No memory: a new policy, a new target, or a history that was lost. Decreases wait for one full window. */
export function startMemory(target: Uid, now: EpochMillis): DecisionMemory {
  return {
    target,
    recommendations: [],
    scaleEvents: [],
    lastScaleAt: undefined,
    completeSince: now,
    bridge: undefined,
    missingSince: undefined,
    roundsOwed: 0,
    roundOf: undefined,
    generation: 0,
    announced: undefined,
    tookOver: false,
    refused: undefined,
    clock: undefined,
  };
}

/** What a new process or a new leader remembers: the persisted history of this very target, or nothing. */
export function recallMemory({
  history,
  target,
  generation,
  now,
}: Readonly<{
  history: HistoryStatus | undefined;
  target: Uid;
  /** metadata.generation of the policy that the history was read from. */
  generation: number;
  now: EpochMillis;
}>): DecisionMemory {
  const recalled = history && decodeHistory(history, { target, now });
  const start = startMemory(target, now);
  return recalled === undefined ? start : { ...start, ...recalled, generation, tookOver: true };
}

/** After a standby: all is remembered, but the first decision never goes down. */
export const afterStandby = (memory: DecisionMemory): DecisionMemory => ({ ...memory, tookOver: true });

export type ScaleChange = Readonly<{
  from: number;
  to: number;
  /** When it happened, or was seen. */
  at: EpochMillis;
  /** The earliest moment it may have happened, for a change that was only seen; undefined: at `at`. */
  notBefore?: EpochMillis;
  /** Whether it was our own act; true unless said. */
  own?: boolean;
}>;

/** The rate history counts every change of the replica count, also someone else's. */
export function rememberScale(memory: DecisionMemory, change: ScaleChange): DecisionMemory {
  const { from, to, at, notBefore = at, own = true } = change;
  if (from === to) return memory;
  const event = { at, notBefore, added: Math.max(0, to - from), removed: Math.max(0, from - to) };
  return {
    ...memory,
    scaleEvents: [...memory.scaleEvents, event],
    lastScaleAt: own ? at : memory.lastScaleAt,
  };
}
