/**
 * How long the event loop is held: as the clock sees it, which on a busy machine counts other processes too,
 * and as the thread's own CPU time sees it, which counts only what we do between two turns.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

/** In milliseconds. */
export type Delay = Readonly<{ p999: number; max: number; ownP999: number; ownMax: number }>;

/** Both look once in this time, and the histogram counts it as delay. */
const PERIOD_MILLIS = 1;

/** Starts to watch; the answer tells what was seen since, and ends. */
export function watchDelay(): () => Delay {
  const histogram = monitorEventLoopDelay({ resolution: PERIOD_MILLIS });
  const turns: number[] = [];
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    turns.push((user + system) / 1000);
    before = process.threadCpuUsage();
  }, PERIOD_MILLIS);
  histogram.enable();
  return () => {
    clearInterval(timer);
    histogram.disable();
    const millis = (nanos: number): number => Math.max(0, nanos / 1e6 - PERIOD_MILLIS);
    const sorted = turns.toSorted((a, b) => a - b);
    return {
      p999: millis(histogram.percentile(99.9)),
      max: millis(histogram.max),
      ownP999: sorted[Math.ceil(sorted.length * 0.999) - 1] ?? 0,
      ownMax: sorted.at(-1) ?? 0,
    };
  };
}

/** What the watch bench's client hands to its parent. */
export type Figures = Readonly<{
  pods: number;
  listMillis: number;
  listCpuMillis: number;
  listDelay: Delay;
  listPeakMiB: number;
  keptMiB: number;
  churn: Readonly<{ changes: number; seconds: number; delay: Delay; cpuMillisPerSecond: number }>;
  peakMiB: number;
}>;
