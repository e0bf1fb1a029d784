/**
 * Plays one policy over its workload and load, with the operator that runs in clusters.
 *
 * Invariant: the same story and seed give the same figures to the last digit.
 */
import { objectKey } from "../../base/ids.ts";
import { type Millis, millis, seconds } from "../../base/units.ts";
import { runOperator } from "../../compose.ts";
import { type Figures, type Standing, Tally } from "../../figures/tally.ts";
import { demandAt } from "../../sim/kubelet/load.ts";
import type { SimModel } from "../../sim/model.ts";
import { createSimulatedWorld } from "../../sim/world.ts";
import { SIMULATED_SETUP } from "../setup.ts";
import type { PolicyStory } from "./story.ts";

/** How often the count is looked at. */
const LOOK_EVERY: Millis = seconds(5);
/** Room for the most pods that a policy may have. */
const NODES = 3;
const NODE = { cores: 20_000, memory: 1e14 };

export type Play = Readonly<{
  length: Millis;
  seed: number;
  /** Told now and then how far it is, in simulated time. */
  progress: (at: Millis) => void;
  signal: AbortSignal;
}>;

/** `acts`: how often the scale was written. */
export type Played = Readonly<{ figures: Figures; acts: number }>;

export async function play(story: PolicyStory, { length, seed, progress, signal }: Play): Promise<Played> {
  const simulated = createSimulatedWorld({ seed });
  const { model, time, world } = simulated;
  for (let node = 1; node <= NODES; node += 1) model.addNode({ name: `node-${node}`, ...NODE });
  model.addWorkload(story.blueprint, "settled");
  model.apply(story.manifest);
  const operating = new AbortController();
  const operator = runOperator({
    world,
    setup: SIMULATED_SETUP,
    log: () => undefined,
    signal: operating.signal,
  });
  const tally = new Tally();
  for (let at = 0; at < length && !signal.aborted; at += LOOK_EVERY) {
    await time.advanceTo(millis(at));
    const span = millis(Math.min(LOOK_EVERY, length - at));
    tally.add({ span, ...standingAt(millis(at), story, { model, seed }) });
    progress(millis(at));
  }
  operating.abort();
  await time.settle(operator);
  return { figures: tally.figures(), acts: model.writes().length };
}

function standingAt(
  at: Millis,
  { namespace, blueprint, horizontal, request, limit }: PolicyStory,
  { model, seed }: Readonly<{ model: SimModel; seed: number }>,
): Omit<Standing, "span"> {
  const { name } = blueprint.target;
  const { wanted, ready } = model.replicas(namespace, name);
  const demand = demandAt(blueprint.load.cpu, at, { seed, name: objectKey(namespace, name) });
  return { replicas: wanted, ready, demand, request, limit, atMax: wanted >= horizontal.maxReplicas };
}
