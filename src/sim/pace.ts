/**
 * Simulated time at a pace that can be watched.
 *
 * Invariant: simulated time never runs ahead of `speed` × real time; on a busy machine it falls behind and
 * catches up, and nothing is skipped.
 */
import { setTimeout as wait } from "node:timers/promises";
import { assert } from "../base/assert.ts";
import type { Millis } from "../base/units.ts";
import { millis } from "../base/units.ts";
import type { VirtualTime } from "./clock.ts";

/** Real time between two moves: 50 a second look continuous. */
const BEAT: Millis = millis(20);
/** Real milliseconds that one move may stand for, so that a slow machine still shows frames between moves. */
const LEAP_REAL_MAX = 500;

export type Pace = Readonly<{
  /** Simulated seconds in a real one, above 0. */
  speed: number;
  /** Where to stop, since the start of the world; undefined goes on until `signal` aborts. */
  until: Millis | undefined;
  signal: AbortSignal;
}>;

/** Moves `time` at `pace` until its end is reached or its signal aborts. */
export async function runPaced(time: VirtualTime, { speed, until, signal }: Pace): Promise<void> {
  assert(speed > 0 && Number.isFinite(speed), `a speed is finite and above 0, got ${speed}`);
  const began = { real: performance.now(), simulated: time.now() };
  const end = until ?? Infinity;
  while (!signal.aborted && time.now() < end) {
    const due = began.simulated + (performance.now() - began.real) * speed;
    await time.advanceTo(millis(Math.min(end, due, time.now() + speed * LEAP_REAL_MAX)), signal);
    if (time.now() < end) await pause(signal);
  }
}

/** A beat of real time; aborting ends it, and is no error. */
async function pause(signal: AbortSignal): Promise<void> {
  try {
    await wait(BEAT, undefined, { signal });
  } catch {
    // Only an abort rejects, and the loop above sees it.
  }
}
