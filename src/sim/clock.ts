/**
 * Time that does not pass but is moved: it jumps to whatever is due next.
 *
 * Invariants: time never goes back; whoever was woken, and everyone woken by that, has come to rest before
 * the next sleeper wakes. So a run depends on nothing but its inputs, and a quiet hour costs nothing.
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { EpochMillis, Millis } from "../base/units.ts";
import { epochMillis, later, millis, monoMillis } from "../base/units.ts";
import type { Sleeper } from "./sleepers.ts";
import { Sleepers } from "./sleepers.ts";

/** Far from 0 and from any wall time, so that a mix-up of the two clocks shows. */
const MONO_START = 5_000_000;
/** A loop that wakes itself at one moment for ever is a bug, and this is where it ends. */
const STEPS_PER_MOMENT_MAX = 1_000_000;

export class VirtualTime {
  readonly #start: EpochMillis;
  readonly #sleepers = new Sleepers();
  #now: Millis = millis(0);
  #stepsAtThisMoment = 0;

  constructor(start: EpochMillis) {
    this.#start = start;
  }

  /** Since the start of the simulated world. */
  now(): Millis {
    return this.#now;
  }

  /** The true wall time: what the API server and the nodes stamp. */
  wall(): EpochMillis {
    return later(this.#start, this.#now);
  }

  /** Runs `fire` at `due`, or as the next thing when that moment has passed. */
  at(due: Millis, fire: () => void): Sleeper {
    return this.#sleepers.add(millis(Math.max(due, this.#now)), fire);
  }

  after(delay: Millis, fire: () => void): Sleeper {
    return this.at(millis(this.#now + Math.max(0, delay)), fire);
  }

  /** Resolves after `duration`, or at once when `signal` aborts. */
  sleep(duration: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        sleeper.cancelled = true;
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      const sleeper = this.after(duration, wake);
    });
  }

  /** Moves time to `moment`, waking whoever is due on the way; stops early when `signal` aborts. */
  async advanceTo(moment: Millis, signal?: AbortSignal): Promise<void> {
    await rest();
    while (signal?.aborted !== true) {
      const next = this.#sleepers.peek();
      if (next === undefined || next.due > moment) {
        this.#now = millis(Math.max(this.#now, moment));
        return;
      }
      await this.#step();
    }
  }

  advance(by: Millis): Promise<void> {
    return this.advanceTo(millis(this.#now + by));
  }

  /** Moves time as far as `work` needs to settle, and answers what it answered. */
  async settle<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    work.then(settle, settle);
    await rest();
    while (!settled) {
      assert(this.#sleepers.peek() !== undefined, "whoever waits for simulated time has a sleeper");
      await this.#step();
    }
    return work;
  }

  async #step(): Promise<void> {
    const sleeper = this.#sleepers.take();
    assert(sleeper !== undefined, "a step is taken only while something waits");
    this.#stepsAtThisMoment = sleeper.due > this.#now ? 0 : this.#stepsAtThisMoment + 1;
    assert(this.#stepsAtThisMoment < STEPS_PER_MOMENT_MAX, "simulated time moves on");
    this.#now = sleeper.due;
    sleeper.fire();
    await rest();
  }
}

/** How far the operator's own clocks are from the truth; a fault may change it at any time. */
export type ClockSkew = { wall: number; mono: number };

/** The operator's clock over simulated time. Sleeping is not skewed: a wrong reading delays nobody. */
export function createClock(time: VirtualTime, skew: ClockSkew = { wall: 0, mono: 0 }): Clock {
  return {
    wall: () => epochMillis(time.wall() + skew.wall),
    mono: () => monoMillis(MONO_START + time.now() + skew.mono),
    sleep: (duration, signal) => time.sleep(duration, signal),
  };
}

let restCount = 0;
/** How often the event loop gets a turn, for signals, output and whoever watches the process. */
const TURN_EVERY = 100;

/**
 * By then all promises that could go on have gone on: a tick comes after the last of them. It is far
 * cheaper than a turn of the event loop, which nothing in a simulated world waits for.
 */
function rest(): Promise<void> {
  restCount += 1;
  return new Promise((resolve) => {
    if (restCount % TURN_EVERY === 0) setImmediate(resolve);
    else process.nextTick(resolve);
  });
}
