/**
 * One copy of what many objects share: namespaces, owners, labels, pod shapes.
 *
 * Two generations: what is asked for stays in the young one; when that is full it becomes the old one, and
 * what nobody asked for since the last change of generation is let go.
 * Invariant: at most 2 × `capacity` values are held, and equal keys asked for often enough get the same
 * value.
 */
export class InternTable<T> {
  readonly #capacity: number;
  #young = new Map<string, T>();
  #old: ReadonlyMap<string, T> = new Map();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The value that `key` stands for, made when it is not held. */
  get(key: string, make: () => T): T {
    const held = this.#young.get(key);
    if (held !== undefined) return held;
    const value = this.#old.get(key) ?? make();
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
