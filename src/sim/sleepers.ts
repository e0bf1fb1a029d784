/**
 * What waits for a moment, earliest first; at the same moment, whoever asked first goes first.
 *
 * Invariant: the order in which things are taken depends only on the order in which they were added.
 */
import { must } from "../base/assert.ts";
import type { Millis } from "../base/units.ts";

export type Sleeper = {
  readonly due: Millis;
  readonly sequence: number;
  readonly fire: () => void;
  /** Nobody waits any more: it is passed over. */
  cancelled: boolean;
};

/** A binary heap: adding and taking cost O(log n), so that a hundred thousand sleepers are no burden. */
export class Sleepers {
  readonly #heap: Sleeper[] = [];
  #sequence = 0;

  add(due: Millis, fire: () => void): Sleeper {
    const sleeper = { due, sequence: this.#sequence, fire, cancelled: false };
    this.#sequence += 1;
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#at(parent);
      if (isBefore(above, sleeper)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = sleeper;
    return sleeper;
  }

  peek(): Sleeper | undefined {
    while (this.#heap[0]?.cancelled === true) this.#takeFirst();
    return this.#heap[0];
  }

  take(): Sleeper | undefined {
    return this.peek() && this.#takeFirst();
  }

  #takeFirst(): Sleeper | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first !== undefined && last !== undefined && first !== last) this.#sink(last);
    return first;
  }

  /** Lets `sleeper` sink from the top, whose place is free, to where its children are later. */
  #sink(sleeper: Sleeper): void {
    let at = 0;
    for (;;) {
      const child = this.#earlierChildOf(at);
      if (child === undefined || isBefore(sleeper, this.#at(child))) break;
      this.#heap[at] = this.#at(child);
      at = child;
    }
    this.#heap[at] = sleeper;
  }

  #earlierChildOf(at: number): number | undefined {
    const left = 2 * at + 1;
    if (left >= this.#heap.length) return undefined;
    const right = left + 1;
    return right < this.#heap.length && isBefore(this.#at(right), this.#at(left)) ? right : left;
  }

  #at(place: number): Sleeper {
    return must(this.#heap[place], "a place inside the heap holds a sleeper");
  }
}

function isBefore(one: Sleeper, other: Sleeper): boolean {
  return one.due < other.due || (one.due === other.due && one.sequence < other.sequence);
}
