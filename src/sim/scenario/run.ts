/**
 * Plays a scenario under an operator and compares what is seen with what is expected.
 *
 * Invariant: the operator is whatever `operate` runs; nothing here knows how it decides.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { millis, seconds } from "../../base/units.ts";
import type { World } from "../../reconcile/world.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { SimulatedWorld } from "../world.ts";
import { createSimulatedWorld } from "../world.ts";
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

type Step = Readonly<{ at: Millis; take: () => Promise<void> }>;

/** The world as the scenario describes it at its start. */
export function stage({ seed, nodes, workloads, policies }: Scenario): SimulatedWorld {
  const simulated = createSimulatedWorld({ seed });
  for (let n = 1; n <= nodes; n += 1) simulated.model.addNode({ name: `node-${n}`, ...NODE });
  for (const { blueprint, how } of workloads) simulated.model.addWorkload(blueprint, how);
  for (const manifest of policies) simulated.model.apply(manifest);
  return simulated;
}

/** What differed from the expectations, by line; empty: the scenario holds. */
export async function runScenario(scenario: Scenario, operate: Operate): Promise<readonly Problem[]> {
  const simulated = stage(scenario);
  const { world, model, time } = simulated;
  const problems: Problem[] = [];
  const records = new Map<ObjectKey, DecisionRecord>();
  const start = (): Running => startOperator((signal) => operate(world, remember, signal));
  const remember = (record: DecisionRecord): void => void records.set(record.id.policy, record);
  let running = start();
  const stop = (): Promise<void> => {
    running.stop.abort();
    return time.settle(running.done);
  };
  const steps: Step[] = [
    ...scenario.actions.map((action) => ({
      at: action.at,
      take: async () => {
        if (action.kind === "change") return action.change(model);
        await stop();
        running = start();
      },
    })),
    ...scenario.expectations.flatMap((expectation) =>
      momentsOf(expectation).map((at) => ({
        at,
        take: async () => {
          const difference = differenceOf(expectation, sightOf(simulated, expectation.about, records));
          if (difference !== undefined)
            problems.push({ line: expectation.line, message: `at ${at / 1000} s ${difference}` });
        },
      })),
    ),
  ];
  for (const { at, take } of steps.toSorted((a, b) => a.at - b.at)) {
    await time.advanceTo(at);
    await take();
  }
  await stop();
  return problems;
}

type Running = Readonly<{ stop: AbortController; done: Promise<void> }>;

function startOperator(run: (signal: AbortSignal) => Promise<void>): Running {
  const stop = new AbortController();
  return { stop, done: run(stop.signal) };
}

function momentsOf({ from, to }: Expectation): Millis[] {
  const moments: Millis[] = [];
  for (let at: number = from; at <= to; at += LOOK_EVERY) moments.push(millis(at));
  return moments;
}

function sightOf(
  { model }: SimulatedWorld,
  about: ObjectKey,
  records: ReadonlyMap<ObjectKey, DecisionRecord>,
): Sight {
  const [namespace = "", name = ""] = about.split("/");
  const { wanted, pods, ready } = model.replicas(namespace, name);
  const writes = model.writes().filter((write) => objectKey(write.namespace, write.target.name) === about);
  return { replicas: wanted, pods, ready, writes: writes.length, record: records.get(about) };
}
