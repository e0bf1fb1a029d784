/**
 * The largest memory sample of the last day, to the hour: what a request may not be lowered under.
 *
 * Invariant: the answer covers at least the last 24 h and at most 25.
 */
import type { Bytes, EpochMillis } from "../../base/units.ts";
import { bytes } from "../../base/units.ts";

/** The current hour is not whole, so one more than a day has. */
const HOURS = 25;
const MILLIS_PER_HOUR = 3_600_000;

const hourOf = (at: EpochMillis): number => Math.floor(at / MILLIS_PER_HOUR);

export class HourlyPeaks {
  /** By hour modulo HOURS; 0 is none. */
  readonly #peaks = new Float64Array(HOURS);
  #newest: number | undefined;

  add(at: EpochMillis, usage: Bytes): void {
    this.#put(hourOf(at), usage);
  }

  /** undefined when nothing was measured in the last day. */
  peak(now: EpochMillis): Bytes | undefined {
    const recent = this.entries().filter(([hour]) => hour > hourOf(now) - HOURS);
    return recent.length === 0 ? undefined : bytes(Math.max(...recent.map(([, peak]) => peak)));
  }

  entries(): [hour: number, peak: Bytes][] {
    const newest = this.#newest;
    if (newest === undefined) return [];
    const hours = Array.from(this.#peaks, (_, back) => newest - (HOURS - 1) + back);
    return hours
      .map((hour): [number, Bytes] => [hour, bytes(this.#peaks[hour % HOURS]!)])
      .filter(([, peak]) => peak > 0);
  }

  load(entries: readonly (readonly [hour: number, peak: Bytes])[]): void {
    this.#peaks.fill(0);
    this.#newest = undefined;
    for (const [hour, peak] of entries) this.#put(hour, peak);
  }

  #put(hour: number, peak: Bytes): void {
    const newest = this.#newest ?? hour;
    if (hour <= newest - HOURS) return;
    for (let skipped = Math.max(newest + 1, hour - HOURS + 1); skipped <= hour; skipped += 1)
      this.#peaks[skipped % HOURS] = 0;
    this.#newest = Math.max(newest, hour);
    this.#peaks[hour % HOURS] = Math.max(this.#peaks[hour % HOURS]!, peak);
  }
}
