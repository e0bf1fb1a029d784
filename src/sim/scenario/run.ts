/**
 * Plays a scenario under an operator and compares what is seen with what is expected.
 *
 * Invariant: the operator is whatever `operate` runs; nothing here knows how it decides.
 */
import { formatDuration } from "../../base/duration.ts";
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { millis, seconds } from "../../base/units.ts";
import type { World } from "../../reconcile/world.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { SimulatedWorld } from "../world.ts";
import { createSimulatedWorld } from "../world.ts";
import type { Action } from "./action.ts";
import type { Expectation, Sight } from "./expectation.ts";
import { differenceOf } from "./expectation.ts";
import type { Problem } from "./line.ts";
import type { Scenario } from "./scenario.ts";

/** Runs an operator over `world` until `signal` aborts, telling each decision. */
export type Operate = (
  world: World,
  observe: (record: DecisionRecord) => void,
  signal: AbortSignal,
) => Promise<void>;

/** How often a span of time is looked at. */
const LOOK_EVERY: Millis = seconds(15);
const NODE = { cores: 64, memory: 256e9 };

/** The world as the scenario describes it at its start. */
export function stage({ seed, nodes, workloads, policies }: Scenario): SimulatedWorld {
  const simulated = createSimulatedWorld({ seed });
  for (let n = 1; n <= nodes; n += 1) simulated.model.addNode({ name: `node-${n}`, ...NODE });
  for (const { blueprint, how } of workloads) simulated.model.addWorkload(blueprint, how);
  for (const manifest of policies) simulated.model.apply(manifest);
  return simulated;
}

/** What differed from the expectations, once for each line; empty: the scenario holds. */
export async function runScenario(scenario: Scenario, operate: Operate): Promise<readonly Problem[]> {
  const host = new Host(stage(scenario), operate);
  const problems = new Map<number, Problem>();
  const look = (at: Millis, expectation: Scenario["expectations"][number]): void => {
    const difference = differenceOf(expectation, host.sightOf(expectation.about));
    const { line } = expectation;
    if (difference !== undefined && !problems.has(line))
      problems.set(line, { line, message: `at ${formatDuration(at)} ${difference}` });
  };
  const steps = [
    ...scenario.actions.map((action) => ({ at: action.at, take: () => host.act(action) })),
    ...scenario.expectations.flatMap((expectation) =>
      momentsOf(expectation).map((at) => ({ at, take: async () => look(at, expectation) })),
    ),
  ];
  for (const { at, take } of steps.toSorted((a, b) => a.at - b.at)) {
    await host.advanceTo(at);
    await take();
  }
  await host.stop();
  return [...problems.values()];
}

/** A world with one operator running over it, and the last decision of each policy. */
class Host {
  readonly #simulated: SimulatedWorld;
  readonly #operate: Operate;
  readonly #records = new Map<ObjectKey, DecisionRecord>();
  #running: Readonly<{ stop: AbortController; done: Promise<void> }>;

  constructor(simulated: SimulatedWorld, operate: Operate) {
    this.#simulated = simulated;
    this.#operate = operate;
    this.#running = this.#start();
  }

  advanceTo(at: Millis): Promise<void> {
    return this.#simulated.time.advanceTo(at);
  }

  async act(action: Action): Promise<void> {
    if (action.kind === "change") return action.change(this.#simulated.model);
    await this.stop();
    this.#running = this.#start();
  }

  stop(): Promise<void> {
    this.#running.stop.abort();
    return this.#simulated.time.settle(this.#running.done);
  }

  sightOf(about: ObjectKey): Sight {
    const { model } = this.#simulated;
    const [namespace = "", name = ""] = about.split("/");
    const { wanted, pods, ready } = model.replicas(namespace, name);
    const writes = model.writes().filter((write) => objectKey(write.namespace, write.target.name) === about);
    return { replicas: wanted, pods, ready, writes: writes.length, record: this.#records.get(about) };
  }

  #start(): Readonly<{ stop: AbortController; done: Promise<void> }> {
    const stop = new AbortController();
    const remember = (record: DecisionRecord): void => void this.#records.set(record.id.policy, record);
    return { stop, done: this.#operate(this.#simulated.world, remember, stop.signal) };
  }
}

function momentsOf({ from, to }: Expectation): Millis[] {
  const moments: Millis[] = [];
  for (let at: number = from; at <= to; at += LOOK_EVERY) moments.push(millis(at));
  return moments;
}
