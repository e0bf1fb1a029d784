/**
 * How long the event loop is held, and the figures that the watch bench's client hands to its parent.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/** In milliseconds. */
export type Delay = Readonly<{ p999: number; max: number }>;

export type Figures = Readonly<{
  pods: number;
  listMillis: number;
  listDelay: Delay;
  listPeakMiB: number;
  keptMiB: number;
  churn: Readonly<{ changes: number; seconds: number; delay: Delay; cpuMillisPerSecond: number }>;
  peakMiB: number;
}>;

/** The histogram counts the period of its own timer as delay. */
const RESOLUTION_MILLIS = 1;

export function watchDelay(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  histogram.enable();
  return histogram;
}

export function readDelay(histogram: IntervalHistogram): Delay {
  const millis = (nanos: number): number => Math.max(0, nanos / 1e6 - RESOLUTION_MILLIS);
  return { p999: millis(histogram.percentile(99.9)), max: millis(histogram.max) };
}
