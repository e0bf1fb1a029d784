/**
 * One container of one pod and its memory: of every window of 24 h, the largest sample counts, once, at the
 * end of the window; the rules and their oddities are the VPA's.
 *
 * Invariant: what this pod has in the histogram for its open window is exactly its present peak. Windows
 * begin with the container's first sample, not at midnight.
 *
 *   samples of 100, 300, 200 MiB in one window      100 is added, then taken back for 300
 *   a window opened by a sample of 0 bytes          stays at 0 to its end
 *   killed at a request of 1000 MiB                 a sample of 1200 MiB
 *   killed at 1 MiB, after a peak of 3000 MiB       101 MiB; 3600 MiB
 */
import type { Bytes, EpochMillis } from "../../base/units.ts";
import { bytes, elapsed, epochMillis, minutes } from "../../base/units.ts";
import type { DecayingHistogram } from "./decaying-histogram.ts";
import type { MemoryWindow } from "./snapshot.ts";

/** `--memory-aggregation-interval`. */
export const MEMORY_WINDOW = minutes(24 * 60);
/** `--oom-bump-up-ratio`, `--oom-min-bump-up-bytes`. */
const OOM_RATIO = 1.2;
const OOM_BYTES_MIN = 104_857_600;
/** A window has one peak, so it weighs as much as ten CPU samples. */
const PEAK_WEIGHT = 1;
const NONE = bytes(0);

export type PodMemory = {
  lastSample: EpochMillis | undefined;
  /** Of the last OOM kill that was taken in: the API shows one for long after. */
  lastOom: EpochMillis | undefined;
  window: MemoryWindow | undefined;
};
type Sample = Readonly<{ at: EpochMillis; usage: Bytes; isOom: boolean }>;
type Peaks = DecayingHistogram<Bytes>;

/** False when the sample is older than the last one. */
export function addMemorySample(pod: PodMemory, peaks: Peaks, at: EpochMillis, usage: Bytes): boolean {
  if (pod.lastSample !== undefined && at < pod.lastSample) return false;
  count(pod, peaks, { at, usage, isOom: false });
  return true;
}

/**
 * Takes a kill for a sample of what would have been needed, and gives that; undefined when the kill is known
 * already or older than a window. `request` is 0 where there is none.
 */
export function addOomKill(pod: PodMemory, peaks: Peaks, at: EpochMillis, request: Bytes): Bytes | undefined {
  if (pod.lastOom !== undefined && at <= pod.lastOom) return undefined;
  if (pod.lastSample !== undefined && elapsed(at, pod.lastSample) > MEMORY_WINDOW) return undefined;
  const usage = neededAfterOom(bytes(Math.max(request, pod.window?.peak ?? 0)));
  count(pod, peaks, { at, usage, isOom: true });
  pod.lastOom = at;
  return usage;
}

function count(pod: PodMemory, peaks: Peaks, sample: Sample): void {
  const { at, usage } = sample;
  pod.lastSample = at;
  const window = pod.window ?? { end: at, peak: NONE, oomPeak: NONE };
  if (at >= window.end) {
    pod.window = withPeak({ end: endAfter(window.end, at), peak: NONE, oomPeak: NONE }, sample);
    peaks.add(usage, PEAK_WEIGHT, pod.window.end);
    return;
  }
  const before = peakOf(window);
  if (before === 0 || usage <= before) return;
  pod.window = withPeak(window, sample);
  peaks.subtract(before, PEAK_WEIGHT, window.end);
  peaks.add(usage, PEAK_WEIGHT, window.end);
}

/** What the container is taken to have needed: a fifth more than it used, and 100 MiB more at least. */
export const neededAfterOom = (used: Bytes): Bytes =>
  bytes(Math.max(used + OOM_BYTES_MIN, Math.trunc(used * OOM_RATIO)));

/** Takes the peak of a window that is open out, as the VPA does before it writes a checkpoint. */
export function withdrawPeak(peaks: Peaks, window: MemoryWindow, now: EpochMillis): void {
  if (now < window.end) peaks.subtract(peakOf(window), PEAK_WEIGHT, window.end);
}

const peakOf = ({ peak, oomPeak }: MemoryWindow): Bytes => bytes(Math.max(peak, oomPeak));

const withPeak = (window: MemoryWindow, { usage, isOom }: Sample): MemoryWindow =>
  isOom ? { ...window, oomPeak: usage } : { ...window, peak: usage };

/** The end of the window that holds this moment, counted in whole windows from an earlier end. */
function endAfter(end: EpochMillis, at: EpochMillis): EpochMillis {
  const windows = Math.trunc(elapsed(end, at) / MEMORY_WINDOW) + 1;
  return epochMillis(end + windows * MEMORY_WINDOW);
}
