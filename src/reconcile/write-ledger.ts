/**
 * Our writes of each target, by whichever policy, and whether someone takes them back. The budget is the
 * target's: a policy that is deleted and made anew, or two that take turns, do not get it twice.
 *
 * Invariant: of each target the last ten minutes are known; what is older is forgotten.
 */
import { isReversion, type OwnWrite, recentWrites } from "../actuate/write-budget.ts";
import type { Uid } from "../base/ids.ts";
import { elapsed, later, minutes, type MonoMillis } from "../base/units.ts";

/** How long a reversion makes every further write count against the budget. */
const CONTEST = minutes(10);
const SWEEP_PERIOD = minutes(1);

/** The count that a policy left behind (undefined: it has not decided yet), and the one that it finds. */
export type Passage = Readonly<{ left: number | undefined; found: number }>;

type Entry = Readonly<{ writes: readonly OwnWrite[]; contestedUntil: MonoMillis | undefined }>;

const BLANK: Entry = { writes: [], contestedUntil: undefined };

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
    if (entry === undefined || !isTakenBack(entry, passage, now)) return;
    this.#entries.set(target, { ...entry, contestedUntil: later(now, CONTEST) });
  }

  /** The writes that still count, oldest first. */
  writesTo(target: Uid, now: MonoMillis): readonly OwnWrite[] {
    return recentWrites((this.#entries.get(target) ?? BLANK).writes, now);
  }

  /** Whether a write now would answer someone who takes ours back. */
  isContested(target: Uid, passage: Passage, now: MonoMillis): boolean {
    const entry = this.#entries.get(target) ?? BLANK;
    return isTakenBack(entry, passage, now) || (entry.contestedUntil ?? 0) > now;
  }

  clear(): void {
    this.#entries.clear();
  }

  #sweep(now: MonoMillis): void {
    if (this.#sweptAt !== undefined && elapsed(this.#sweptAt, now) < SWEEP_PERIOD) return;
    this.#sweptAt = now;
    for (const [target, { writes, contestedUntil = now }] of this.#entries)
      if (recentWrites(writes, now).length === 0 && contestedUntil <= now) this.#entries.delete(target);
  }
}

function isTakenBack({ writes }: Entry, { left, found }: Passage, now: MonoMillis): boolean {
  const recent = recentWrites(writes, now);
  const before = left ?? recent.at(-1)?.to;
  return before !== undefined && before !== found && isReversion(recent, found);
}
