/**
 * Our writes of each target, by whichever policy, and whether someone takes them back. The budget is the
 * target's: a policy that is deleted and made anew, or two that take turns, do not get it twice.
 *
 * Invariant: of each target the last ten minutes are known; what is older is forgotten.
 */
import {
  CONSTANT_FROM,
  type Contention,
  isReversion,
  type OwnWrite,
  recentWrites,
} from "../actuate/write-budget.ts";
import type { Uid } from "../base/ids.ts";
import { elapsed, minutes, type MonoMillis } from "../base/units.ts";

/** How long a reversion makes every further write count against the budget. */
const CONTEST = minutes(10);
const SWEEP_PERIOD = minutes(1);

/**
 * The count that a policy left behind (undefined: it has not decided yet), the one that it finds, and who set
 * that, as far as it is known.
 */
export type Passage = Readonly<{ left: number | undefined; found: number; by?: string | undefined }>;

/** How often our writes of a target were taken back in the last ten minutes, and by whom last. */
export type Contest = Readonly<{ contention: Contention; reversions: number; by: string | undefined }>;

type Entry = Readonly<{
  writes: readonly OwnWrite[];
  /** When a write of ours was taken back. */
  reversions: readonly MonoMillis[];
  isConstant: boolean;
  by: string | undefined;
}>;

const BLANK: Entry = { writes: [], reversions: [], isConstant: false, by: undefined };

export class WriteLedger {
  readonly #entries = new Map<Uid, Entry>();
  #sweptAt: MonoMillis | undefined;

  wrote(target: Uid, write: OwnWrite): void {
    this.#sweep(write.at);
    const entry = this.#entries.get(target) ?? BLANK;
    this.#entries.set(target, { ...entry, writes: [...recentWrites(entry.writes, write.at), write] });
  }

  /** Replicas were seen; a write of ours that was taken back makes the next ones count. */
  saw(target: Uid, passage: Passage, now: MonoMillis): void {
    const entry = this.#entries.get(target);
    if (entry !== undefined && isTakenBack(entry, passage, now))
      this.#entries.set(target, takenBack(entry, passage.by, now));
  }

  /** The writes that still count, oldest first. */
  writesTo(target: Uid, now: MonoMillis): readonly OwnWrite[] {
    return recentWrites((this.#entries.get(target) ?? BLANK).writes, now);
  }

  /** What a write now would answer; `passage` is what is seen just now. */
  contestOf(target: Uid, now: MonoMillis, passage?: Passage): Contest {
    const known = this.#entries.get(target) ?? BLANK;
    const isNew = passage !== undefined && isTakenBack(known, passage, now);
    const entry = isNew ? takenBack(known, passage.by, now) : known;
    const reversions = recent(entry.reversions, now).length;
    const contention = reversions === 0 ? "none" : entry.isConstant ? "constant" : "lately";
    return { contention, reversions, by: entry.by };
  }

  clear(): void {
    this.#entries.clear();
  }

  #sweep(now: MonoMillis): void {
    if (this.#sweptAt !== undefined && elapsed(this.#sweptAt, now) < SWEEP_PERIOD) return;
    this.#sweptAt = now;
    for (const [target, { writes, reversions }] of this.#entries)
      if (recentWrites(writes, now).length === 0 && recent(reversions, now).length === 0)
        this.#entries.delete(target);
  }
}

function isTakenBack({ writes }: Entry, { left, found }: Passage, now: MonoMillis): boolean {
  const counting = recentWrites(writes, now);
  const before = left ?? counting.at(-1)?.to;
  return before !== undefined && before !== found && isReversion(counting, found);
}

function takenBack(entry: Entry, by: string | undefined, now: MonoMillis): Entry {
  const earlier = recent(entry.reversions, now);
  const reversions = [...earlier, now];
  const isConstant = reversions.length >= CONSTANT_FROM || (entry.isConstant && earlier.length > 0);
  return { ...entry, reversions, isConstant, by };
}

const recent = (times: readonly MonoMillis[], now: MonoMillis): readonly MonoMillis[] =>
  times.filter((at) => elapsed(at, now) < CONTEST);
