/**
 * From two samples to usage, as metrics-server computes it: the same nanocores for the same samples.
 *
 *   cpu, ns of one core   from … to           window     nanocores
 *   1_000_000_000 more    0 … 10 s            10 s       100_000_000   a tenth of a core
 *   0 more                0 … 15 s            15 s       0             idle is a rate, not an absence
 *   1 more                0 … 3 s             3 s        0             truncated, not rounded
 *
 * Invariant: a window is longer than 0 and CPU does not fall in it, so a rate is never negative.
 */
import { bytes, epochMillis, millis, nanoCores, seconds } from "../base/units.ts";
import type { Bytes, EpochMillis, Millis, NanoCores } from "../base/units.ts";
import type { RingSample, SamplePair } from "./ring.ts";

export type Usage = Readonly<{ cpu: NanoCores; memory: Bytes; at: EpochMillis; window: Millis }>;

/**
 * A container this young is measured from its start, where its CPU was 0; metrics-server's own lower bound.
 */
const FRESH_AGE_MIN = seconds(10);
const NANOS_PER_MILLI = 1e6;
const NANOS_PER_SECOND = 1e9;
/** More than a difference of two doubles around 2^60 can be off. */
const ROUNDING_NANOS = 1024;

/** Usage from two samples. */
export function usageBetween({ last, previous }: SamplePair): Usage {
  const windowNanos = (last.at - previous.at) * NANOS_PER_MILLI;
  return usageOver(last, last.cpu - previous.cpu, windowNanos);
}

/**
 * Usage since the start of a container that is at least 10 s and less than one resolution old: one sample is
 * enough, and even when there are two this is what metrics-server answers. Undefined for any other.
 *
 * The window is a difference of two numbers around 2^60, so it is taken in integers.
 */
export function usageOfFresh(last: RingSample, resolution: Millis): Usage | undefined {
  const isYoung = last.start > (last.at - resolution) * NANOS_PER_MILLI - ROUNDING_NANOS;
  if (!isYoung) return undefined;
  const windowNanos = Number(BigInt(last.at) * 1_000_000n - BigInt(last.start));
  const isFresh =
    windowNanos >= FRESH_AGE_MIN * NANOS_PER_MILLI && windowNanos < resolution * NANOS_PER_MILLI;
  return isFresh ? usageOver(last, last.cpu, windowNanos) : undefined;
}

function usageOver(last: RingSample, cpuNanos: number, windowNanos: number): Usage {
  return {
    cpu: nanoCores(Math.trunc(cpuNanos / secondsOf(windowNanos))),
    memory: bytes(last.memory),
    at: epochMillis(last.at),
    window: millis(windowNanos / NANOS_PER_MILLI),
  };
}

/** Whole seconds and the rest apart, as Go's durations do it: the last bit of a rate depends on it. */
function secondsOf(nanos: number): number {
  const rest = nanos % NANOS_PER_SECOND;
  return (nanos - rest) / NANOS_PER_SECOND + rest / NANOS_PER_SECOND;
}
