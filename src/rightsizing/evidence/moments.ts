/**
 * A set of the looks at a cluster, by number: a bit each.
 *
 * Invariant: numbers are whole and lie within some million of each other, as those of one history do.
 */
const BITS = 32;

export class Moments {
  /** The number of the first bit, once there is any. */
  #first: number | undefined;
  #bits = new Uint32Array(4);
  #last = -Infinity;

  add(moment: number): void {
    this.#first ??= moment - (moment % BITS);
    if (moment < this.#first) this.#moveTo(moment - (moment % BITS));
    const at = moment - this.#first;
    this.#reach(at);
    this.#bits[at >>> 5] = (this.#bits[at >>> 5] ?? 0) | (1 << (at & (BITS - 1)));
    this.#last = Math.max(this.#last, moment);
  }

  count(): number {
    let count = 0;
    for (const _ of this) count++;
    return count;
  }

  /** From the first to the last, gaps included; 0 while there is none. */
  length(): number {
    for (const first of this) return this.#last - first + 1;
    return 0;
  }

  *[Symbol.iterator](): Generator<number, void> {
    const first = this.#first ?? 0;
    for (const [word, bits] of this.#bits.entries())
      for (let rest = bits, at = 0; rest !== 0; rest >>>= 1, at++)
        if ((rest & 1) === 1) yield first + word * BITS + at;
  }

  #reach(at: number): void {
    if (at >>> 5 < this.#bits.length) return;
    const larger = new Uint32Array(Math.max(this.#bits.length * 2, (at >>> 5) + 1));
    larger.set(this.#bits);
    this.#bits = larger;
  }

  /** A history may come in any order. */
  #moveTo(first: number): void {
    const kept = [...this];
    this.#first = first;
    this.#bits = new Uint32Array(4);
    for (const moment of kept) this.add(moment);
  }
}
