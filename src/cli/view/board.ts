/**
 * All rows, kept up to date by the records as they come, and what is counted over them.
 *
 * Invariant: one row a policy; the order stands for a while, and depends on states and names only, so that
 * rows do not dance.
 */
import type { ObjectKey } from "../../base/ids.ts";
import type { EpochMillis, Millis } from "../../base/units.ts";
import { elapsed } from "../../base/units.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { Row } from "./row.ts";
import { rowOf, STATES, withoutLevel } from "./row.ts";
import { printable } from "./text.ts";

/** A change of the replica count that was written. */
export type Act = Readonly<{ at: EpochMillis; from: number; to: number; why: string; shortWhy: string }>;
export type Entry = Readonly<{
  row: Row;
  lastAct: Act | undefined;
  /** It has been well at least once. */
  settled: boolean;
}>;

export type Tally = Readonly<{ decided: number; acted: number; held: number }>;

export class Board {
  readonly #entries = new Map<ObjectKey, Entry>();
  readonly #rankEvery: Millis;
  #rank: readonly ObjectKey[] = [];
  #rankedAt: EpochMillis | undefined;
  #tally: Tally = { decided: 0, acted: 0, held: 0 };

  /** `rankEvery`: how long an order stands, so that eyes can follow. */
  constructor(rankEvery: Millis) {
    this.#rankEvery = rankEvery;
  }

  /** Takes a record in; answers the entry before and after it. */
  add(record: DecisionRecord): Readonly<{ before: Entry | undefined; after: Entry }> {
    const before = this.#entries.get(record.id.policy);
    const row = rowOf(record);
    const act = actOf(record);
    const settled = before?.settled === true || row.state !== "failing";
    const after: Entry = { row, lastAct: act ?? before?.lastAct, settled };
    this.#entries.set(record.id.policy, after);
    this.#tally = {
      decided: this.#tally.decided + 1,
      acted: this.#tally.acted + (act === undefined ? 0 : 1),
      held: this.#tally.held + (row.state === "held" || row.state === "failing" ? 1 : 0),
    };
    return { before, after };
  }

  tally(): Tally {
    return this.#tally;
  }

  /** Needs a look first, then by name. */
  entries(now: EpochMillis): Entry[] {
    const due = this.#rankedAt === undefined || elapsed(this.#rankedAt, now) >= this.#rankEvery;
    if (due || this.#rank.length !== this.#entries.size) {
      this.#rank = [...this.#entries.values()]
        .map(({ row }) => row)
        .toSorted(byNeed)
        .map(({ policy }) => policy);
      this.#rankedAt = now;
    }
    return this.#rank.flatMap((policy) => this.#entries.get(policy) ?? []);
  }
}

function byNeed(a: Row, b: Row): number {
  return STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.policy.localeCompare(b.policy);
}

export function actOf({ verdict, at }: DecisionRecord): Act | undefined {
  if (verdict.kind !== "planned" || verdict.effect.kind !== "scaled") return undefined;
  if (verdict.effect.outcome.kind !== "written") return undefined;
  const { from, to, sentence } = verdict.plan;
  return { at, from, to, why: printable(sentence), shortWhy: printable(withoutLevel(verdict.plan)) };
}
