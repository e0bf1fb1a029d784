/**
 * When which status is written. All policies share five writes a second; a changed meaning goes before
 * newer figures, and within each the one that has waited longest goes first. Only keys wait: what is
 * written is the status at the time of writing.
 *
 * Invariant: a policy waits at most once, and no more turns are given than `LIMIT` allows.
 */
import type { ObjectKey } from "../base/ids.ts";
import { later, millis, type MonoMillis } from "../base/units.ts";
import { type Allowance, leftAt, type Limit } from "../actuate/allowance.ts";
import type { StatusNeed } from "./status-change.ts";

/** Five a second over all policies (our decision), up to five at once after a pause. */
const LIMIT: Limit = { max: 5, period: millis(200) };

export class StatusPacer {
  /** In the order of arrival. */
  readonly #meaning = new Set<ObjectKey>();
  readonly #figures = new Set<ObjectKey>();
  #turns: Allowance | undefined;

  /** A policy's status needs writing. One that waits with figures moves up when its meaning changes. */
  add(policy: ObjectKey, need: StatusNeed): void {
    if (this.#meaning.has(policy)) return;
    if (need === "meaning") this.#figures.delete(policy);
    (need === "meaning" ? this.#meaning : this.#figures).add(policy);
  }

  /** The policy whose turn it is; undefined when none waits or the second is full. */
  take(now: MonoMillis): ObjectKey | undefined {
    const left = leftAt(this.#turns, now, LIMIT);
    const line = this.#meaning.size > 0 ? this.#meaning : this.#figures;
    const [policy] = line;
    if (policy === undefined || left < 1) return undefined;
    line.delete(policy);
    this.#turns = { left: left - 1, at: now };
    return policy;
  }

  /** When `take` has a turn to give; undefined when none waits. */
  nextTurn(now: MonoMillis): MonoMillis | undefined {
    if (this.waitingCount === 0) return undefined;
    const lacking = Math.max(0, 1 - leftAt(this.#turns, now, LIMIT));
    return later(now, millis(Math.ceil(lacking * LIMIT.period)));
  }

  forget(policy: ObjectKey): void {
    this.#meaning.delete(policy);
    this.#figures.delete(policy);
  }

  clear(): void {
    this.#meaning.clear();
    this.#figures.clear();
  }

  get waitingCount(): number {
    return this.#meaning.size + this.#figures.size;
  }
}
