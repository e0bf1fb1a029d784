/**
 * Samples of one container or node in a ring, many rings in one page of doubles.
 *
 * Invariant: the samples of a ring are of one life of its container; their stamps rise strictly and their CPU
 * never falls. So any two of them give a rate.
 */
import type { SampleFate } from "./batch.ts";

/**
 * Samples kept per container. A kubelet measures again every 10–20 s, so this is 3 to 5 minutes: what a
 * rate, a window of a few scrapes, and a look at the last minutes need.
 */
export const RING_SAMPLES = 16;
const FIELDS = 3;
const AT = 0;
const CPU = 1;
const MEMORY = 2;
const RING_DOUBLES = RING_SAMPLES * FIELDS;

/** More than any machine has; a rate above it is a mistake of the reporter. */
const CORES_MAX = 8192;
/** 64 TiB. */
const MEMORY_MAX = 2 ** 46;

const NANOS_PER_MILLI = 1e6;
/** Below this, a window says more about when the kubelet looked than about usage. */
const WINDOW_MIN_MILLIS = 1000;

/** What a ring takes; amounts as in `ContainerSample`. `start` is NaN when unknown. */
export type RingSample = Readonly<{ cpu: number; memory: number; at: number; start: number }>;

/** The newest sample, and an earlier one to measure the rate from. */
export type SamplePair = Readonly<{ last: RingSample; previous: Readonly<{ cpu: number; at: number }> }>;

export class RingPage {
  readonly #doubles: Float64Array;
  /** Where the newest sample is, and how many there are. */
  readonly #newest: Uint8Array;
  readonly #count: Uint8Array;
  /** The start that the newest sample told, and the one at which this life was first seen. */
  readonly #start: Float64Array;
  readonly #birth: Float64Array;

  constructor(rings: number) {
    this.#doubles = new Float64Array(rings * RING_DOUBLES);
    this.#newest = new Uint8Array(rings);
    this.#count = new Uint8Array(rings);
    this.#start = new Float64Array(rings);
    this.#birth = new Float64Array(rings);
  }

  clear(ring: number): void {
    this.#count[ring] = 0;
  }

  count(ring: number): number {
    return this.#count[ring]!;
  }

  /**
   * A container is another one when it began after the last sample of the old one was taken, not when its
   * start merely differs: kwok reports the pod's age as the start, so that it grows at every scrape, and
   * stays decades before the stamps. Where a start is missing or tells nothing, falling CPU tells.
   */
  append(ring: number, sample: RingSample): SampleFate {
    if (sample.memory > MEMORY_MAX) return "impossible";
    if (this.#count[ring] === 0) {
      this.#begin(ring, sample);
      return "kept";
    }
    const last = this.sample(ring, 0);
    if (sample.at < last.at) return this.#insert(ring, sample);
    // The first word on a stamp stays: other numbers would be a rate over a window that is not theirs.
    if (sample.at === last.at) return "repeated";
    if (this.#isAnotherLife(ring, sample, last)) {
      this.#begin(ring, sample);
      return "restarted";
    }
    if (sample.cpu - last.cpu > (sample.at - last.at) * NANOS_PER_MILLI * CORES_MAX) return "impossible";
    this.#push(ring, sample);
    return "kept";
  }

  /** The sample `back` places behind the newest one. */
  sample(ring: number, back: number): RingSample {
    const place = this.#place(ring, back);
    const doubles = this.#doubles;
    return {
      at: doubles[place + AT]!,
      cpu: doubles[place + CPU]!,
      memory: doubles[place + MEMORY]!,
      start: this.#start[ring]!,
    };
  }

  /**
   * The newest sample and the nearest one before it that is far enough away; undefined when there is none.
   */
  pair(ring: number): SamplePair | undefined {
    const count = this.#count[ring]!;
    if (count < 2) return undefined;
    const last = this.sample(ring, 0);
    for (let back = 1; back < count; back++) {
      const place = this.#place(ring, back);
      const at = this.#doubles[place + AT]!;
      if (last.at - at >= WINDOW_MIN_MILLIS)
        return { last, previous: { at, cpu: this.#doubles[place + CPU]! } };
    }
    return undefined;
  }

  #isAnotherLife(ring: number, sample: RingSample, last: RingSample): boolean {
    if (sample.cpu < last.cpu) return true;
    return sample.start >= last.at * NANOS_PER_MILLI || sample.start < this.#start[ring]!;
  }

  #begin(ring: number, sample: RingSample): void {
    this.#count[ring] = 0;
    this.#birth[ring] = this.#start[ring] = Number.NaN;
    this.#push(ring, sample);
    this.#birth[ring] = sample.start;
  }

  #push(ring: number, sample: RingSample): void {
    const newest = (this.#newest[ring]! + 1) % RING_SAMPLES;
    this.#newest[ring] = newest;
    this.#count[ring] = Math.min(this.#count[ring]! + 1, RING_SAMPLES);
    if (!Number.isNaN(sample.start)) this.#start[ring] = sample.start;
    this.#write(ring, 0, sample);
  }

  /**
   * A sample that comes late takes the place that it would have had, if it is of this life and recent
   * enough.
   */
  #insert(ring: number, sample: RingSample): SampleFate {
    const back = this.#placesBack(ring, sample.at);
    const before = back < this.#count[ring]! ? this.sample(ring, back) : undefined;
    if (before?.at === sample.at) return "repeated";
    const isRising = sample.cpu >= (before?.cpu ?? 0) && sample.cpu <= this.sample(ring, back - 1).cpu;
    const isOfThisLife = isRising && !(sample.start < this.#birth[ring]!);
    if (back >= RING_SAMPLES || !isOfThisLife) return "stale";
    this.#shift(ring, back);
    this.#write(ring, back, sample);
    return "kept";
  }

  /** Makes room at `back`: what is there and before it moves one place away from the newest. */
  #shift(ring: number, back: number): void {
    this.#push(ring, this.sample(ring, 0));
    for (let to = 1; to < back; to++) this.#write(ring, to, this.sample(ring, to + 1));
  }

  /** How many samples are newer than `at`. */
  #placesBack(ring: number, at: number): number {
    let back = 0;
    while (back < this.#count[ring]! && this.sample(ring, back).at > at) back++;
    return back;
  }

  #write(ring: number, back: number, { at, cpu, memory }: RingSample): void {
    const place = this.#place(ring, back);
    this.#doubles[place + AT] = at;
    this.#doubles[place + CPU] = cpu;
    this.#doubles[place + MEMORY] = memory;
  }

  #place(ring: number, back: number): number {
    const slot = (this.#newest[ring]! + RING_SAMPLES - back) % RING_SAMPLES;
    return ring * RING_DOUBLES + slot * FIELDS;
  }
}
