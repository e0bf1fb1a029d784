/**
 * The operator's processes in a storm: one that leads, one that stands by now and then, and whoever follows a dead one.
 *
 * Invariant: some process runs at any moment; a process that died writes nothing.
 */
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { runOperator } from "../../../src/compose.ts";
import type { ObjectKey } from "../../../src/base/ids.ts";
import type { Log } from "../../../src/base/log.ts";
import { type Millis, seconds } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import type { Operators } from "../../../src/sim/faults/fault-row.ts";
import type { Witness } from "../../../src/sim/invariants/witness.ts";
import { SimulatedProcess } from "../../../src/sim/process.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";

type Running = Readonly<{ process: SimulatedProcess; stop: AbortController; ended: Promise<unknown> }>;

/** A container is started again after this long. */
const STARTING = seconds(2);

export class OperatorFleet implements Operators {
  readonly #simulated: SimulatedWorld;
  readonly #witness: Witness;
  readonly #resolution: Millis;
  readonly #log: Log;
  readonly #all: Running[] = [];
  /** The latest decision of each policy. */
  readonly records = new Map<ObjectKey, DecisionRecord>();
  #crash: Parameters<Operators["crashAt"]> | undefined;

  constructor(
    simulated: SimulatedWorld,
    { witness, resolution }: Readonly<{ witness: Witness; resolution: Millis }>,
    log: Log,
  ) {
    this.#simulated = simulated;
    this.#resolution = resolution;
    this.#witness = witness;
    this.#log = log;
  }

  start(): void {
    const identity = `operator-${this.#all.length + 1}`;
    const process = new SimulatedProcess(this.#simulated, () => this.#follow(process));
    const stop = new AbortController();
    const ended = runOperator({
      world: this.#witness.worldOf(process, identity),
      setup: {
        ...SIMULATED_SETUP,
        identity,
        decision: { ...SIMULATED_SETUP.decision, resolution: this.#resolution },
      },
      log: this.#log,
      observe: (record) => this.#decided(record),
      signal: stop.signal,
    });
    this.#all.push({ process, stop, ended });
    if (this.#crash !== undefined) process.crashAt(...this.#crash);
  }

  #decided(record: DecisionRecord): void {
    this.records.set(record.id.policy, record);
    this.#witness.decided(record);
  }

  /** How many there have been. */
  get started(): number {
    return this.#all.length;
  }

  alive(): readonly SimulatedProcess[] {
    return this.#running().map(({ process }) => process);
  }

  crashAt(...crash: Parameters<Operators["crashAt"]>): void {
    this.#crash = crash;
    for (const process of this.alive()) process.crashAt(...crash);
  }

  spare(): void {
    this.#crash = undefined;
    for (const process of this.alive()) process.spare();
  }

  restart(): void {
    const [oldest] = this.#running();
    oldest?.stop.abort();
    this.#simulated.time.after(STARTING, () => this.start());
  }

  kill(): void {
    this.alive()[0]?.kill();
  }

  /** Ends all; resolves when the last loop has ended. */
  async end(): Promise<void> {
    for (const { stop, process } of this.#all) {
      process.resume();
      stop.abort();
    }
    await this.#simulated.time.settle(Promise.all(this.#all.map(({ ended }) => ended)));
  }

  #running(): readonly Running[] {
    return this.#all.filter(({ process, stop }) => !process.dead && !stop.signal.aborted);
  }

  /** A dead process's loops are put down, and it is followed. */
  #follow(dead: SimulatedProcess): void {
    this.#crash = undefined;
    this.#all.find(({ process }) => process === dead)?.stop.abort();
    this.#simulated.time.after(STARTING, () => this.start());
  }
}
