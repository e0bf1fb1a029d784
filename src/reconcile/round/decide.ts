/**
 * One decision on one reading of the scale: recalls what is remembered, asks, and makes the plan.
 *
 * Invariant: deciding changes nothing; what it remembers is returned, and kept only by the round that
 * settles on it. So deciding again on a fresher reading counts once.
 */
import { elapsed } from "../../base/units.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import { makePlan } from "../../coordinate/make-plan.ts";
import { type DecisionMemory, recallMemory, rememberScale } from "../../coordinate/memory.ts";
import { parseHistory } from "../../policy/parse-status.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { Fleet } from "../fleet.ts";
import type { PolicyState } from "../policy-state.ts";
import { ask, type Moment, type OwnPods, type Sources } from "./ask.ts";
import type { Decision, Reading } from "./phases.ts";
import type { Standing } from "./standing.ts";

/** What a decision is about, apart from the reading. */
export type Matter = Readonly<{
  policy: PolicyObject;
  spec: HorizontalSpec;
  state: PolicyState;
  workload: Workload | undefined;
  standing: Standing;
  now: Moment;
}>;

export function decideOn(
  sources: Sources,
  fleet: Fleet,
  matter: Matter,
  seen: Readonly<{ reading: Reading; pods: OwnPods }>,
): Decision {
  const { policy, standing, now } = matter;
  const memory = memoryFor(sources, matter, seen.reading);
  const activity = fleet.activity(keyOfPolicy(policy), now.mono);
  const question = ask(sources, { ...matter, ...seen, fleet: activity, memory }, now);
  return { question, standing, ...makePlan(question) };
}

/** What is remembered of this target, with what others did to its replicas since. */
function memoryFor({ settings }: Sources, { policy, spec, state, now, standing }: Matter, reading: Reading) {
  const known = state.memory?.target === reading.uid ? state.memory : undefined;
  if (known === undefined)
    return recallMemory({
      history: parseHistory(policy.status),
      target: reading.uid,
      replicas: reading.replicas,
      spec,
      settings: settings.horizontal,
      generation: policy.meta.generation,
      now: now.wall,
    });
  return afterStandby(state, standing, sinceLastLook(state, known, reading, now));
}
