/**
 * Where an answer is put down while it is decoded: columns by row, shared by all decoders of a scraper,
 * because one answer is decoded and stored before the next.
 *
 * Invariant: row `i` of every column belongs to `series[i]`; NaN is "no such line". What is read from here
 * holds until the next answer.
 */

/** Who a series is about. The object is the same in every answer that names it without a break. */
export type Series = Readonly<{ namespace: string; pod: string; container: string }>;

/** One row, all its columns. */
export type DecodedRow = Readonly<{ series: Series; cpu: number; memory: number; at: number; start: number }>;

const NAMES_MAX = 50_000;
const ROWS_MIN = 256;

export class Columns {
  series: Series[] = [];
  /** Cumulative, in whole nanoseconds of one core. */
  cpu = new Float64Array(ROWS_MIN);
  cpuAt = new Float64Array(ROWS_MIN);
  /** Whole bytes. */
  memory = new Float64Array(ROWS_MIN);
  memoryAt = new Float64Array(ROWS_MIN);
  /** Whole nanoseconds since the epoch. */
  start = new Float64Array(ROWS_MIN);
  /** The stamp of the line that came later in the text, CPU's or memory's: a kubelet stamps both alike. */
  at = new Float64Array(ROWS_MIN);
  readonly #names = new Map<string, string>();

  clear(): void {
    this.series = [];
  }

  /** A new row, with nothing in it. */
  open(series: Series): number {
    const row = this.series.push(series) - 1;
    if (row >= this.cpu.length) this.#grow();
    this.cpu[row] = this.cpuAt[row] = this.memory[row] = this.memoryAt[row] = Number.NaN;
    this.start[row] = this.at[row] = Number.NaN;
    return row;
  }

  /** Of two samples of one series in one answer the newer counts; of two with one stamp, the later line. */
  putCpu(row: number, nanos: number, at: number): void {
    if (at < this.cpuAt[row]!) return;
    this.cpu[row] = nanos;
    this.cpuAt[row] = this.at[row] = at;
  }

  putMemory(row: number, bytes: number, at: number): void {
    if (at < this.memoryAt[row]!) return;
    this.memory[row] = bytes;
    this.memoryAt[row] = this.at[row] = at;
  }

  putStart(row: number, nanos: number): void {
    this.start[row] = nanos;
  }

  row(row: number): DecodedRow {
    return {
      series: this.series[row]!,
      cpu: this.cpu[row]!,
      memory: this.memory[row]!,
      at: this.at[row]!,
      start: this.start[row]!,
    };
  }

  /** One string for all namespaces and containers of one name. */
  readonly intern = (name: string): string => {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    this.#names.set(name, name);
    return name;
  };

  #grow(): void {
    for (const name of ["cpu", "cpuAt", "memory", "memoryAt", "start", "at"] as const) {
      const grown = new Float64Array(this[name].length * 2);
      grown.set(this[name]);
      this[name] = grown;
    }
  }
}
