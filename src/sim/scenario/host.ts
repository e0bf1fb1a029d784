/**
 * A scenario's world with an operator over it: what is done to either, and what can be seen of both.
 *
 * Invariant: what is seen is of the world as it is, and of the latest decision of whichever process made it.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { parseStatus } from "../../policy/parse-status.ts";
import type { World } from "../../reconcile/world.ts";
import type { DecisionRecord } from "../../report/record.ts";
import { chanceOf } from "../chance.ts";
import { schedule } from "../faults/faults.ts";
import type { Ground } from "../faults/fault-row.ts";
import type { Fault } from "../ports/fault.ts";
import { Processes } from "../processes.ts";
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

export class Host {
  readonly #simulated: SimulatedWorld;
  readonly #records = new Map<ObjectKey, DecisionRecord>();
  readonly #processes: Processes;

  constructor(scenario: Scenario, operate: Operate) {
    const faults: Fault[] = [];
    this.#simulated = stage(scenario, faults);
    const remember = (record: DecisionRecord): void => void this.#records.set(record.id.policy, record);
    this.#processes = new Processes(this.#simulated, ({ world }, _, signal) =>
      operate(world, remember, signal),
    );
    const { model, time } = this.#simulated;
    const random = chanceOf(scenario.seed, "faults");
    const operators = this.#processes;
    const ground: Ground = { model, time, faults, random, operators, ...populationOf(scenario) };
    for (const plan of scenario.faults) schedule(ground, plan, () => undefined);
    this.#processes.start();
    if (scenario.standby) this.#processes.start();
  }

  advanceTo(at: Millis): Promise<void> {
    return this.#simulated.time.advanceTo(at);
  }

  async act(action: Action): Promise<void> {
    if (action.kind === "change") return action.change(this.#simulated.model);
    await this.#processes.putDown();
    this.#processes.start();
  }

  /** For good: nobody follows. */
  stop(): Promise<void> {
    return this.#processes.end();
  }

  sightOf(about: ObjectKey): Sight {
    const { model } = this.#simulated;
    const [namespace = "", name = ""] = about.split("/");
    const { wanted, pods, ready } = model.replicas(namespace, name);
    const writes = model.writes().filter((write) => objectKey(write.namespace, write.target.name) === about);
    const status = parseStatus(model.policy(namespace, name)?.status);
    const conditions = status?.conditions.map(({ type, reason }) => `${type}:${reason}`) ?? [];
    const record = this.#records.get(about);
    const requests = model.requests(namespace, name);
    return { replicas: wanted, pods, ready, writes: writes.length, requests, record, conditions };
  }
}
