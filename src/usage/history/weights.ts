/**
 * A histogram's weights by bucket number, with the VPA's arithmetic and its oddities.
 *
 * Invariant: no weight is negative. The window is from the first bucket to the last that weigh at least
 * EPSILON; what weighs less outside of it is a crumb: it is in the total, and no percentile stands on it.
 */
import { assert } from "../../base/assert.ts";

/** The smallest weight that counts: a thousandth of a CPU sample's, so that one eight days old still does. */
export const EPSILON = 0.001 * 0.1;
/** Room on both sides when the range grows, so that a range that drifts is not copied for each new bucket. */
const SLACK = 2;

export class Weights {
  /** Of the buckets from `#from` on; buckets outside have never had a weight. */
  #slots = new Float64Array(0);
  #from = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(bucket: number, weight: number): void {
    assert(weight >= 0, `a weight is not negative, got ${weight}`);
    this.#reach(bucket);
    this.#slots[bucket - this.#from]! += weight;
    this.#total += weight;
  }

  /** What would be under EPSILON is 0, in the bucket and in the total. */
  subtract(bucket: number, weight: number): void {
    this.#reach(bucket);
    const slot = bucket - this.#from;
    this.#slots[slot] = leftOf(this.#slots[slot]!, weight);
    this.#total = leftOf(this.#total, weight);
  }

  /** The window and the total; crumbs outside stay as they are, as upstream. */
  scale(factor: number): void {
    for (let slot = this.#first(), last = this.#last(); slot <= last; slot += 1) this.#slots[slot]! *= factor;
    this.#total *= factor;
  }

  /** Adds the other's window, and its whole total. */
  merge(other: Weights): void {
    for (let slot = other.#first(), last = other.#last(); slot <= last; slot += 1) {
      this.#reach(other.#from + slot);
      this.#slots[other.#from + slot - this.#from]! += other.#slots[slot]!;
    }
    this.#total += other.#total;
  }

  /** Every bucket with a weight, crumbs too, in order. */
  entries(): [bucket: number, weight: number][] {
    const entries: [number, number][] = [];
    this.#slots.forEach((weight, slot) => {
      if (weight > 0) entries.push([this.#from + slot, weight]);
    });
    return entries;
  }

  /** Instead of whatever was here. */
  load(entries: readonly (readonly [bucket: number, weight: number])[], total: number): void {
    this.#slots = new Float64Array(0);
    for (const [bucket, weight] of entries) this.add(bucket, weight);
    this.#total = total;
  }

  #first(): number {
    let slot = 0;
    while (slot < this.#slots.length && this.#slots[slot]! < EPSILON) slot += 1;
    return slot;
  }

  #last(): number {
    let slot = this.#slots.length - 1;
    while (slot >= 0 && this.#slots[slot]! < EPSILON) slot -= 1;
    return slot;
  }

  /** Makes the range include a bucket. */
  #reach(bucket: number): void {
    const end = this.#from + this.#slots.length;
    if (bucket >= this.#from && bucket < end) return;
    const isEmpty = this.#slots.length === 0;
    const from = isEmpty ? bucket : Math.min(this.#from, Math.max(0, bucket - SLACK));
    const slots = new Float64Array(Math.max(isEmpty ? 0 : end, bucket + 1 + SLACK) - from);
    slots.set(this.#slots, isEmpty ? 0 : this.#from - from);
    this.#slots = slots;
    this.#from = from;
  }
}

function leftOf(weight: number, taken: number): number {
  const left = weight - taken;
  return left < EPSILON ? 0 : left;
}
