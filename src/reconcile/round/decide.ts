/**
 * One decision on one reading of the scale: recalls what is remembered, asks, and makes the plan.
 *
 * Invariant: deciding changes nothing; what it would remember is returned, and kept only by the round that
 * settles on it. So deciding again on a fresher reading counts once.
 */
import type { NodeName } from "../../base/ids.ts";
import { parseTime } from "../../base/rfc3339.ts";
import type { EpochMillis } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import { makePlan } from "../../coordinate/make-plan.ts";
import {
  afterStandby,
  type DecisionMemory,
  recallMemory,
  rememberScale,
  type ScaleChange,
} from "../../coordinate/memory.ts";
import type { FleetActivity } from "../../coordinate/question.ts";
import { rememberCount } from "../../coordinate/upkeep.ts";
import { parseStatus } from "../../policy/parse-status.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { Fleet } from "../fleet.ts";
import { type PolicyState, recorded } from "../policy-state.ts";
import { ask, type Moment, type OwnPods, ownPodsOf, type Sources } from "./ask.ts";
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

export function decideOn(sources: Sources, fleet: Fleet, matter: Matter, reading: Reading): Decision {
  const { policy, standing, now } = matter;
  const pods = ownPodsOf(sources.view, policy, reading);
  const activity = fleet.activity(keyOf(policy), now.mono);
  const memory = memoryFor(matter, reading);
  const question = ask(sources, { ...matter, reading, pods, fleet: activity, memory }, now);
  return { question, standing, nodes: nodesOf(pods), ...makePlan(question) };
}

/** Where the pods run that samples may come from. */
function nodesOf({ pods }: OwnPods): ReadonlySet<NodeName> {
  return new Set(
    pods.flatMap(({ node, phase }) => (node !== undefined && phase === "Running" ? [node] : [])),
  );
}

function memoryFor(matter: Matter, reading: Reading): DecisionMemory {
  const memory = memoryOf(matter, reading);
  const { workload, state, now } = matter;
  const isNews = workload !== undefined && reading.replicas > workload.replicas;
  return isNews && state.replicas !== reading.replicas
    ? rememberCount(memory, reading.replicas, now.wall)
    : memory;
}

/** What is remembered of this target, with what others did to its replicas since the last decision. */
function memoryOf(matter: Matter, reading: Reading): DecisionMemory {
  const { state, now, standing } = matter;
  if (state.memory?.target !== reading.uid) return recalled(matter, reading);
  const takesOver = state.standby && standing.kind === "owner";
  const memory = takesOver ? afterStandby(state.memory) : state.memory;
  if (state.replicas === undefined || state.replicas === reading.replicas) return memory;
  const notBefore = state.decidedAt ?? now.wall;
  return rememberScale(memory, {
    from: state.replicas,
    to: reading.replicas,
    at: now.wall,
    notBefore,
    own: false,
  });
}

/**
 * What the status remembers of this target, or else what this process wrote for another policy. A change that
 * came after that status was written (a crash between our write and its history, someone else while nobody
 * looked) counts in the rates too.
 */
function recalled({ policy, now, state }: Matter, { uid, replicas }: Reading): DecisionMemory {
  const shown = parseStatus(policy.status);
  const history = shown?.horizontal?.history;
  const memory = recallMemory({ history, target: uid, generation: policy.meta.generation, now: now.wall });
  const last = recorded(shown, uid);
  if (history?.targetUID !== uid)
    return withChanges(memory, state.writesTo(uid, now), { replicas, at: now.wall });
  if (history === undefined || last === undefined || last === replicas) return memory;
  const notBefore = parseTime(history.recordedAt) ?? now.wall;
  return rememberScale(memory, { from: last, to: replicas, at: now.wall, notBefore, own: false });
}

/** With our writes, and with what others must have done between them and since. */
function withChanges(
  start: DecisionMemory,
  writes: readonly ScaleChange[],
  found: Readonly<{ replicas: number; at: EpochMillis }>,
): DecisionMemory {
  const nexts = [...writes.slice(1), { from: found.replicas, at: found.at }];
  return writes.reduce((memory, write, index) => {
    const { from, at } = nexts[index] ?? { from: write.to, at: write.at };
    const own = rememberScale(memory, write);
    return rememberScale(own, { from: write.to, to: from, at, notBefore: write.at, own: false });
  }, start);
}

/** Whether the plan is still what the fleet allows, after what other rounds did since the question. */
export function isStillAllowed({ question, plan }: Decision, activity: FleetActivity): boolean {
  if (JSON.stringify(activity) === JSON.stringify(question.fleet)) return true;
  return makePlan({ ...question, fleet: activity }).plan.to === plan.to;
}
