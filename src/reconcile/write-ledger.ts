/**
 * Our writes of each target, by whichever policy, and whether someone takes them back. The budget is the
 * target's: a policy that is deleted and made anew, or two that take turns, do not get it twice.
 *
 * Invariant: of each target the last ten minutes of this term are known; what is older is forgotten. A new
 * leader begins with an empty one: the status tells how the count changed, not who changed it, so the budget
 * is given anew with each change of leadership, while the rates of `behavior` are not.
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
  open: OpenWrite | undefined;
}>;

/** Where an object stands; the generation tells a change of its spec from one of its status. */
export type Version = Readonly<{ resourceVersion: string; generation: number | undefined }>;

/**
 * A write whose answer did not come. It counts until a live look shows that it was not made; `isMade`: such a
 * look could not show that.
 */
type OpenWrite = Readonly<{ write: OwnWrite; basis: Version; isMade: boolean }>;

const BLANK: Entry = { writes: [], reversions: [], isConstant: false, by: undefined, open: undefined };

export class WriteLedger {
  readonly #entries = new Map<Uid, Entry>();
  #sweptAt: MonoMillis | undefined;

  wrote(target: Uid, write: OwnWrite): void {
    this.#sweep(write.at);
    const entry = this.#entries.get(target) ?? BLANK;
    this.#entries.set(target, { ...entry, writes: [...recentWrites(entry.writes, write.at), write] });
  }

  /** No answer, or that of a server in trouble: the write on top of `basis` may have been made. */
  mayHaveWritten(target: Uid, write: OwnWrite, basis: Version): void {
    this.wrote(target, write);
    this.#change(target, { open: { write, basis, isMade: false } });
  }

  /** The target was read live: what may have been written either was, or it is taken out of the count. */
  looked(target: Uid, { replicas, version }: Readonly<{ replicas: number; version: Version }>): void {
    const { open, writes } = this.#entries.get(target) ?? BLANK;
    if (open === undefined) return;
    const isRefuted = replicas !== open.write.to && isSameSpec(open.basis, version);
    if (isRefuted)
      this.#change(target, { open: undefined, writes: writes.filter((one) => one !== open.write) });
    else this.#change(target, { open: { ...open, isMade: true } });
  }

  /** Replicas were seen; a write of ours that was taken back makes the next ones count. */
  saw(target: Uid, passage: Passage, now: MonoMillis): void {
    const entry = this.#entries.get(target);
    const known = entry && sinceOpenWrite(entry, passage);
    if (entry === undefined || known === undefined) return;
    this.#change(target, {
      ...(isTakenBack(entry, known, now) && takenBack(entry, passage.by, now)),
      open: undefined,
    });
  }

  /** The writes that still count, oldest first. */
  writesTo(target: Uid, now: MonoMillis): readonly OwnWrite[] {
    return recentWrites((this.#entries.get(target) ?? BLANK).writes, now);
  }

  /** What a write now would answer; `passage` is what is seen just now. */
  contestOf(target: Uid, now: MonoMillis, passage?: Passage): Contest {
    const known = this.#entries.get(target) ?? BLANK;
    const since = passage && sinceOpenWrite(known, passage);
    const isNew = since !== undefined && isTakenBack(known, since, now);
    const entry = isNew ? takenBack(known, since.by, now) : known;
    const reversions = recent(entry.reversions, now).length;
    const contention = reversions === 0 ? "none" : entry.isConstant ? "constant" : "lately";
    return { contention, reversions, by: entry.by };
  }

  clear(): void {
    this.#entries.clear();
  }

  #change(target: Uid, change: Partial<Entry>): void {
    this.#entries.set(target, { ...(this.#entries.get(target) ?? BLANK), ...change });
  }

  #sweep(now: MonoMillis): void {
    if (this.#sweptAt !== undefined && elapsed(this.#sweptAt, now) < SWEEP_PERIOD) return;
    this.#sweptAt = now;
    for (const [target, { writes, reversions }] of this.#entries)
      if (recentWrites(writes, now).length === 0 && recent(reversions, now).length === 0)
        this.#entries.delete(target);
  }
}

/** Surely nothing was written to an object in between. */
const isSameSpec = (one: Version, other: Version): boolean =>
  one.resourceVersion === other.resourceVersion ||
  (one.generation !== undefined && one.generation === other.generation);

/** The passage from the count that an open write left, if it was made; undefined: nobody knows yet. */
function sinceOpenWrite({ open }: Entry, passage: Passage): Passage | undefined {
  if (open === undefined || passage.found === open.write.to) return passage;
  return open.isMade ? { ...passage, left: open.write.to } : undefined;
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
