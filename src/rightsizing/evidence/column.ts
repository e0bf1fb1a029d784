/**
 * What was read of one container of one pod, packed: 24 bytes a reading, for a cluster's history is millions
 * of them.
 *
 * Invariant: times rise strictly; what is not known is NaN in here and undefined outside.
 */
import {
  type Bytes, bytes, type EpochMillis, epochMillis, type NanoCores, nanoCores,
} from "../../base/units.ts"; // prettier-ignore
import { Moments } from "./moments.ts";

export type Reading = Readonly<{
  at: EpochMillis;
  cpu: NanoCores | undefined;
  memory: Bytes | undefined;
}>;

const FIELDS = 3;
const FIRST_ROOM = 16 * FIELDS;

export class Column {
  readonly pod: string;
  /** Numbers of the looks that saw it. */
  readonly moments = new Moments();
  #cells = new Float64Array(FIRST_ROOM);
  #used = 0;

  constructor(pod: string) {
    this.pod = pod;
  }

  /** A time stamp that was seen before, or one that goes back, brings nothing. */
  add({ at, cpu, memory }: Reading): void {
    if (this.#used > 0 && at <= this.#cell(this.#used - FIELDS)) return;
    if (this.#used === this.#cells.length) this.#grow();
    this.#cells.set([at, cpu ?? NaN, memory ?? NaN], this.#used);
    this.#used += FIELDS;
  }

  *readings(): Generator<Reading, void> {
    for (let at = 0; at < this.#used; at += FIELDS) {
      const [cpu, memory] = [this.#cell(at + 1), this.#cell(at + 2)];
      yield {
        at: epochMillis(this.#cell(at)),
        cpu: Number.isNaN(cpu) ? undefined : nanoCores(cpu),
        memory: Number.isNaN(memory) ? undefined : bytes(memory),
      };
    }
  }

  /** undefined: nothing was read. */
  ends(): Readonly<{ from: EpochMillis; to: EpochMillis }> | undefined {
    if (this.#used === 0) return undefined;
    return { from: epochMillis(this.#cell(0)), to: epochMillis(this.#cell(this.#used - FIELDS)) };
  }

  #cell(at: number): number {
    return this.#cells[at] ?? NaN;
  }

  #grow(): void {
    const larger = new Float64Array(this.#cells.length * 2);
    larger.set(this.#cells);
    this.#cells = larger;
  }
}
