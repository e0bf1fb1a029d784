/**
 * Counting as a port: who measures names a series of report/series.ts; `serve/` keeps and prints them.
 */
export type Labels = Readonly<Record<string, string>>;

export interface Meter {
  /** Adds to a counter. */
  count(series: string, labels?: Labels, by?: number): void;
  /** Sets a gauge. */
  set(series: string, value: number, labels?: Labels): void;
  /** Adds an observation to a histogram; durations are in seconds, as Prometheus expects. */
  observe(series: string, value: number, labels?: Labels): void;
  /** Forgets the series with exactly these labels, because what it measured is gone. */
  forget(series: string, labels: Labels): void;
}
