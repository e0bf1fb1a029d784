/**
 * A histogram in which a sample loses half of its weight with every half-life, bit for bit the VPA's.
 *
 * Invariant: a sample weighs `weight · 2^((at − reference)/halfLife)`. Nothing is ever made smaller as time
 * passes: new samples weigh more instead, and once that grows too large the reference moves on and all
 * weights are scaled by the same power of two. So percentiles do not depend on the reference.
 *
 *   half-life 24 h, first sample at 11:59 UTC    reference 00:00 of the day       0.1 weighs 0.14135
 *   half-life 24 h, first sample at 12:00 UTC    reference 00:00 of the next day  0.1 weighs 0.0707
 */
import type { EpochMillis, Millis } from "../../base/units.ts";
import { elapsed, epochMillis, later, millis } from "../../base/units.ts";
import type { Buckets } from "./buckets.ts";
import { bucketOf } from "./buckets.ts";
import { exp2, powerOfTwo } from "./exp2.ts";
import type { HistogramSnapshot } from "./snapshot.ts";
import { Weights } from "./weights.ts";

/** Go's zero time, from which upstream counts multiples of a half-life; also "no reference yet". */
export const YEAR_ONE = epochMillis(-62_135_596_800_000);
/** In half-lives: upstream lets a weight grow by no more than this power of two. */
const EXPONENT_MAX = 100;
const NANOS_PER_MILLI = 1e6;

export class DecayingHistogram<Unit extends number> {
  readonly #buckets: Buckets<Unit>;
  readonly #weights = new Weights();
  #halfLife: Millis;
  #reference = YEAR_ONE;

  constructor(buckets: Buckets<Unit>, halfLife: Millis) {
    this.#buckets = buckets;
    this.#halfLife = halfLife;
  }

  add(amount: Unit, weight: number, at: EpochMillis): void {
    this.#weights.add(bucketOf(this.#buckets, amount), weight * this.#decayAt(at));
  }

  /** Takes back what was added with these same three values. */
  subtract(amount: Unit, weight: number, at: EpochMillis): void {
    this.#weights.subtract(bucketOf(this.#buckets, amount), weight * this.#decayAt(at));
  }

  /** Adds another of the same half-life; the one with the older reference moves to the younger one's. */
  merge(other: DecayingHistogram<Unit>): void {
    if (this.#reference < other.#reference) this.#shiftTo(other.#reference);
    else if (other.#reference < this.#reference) other.#shiftTo(this.#reference);
    this.#weights.merge(other.#weights);
  }

  /**
   * Goes on with another half-life. What was gathered keeps the proportions it has at this moment;
   * upstream, which knows one half-life per process, would let the old or the new samples count for
   * nothing.
   */
  changeHalfLife(halfLife: Millis, at: EpochMillis): void {
    if (halfLife === this.#halfLife) return;
    if (this.#reference !== YEAR_ONE) {
      const reference = nearestMultiple(at, halfLife);
      this.#weights.scale(exp2(quotient(elapsed(reference, this.#reference), this.#halfLife)));
      this.#reference = reference;
    }
    this.#halfLife = halfLife;
  }

  snapshot(): HistogramSnapshot {
    return { reference: this.#reference, buckets: this.#weights.entries(), total: this.#weights.total };
  }

  /** Instead of whatever was here; the half-life is the one that it was gathered with. */
  restore({ reference, buckets, total }: HistogramSnapshot, halfLife: Millis): void {
    this.#weights.load(buckets, total);
    this.#reference = reference;
    this.#halfLife = halfLife;
  }

  #decayAt(at: EpochMillis): number {
    if (at > later(this.#reference, millis(this.#halfLife * EXPONENT_MAX))) this.#shiftTo(at);
    return exp2(quotient(elapsed(this.#reference, at), this.#halfLife));
  }

  #shiftTo(at: EpochMillis): void {
    const reference = nearestMultiple(at, this.#halfLife);
    const exponent = Math.floor(quotient(elapsed(reference, this.#reference), this.#halfLife) + 0.5);
    this.#weights.scale(powerOfTwo(exponent));
    this.#reference = reference;
  }
}

/** As upstream divides: in nanoseconds, each rounded to a double. */
const quotient = (span: Millis, halfLife: Millis): number =>
  (span * NANOS_PER_MILLI) / (halfLife * NANOS_PER_MILLI);

/** The nearest multiple of the half-life, counted from the year 1; halves round up. */
function nearestMultiple(at: EpochMillis, halfLife: Millis): EpochMillis {
  const rest = elapsed(YEAR_ONE, at) % halfLife;
  return epochMillis(rest + rest < halfLife ? at - rest : at - rest + halfLife);
}
