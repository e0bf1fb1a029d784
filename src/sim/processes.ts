/**
 * The operator's processes in a simulated world: whoever dies, or is told to go, is followed by another one.
 *
 * Invariant: until its end some process runs, or one is about to; one that died reaches nobody.
 */
import { type Millis, seconds } from "../base/units.ts";
import type { Operators } from "./faults/fault-row.ts";
import { type CrashPlan, SimulatedProcess } from "./process.ts";
import type { SimulatedWorld } from "./world.ts";

/** Runs an operator in a process until `signal` aborts; `identity` is this process's alone. */
export type Begin = (process: SimulatedProcess, identity: string, signal: AbortSignal) => Promise<unknown>;

type Running = Readonly<{ process: SimulatedProcess; stop: AbortController; ended: Promise<unknown> }>;

/** A container is started again after this long. */
const STARTING: Millis = seconds(2);

export class Processes implements Operators {
  readonly #simulated: SimulatedWorld;
  readonly #begin: Begin;
  /** All that have not ended. */
  readonly #all = new Set<Running>();
  #started = 0;
  /** The next process dies at the first of these that it meets. */
  readonly #crashes = new Set<CrashPlan>();
  #isOver = false;

  constructor(simulated: SimulatedWorld, begin: Begin) {
    this.#simulated = simulated;
    this.#begin = begin;
  }

  /** How many there have been. */
  get started(): number {
    return this.#started;
  }

  start(): void {
    const process = new SimulatedProcess(this.#simulated, () => {
      stop.abort();
      this.#startSoon();
    });
    const stop = new AbortController();
    this.#started += 1;
    const ended = this.#begin(process, `operator-${this.#started}`, stop.signal);
    const running: Running = { process, stop, ended };
    this.#all.add(running);
    // One that failed is kept, so that whoever puts them down hears of it.
    void ended.then(
      () => this.#all.delete(running),
      () => undefined,
    );
    for (const crash of this.#crashes) process.crashAt(crash);
  }

  alive(): readonly SimulatedProcess[] {
    return this.#running().map(({ process }) => process);
  }

  crashAt(...[verb, position, matches]: Parameters<Operators["crashAt"]>): () => void {
    const crashes = this.#crashes;
    const crash: CrashPlan = {
      verb,
      position,
      // One of them dies of it.
      matches: (args) => crashes.has(crash) && (matches?.(args) ?? true) && crashes.delete(crash),
    };
    crashes.add(crash);
    for (const process of this.alive()) process.crashAt(crash);
    return () => void crashes.delete(crash);
  }

  restart(): void {
    this.#running()[0]?.stop.abort();
    this.#startSoon();
  }

  kill(): void {
    this.alive()[0]?.kill();
  }

  /** All are told to go; resolves when the last loop has ended. */
  async putDown(): Promise<void> {
    for (const { process, stop } of this.#all) {
      process.resume();
      stop.abort();
    }
    await this.#simulated.time.settle(Promise.all([...this.#all].map(({ ended }) => ended)));
  }

  /** For good: nobody follows. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.putDown();
  }

  #running(): readonly Running[] {
    return [...this.#all].filter(({ process, stop }) => !process.dead && !stop.signal.aborted);
  }

  #startSoon(): void {
    this.#simulated.time.after(STARTING, () => {
      if (!this.#isOver) this.start();
    });
  }
}
