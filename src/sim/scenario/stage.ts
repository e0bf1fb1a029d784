/**
 * A scenario's world at its start.
 *
 * Invariant: what a scenario does not say is the same in all of them: every node is large.
 */
import type { Fault } from "../ports/fault.ts";
import type { SimulatedWorld } from "../world.ts";
import { createSimulatedWorld } from "../world.ts";
import { populationOf, type Scenario } from "./scenario.ts";

export const NODE = { cores: 64, memory: 256e9 };

export function stage(scenario: Scenario, faults: readonly Fault[] = []): SimulatedWorld {
  const { seed, workloads, policies } = scenario;
  const simulated = createSimulatedWorld({ seed, faults });
  for (const name of populationOf(scenario).nodes) simulated.model.addNode({ name, ...NODE });
  for (const { blueprint, how } of workloads) simulated.model.addWorkload(blueprint, how);
  for (const manifest of policies) simulated.model.apply(manifest);
  return simulated;
}
