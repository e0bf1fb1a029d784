/**
 * A scenario's world with an operator over it: what is done to either, and what can be seen of both.
 *
 * Invariant: one process of the operator runs, or one is about to; whoever died has been followed.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import { type Millis, seconds } from "../../base/units.ts";
import type { World } from "../../reconcile/world.ts";
import type { DecisionRecord } from "../../report/record.ts";
import { chanceOf } from "../chance.ts";
import { schedule } from "../faults/faults.ts";
import type { Ground, Operators } from "../faults/fault-row.ts";
import type { Fault } from "../ports/fault.ts";
import { SimulatedProcess } from "../process.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Action } from "./action.ts";
import type { Sight } from "./expectation.ts";
import { populationOf, type Scenario } from "./scenario.ts";
import { stage } from "./stage.ts";

/** Runs an operator over `world` until `signal` aborts, telling each decision. */
export type Operate = (
  world: World,
  observe: (record: DecisionRecord) => void,
  signal: AbortSignal,
) => Promise<void>;

type Running = Readonly<{ process: SimulatedProcess; stop: AbortController; done: Promise<void> }>;

/** A container is started again after this long. */
const STARTING: Millis = seconds(2);

export class Host implements Operators {
  readonly #simulated: SimulatedWorld;
  readonly #operate: Operate;
  readonly #records = new Map<ObjectKey, DecisionRecord>();
  /** All there have been. */
  readonly #all: Running[] = [];
  #crash: Parameters<Operators["crashAt"]> | undefined;
  #isOver = false;

  constructor(scenario: Scenario, operate: Operate) {
    const faults: Fault[] = [];
    this.#simulated = stage(scenario, faults);
    this.#operate = operate;
    const { model, time } = this.#simulated;
    const random = chanceOf(scenario.seed, "faults");
    const ground: Ground = { model, time, faults, random, operators: this, ...populationOf(scenario) };
    for (const plan of scenario.faults) schedule(ground, plan, () => undefined);
    this.#start();
  }

  advanceTo(at: Millis): Promise<void> {
    return this.#simulated.time.advanceTo(at);
  }

  async act(action: Action): Promise<void> {
    if (action.kind === "change") return action.change(this.#simulated.model);
    await this.#end();
    this.#start();
  }

  /** For good: nobody follows. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#end();
  }

  sightOf(about: ObjectKey): Sight {
    const { model } = this.#simulated;
    const [namespace = "", name = ""] = about.split("/");
    const { wanted, pods, ready } = model.replicas(namespace, name);
    const writes = model.writes().filter((write) => objectKey(write.namespace, write.target.name) === about);
    return { replicas: wanted, pods, ready, writes: writes.length, record: this.#records.get(about) };
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
    this.#running()[0]?.stop.abort();
    this.#startSoon();
  }

  kill(): void {
    this.alive()[0]?.kill();
  }

  #running(): readonly Running[] {
    return this.#all.filter(({ process, stop }) => !process.dead && !stop.signal.aborted);
  }

  #start(): void {
    const process = new SimulatedProcess(this.#simulated, () => {
      this.#crash = undefined;
      stop.abort();
      this.#startSoon();
    });
    const stop = new AbortController();
    const remember = (record: DecisionRecord): void => void this.#records.set(record.id.policy, record);
    this.#all.push({ process, stop, done: this.#operate(process.world, remember, stop.signal) });
    if (this.#crash !== undefined) process.crashAt(...this.#crash);
  }

  #startSoon(): void {
    this.#simulated.time.after(STARTING, () => {
      if (!this.#isOver) this.#start();
    });
  }

  async #end(): Promise<void> {
    for (const { process, stop } of this.#all) {
      process.resume();
      stop.abort();
    }
    await this.#simulated.time.settle(Promise.all(this.#all.map(({ done }) => done)));
  }
}
