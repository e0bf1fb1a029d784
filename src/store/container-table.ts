/**
 * Every container (and node) that has samples, as a row in columns: its ring, its name, when it was renewed,
 * and the next container of its pod. Rows come in pages that are never moved, and are used again when freed.
 *
 * Invariant: a row belongs to one owner from `take` to `free`; chains of rows end in NONE.
 */
import { monoMillis, seconds } from "../base/units.ts";
import type { MonoMillis } from "../base/units.ts";
import { RingPage } from "./ring.ts";
import type { RingSample, SamplePair } from "./ring.ts";
import type { SampleFate } from "./batch.ts";

export type Row = number;
export const NONE: Row = -1;

const PAGE_ROWS = 1024;
/**
 * A node's clock that went ahead of ours by more than this between two samples was set: over so long a
 * window, a quarter of a minute's usage would look idle. Kubelets' numbers are up to 30 s old anyway.
 */
const LEAP_MAX = seconds(60);

class Page {
  readonly rings = new RingPage(PAGE_ROWS);
  readonly names: string[] = Array.from({ length: PAGE_ROWS }, () => "");
  readonly next = new Int32Array(PAGE_ROWS);
  /** When the last answer that named it arrived. */
  readonly namedAt = new Float64Array(PAGE_ROWS);
  readonly renewedAt = new Float64Array(PAGE_ROWS);
  readonly restarted = new Uint8Array(PAGE_ROWS);
}

export class ContainerTable {
  readonly #pages: Page[] = [];
  #freed: Row[] = [];
  #used = 0;

  take(name: string, next: Row): Row {
    const row = this.#freed.pop() ?? this.#used++;
    if (row >= this.#pages.length * PAGE_ROWS) this.#pages.push(new Page());
    const { page, index } = this.#at(row);
    page.rings.clear(index);
    page.names[index] = name;
    page.next[index] = next;
    page.namedAt[index] = Number.NaN;
    page.restarted[index] = 0;
    return row;
  }

  /** Frees a chain from its first row on. */
  free(first: Row): void {
    for (let row = first; row !== NONE; row = this.next(row)) this.#freed.push(row);
  }

  name(row: Row): string {
    const { page, index } = this.#at(row);
    return page.names[index]!;
  }

  next(row: Row): Row {
    const { page, index } = this.#at(row);
    return page.next[index]!;
  }

  /** When the last answer that named it arrived; NaN before the first. */
  namedAt(row: Row): number {
    const { page, index } = this.#at(row);
    return page.namedAt[index]!;
  }

  markNamed(row: Row, arrivedAt: MonoMillis): void {
    const { page, index } = this.#at(row);
    page.namedAt[index] = arrivedAt;
  }

  /** When its newest sample arrived; meaningful only when it has one. */
  renewedAt(row: Row): MonoMillis {
    const { page, index } = this.#at(row);
    return monoMillis(page.renewedAt[index]!);
  }

  /** Whether what is known of it begins with a restart, and no second sample has come since. */
  restarted(row: Row): boolean {
    const { page, index } = this.#at(row);
    return page.restarted[index] === 1 && page.rings.count(index) < 2;
  }

  sampleCount(row: Row): number {
    const { page, index } = this.#at(row);
    return page.rings.count(index);
  }

  append(row: Row, sample: RingSample, arrivedAt: MonoMillis): SampleFate {
    const { page, index } = this.#at(row);
    const newestBefore = page.rings.count(index) === 0 ? -1 : page.rings.sample(index, 0).at;
    const hasLeapt = newestBefore >= 0 && this.#leapOf(row, sample, arrivedAt) > LEAP_MAX;
    if (hasLeapt) page.rings.clear(index);
    const fate = hasLeapt ? begun(page.rings.append(index, sample)) : page.rings.append(index, sample);
    if (page.rings.count(index) > 0 && page.rings.sample(index, 0).at !== newestBefore)
      page.renewedAt[index] = arrivedAt;
    if (fate === "restarted") page.restarted[index] = 1;
    return fate;
  }

  sample(row: Row, back: number): RingSample {
    const { page, index } = this.#at(row);
    return page.rings.sample(index, back);
  }

  pair(row: Row): SamplePair | undefined {
    const { page, index } = this.#at(row);
    return page.rings.pair(index);
  }

  /** How much further the node's clock went than ours since the newest sample, in milliseconds. */
  #leapOf(row: Row, { at }: RingSample, arrivedAt: MonoMillis): number {
    return at - this.sample(row, 0).at - (arrivedAt - this.renewedAt(row));
  }

  #at(row: Row): { page: Page; index: number } {
    return { page: this.#pages[Math.floor(row / PAGE_ROWS)]!, index: row % PAGE_ROWS };
  }
}

/** The first sample by a clock that was set begins a new life, as a restart does. */
const begun = (fate: SampleFate): SampleFate => (fate === "kept" ? "restarted" : fate);
