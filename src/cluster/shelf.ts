/**
 * Objects by key, and by whatever else they are looked for: their owner, their target, their namespace.
 *
 * Invariant: each lookup finds exactly the objects on the shelf that have a value to be found by.
 */
import type { ObjectKey } from "../base/ids.ts";

/** What an object is found by, for each lookup; undefined when it cannot be found so. */
export type Lookups<T, Name extends string> = Readonly<Record<Name, (object: T) => string | undefined>>;

export class Shelf<T, Name extends string> {
  readonly #objects = new Map<ObjectKey, T>();
  readonly #lookups: readonly Lookup<T>[];
  readonly #byName: ReadonlyMap<Name, Lookup<T>>;

  constructor(lookups: Lookups<T, Name>) {
    const named = Object.entries<(object: T) => string | undefined>(lookups);
    this.#byName = new Map(named.map(([name, by]) => [name as Name, new Lookup(by)]));
    this.#lookups = [...this.#byName.values()];
  }

  get objects(): ReadonlyMap<ObjectKey, T> {
    return this.#objects;
  }

  find(name: Name, by: string): Iterable<T> {
    return this.#byName.get(name)?.find(by) ?? [];
  }

  /** The same list until what is found changes; a lookup is asked for one order only. */
  findInOrder(name: Name, by: string, order: (a: T, b: T) => number): readonly T[] {
    return this.#byName.get(name)?.findInOrder(by, order) ?? [];
  }

  /** Puts an object in the place of its namesake, or takes the namesake away. */
  put(key: ObjectKey, object: T | undefined): void {
    const previous = this.#objects.get(key);
    if (previous !== undefined) for (const lookup of this.#lookups) lookup.remove(previous);
    if (object === undefined) {
      this.#objects.delete(key);
      return;
    }
    this.#objects.set(key, object);
    for (const lookup of this.#lookups) lookup.add(object);
  }
}

class Lookup<T> {
  readonly #by: (object: T) => string | undefined;
  readonly #found = new Map<string, Set<T>>();
  /** Thousands may share a target, and each of them asks who is the oldest: sorted once a change. */
  readonly #ordered = new Map<string, readonly T[]>();

  constructor(by: (object: T) => string | undefined) {
    this.#by = by;
  }

  find(by: string): Iterable<T> | undefined {
    return this.#found.get(by);
  }

  findInOrder(by: string, order: (a: T, b: T) => number): readonly T[] {
    const known = this.#ordered.get(by);
    if (known !== undefined) return known;
    const found = this.#found.get(by);
    if (found === undefined) return [];
    const ordered = [...found].toSorted(order);
    this.#ordered.set(by, ordered);
    return ordered;
  }

  add(object: T): void {
    const by = this.#by(object);
    if (by === undefined) return;
    this.#ordered.delete(by);
    const found = this.#found.get(by);
    if (found === undefined) this.#found.set(by, new Set([object]));
    else found.add(object);
  }

  remove(object: T): void {
    const by = this.#by(object);
    const found = by === undefined ? undefined : this.#found.get(by);
    if (by === undefined || found === undefined) return;
    this.#ordered.delete(by);
    found.delete(object);
    if (found.size === 0) this.#found.delete(by);
  }
}
