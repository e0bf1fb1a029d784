/**
 * When each policy is to be looked at next. A queue of keys, not of events: what is true is read when the
 * key's turn comes.
 *
 * Invariants: a key waits at most once, at the earliest moment anyone wished for; a key never runs twice at
 * the same time, and a wish that comes while it runs is kept for afterwards. Hence at most one entry per
 * policy, however many events arrive.
 */
import type { MonoMillis } from "../../base/units.ts";

type Waiting<Reason> = Readonly<{ at: MonoMillis; reason: Reason }>;
export type Turn<Key, Reason> = Readonly<{ key: Key; reason: Reason; waitedFor: number }>;

export class KeyedQueue<Key, Reason> {
  readonly #waiting = new Map<Key, Waiting<Reason>>();
  readonly #running = new Set<Key>();
  /** A binary heap of wishes by time; entries that are no longer the key's wish are skipped when met. */
  readonly #heap: { at: MonoMillis; key: Key }[] = [];

  /** The earlier wish wins; its reason goes to the log only. */
  add(key: Key, at: MonoMillis, reason: Reason): void {
    const wish = this.#waiting.get(key);
    if (wish !== undefined && wish.at <= at) return;
    this.#waiting.set(key, { at, reason });
    if (!this.#running.has(key)) this.#push({ at, key });
  }

  /** The key that has been due the longest, marked as running; undefined when none is due. */
  take(now: MonoMillis): Turn<Key, Reason> | undefined {
    for (let head = this.#heap[0]; head !== undefined && head.at <= now; head = this.#heap[0]) {
      this.#pop();
      const wish = this.#waiting.get(head.key);
      if (wish === undefined || wish.at !== head.at || this.#running.has(head.key)) continue;
      this.#waiting.delete(head.key);
      this.#running.add(head.key);
      return { key: head.key, reason: wish.reason, waitedFor: now - wish.at };
    }
    return undefined;
  }

  /** The key's run has ended: a wish that came meanwhile counts from now on. */
  done(key: Key): void {
    this.#running.delete(key);
    const wish = this.#waiting.get(key);
    if (wish !== undefined) this.#push({ at: wish.at, key });
  }

  /** When the next key that is not running is due; undefined when nothing waits. */
  nextDue(): MonoMillis | undefined {
    for (let head = this.#heap[0]; head !== undefined; head = this.#heap[0]) {
      if (this.#waiting.get(head.key)?.at === head.at && !this.#running.has(head.key)) return head.at;
      this.#pop();
    }
    return undefined;
  }

  /** Takes back whatever is wished for this key. */
  forget(key: Key): void {
    this.#waiting.delete(key);
  }

  clear(): void {
    this.#waiting.clear();
    this.#heap.length = 0;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  #push(entry: { at: MonoMillis; key: Key }): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && this.#at(parent) > entry.at; parent = (index - 1) >> 1) {
      this.#swap(index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let index = 0;
    for (let child = this.#earlierChild(0); this.#at(child) < last.at; child = this.#earlierChild(index)) {
      this.#swap(index, child);
      index = child;
    }
  }

  #earlierChild(index: number): number {
    const left = 2 * index + 1;
    return this.#at(left + 1) < this.#at(left) ? left + 1 : left;
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
