/**
 * What a file `NAME.bench.ts` exports.
 */

/** Of one row each, by column; the first row names the columns. */
export type Table = readonly Readonly<Record<string, string>>[];
export type BenchOptions = Readonly<Partial<Record<"pods" | "policies" | "seconds" | "replicas", number>>>;

export type Bench = Readonly<{
  name: string;
  /** Left out where no benchmark is named. */
  onlyByName?: boolean;
  run(options: BenchOptions): Promise<Table | readonly Table[]>;
}>;
