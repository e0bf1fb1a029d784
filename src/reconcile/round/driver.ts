/**
 * Runs one round of one policy: gathers, decides, and performs the requests its phases ask for. What the
 * answers mean is in phases.ts; what a plan may be is in coordinate/.
 *
 * Invariant: a round leaves a record, whatever happens in it, and writes at most one thing: the replica
 * count of its own target.
 */
import { type Basis, doubtOf } from "../../actuate/doubt.ts";
import type { ScalePort } from "../../actuate/port.ts";
import { retryAfter } from "../../actuate/reaction.ts";
import { allowedAt, isReversion, recentWrites } from "../../actuate/write-budget.ts";
import type { Clock } from "../../base/clock.ts";
import { type NodeName, type ObjectKey, objectKey } from "../../base/ids.ts";
import { elapsed, type Millis, millis, minutes } from "../../base/units.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import { makePlan } from "../../coordinate/make-plan.ts";
import type { DecisionMemory } from "../../coordinate/memory.ts";
import { recallMemory, rememberScale, tookOver } from "../../coordinate/memory.ts";
import { parseHistory } from "../../policy/parse-status.ts";
import type { HorizontalSpec, ScalePolicySpec } from "../../policy/policy.ts";
import type { DecisionRecord, Effect, Trigger } from "../../report/record.ts";
import type { Leadership } from "../election/driver.ts";
import type { Fleet } from "../fleet.ts";
import type { PolicyState, PolicyStates } from "../policy-state.ts";
import { ask, type Moment, type OwnPods, ownPodsOf, type Sources } from "./ask.ts";
import { type Answer, begin, type Decide, type Decision, type Phase, type Reading, step } from "./phases.ts";
import { notDecided, unreadableTarget } from "./not-decided.ts";
import { type Standing, standingOf, targetOf } from "./standing.ts";

export type RoundParts = Readonly<{
  clock: Clock;
  scales: ScalePort;
  sources: Sources;
  leadership: Leadership;
  states: PolicyStates;
  fleet: Fleet;
}>;

export type RoundResult =
  /** The policy is not there any more. */
  | Readonly<{ kind: "gone" }>
  /** Our own last write has not come back through the watch yet. */
  | Readonly<{ kind: "too-early" }>
  | Readonly<{
      kind: "recorded";
      record: DecisionRecord;
      memory: DecisionMemory | undefined;
      /** The nodes whose answers the next decision waits for. */
      nodes: ReadonlySet<NodeName>;
      /** Not to be looked at again before; undefined: with the next samples. */
      retryAfter: Millis | undefined;
    }>;

/** Everything about one round that stays the same while it runs. */
type Case = Readonly<{
  parts: RoundParts;
  key: ObjectKey;
  trigger: Trigger;
  policy: PolicyObject;
  state: PolicyState;
  now: Moment;
}>;

export async function runRound(parts: RoundParts, key: ObjectKey, trigger: Trigger): Promise<RoundResult> {
  const { clock, sources, states } = parts;
  const policy = sources.view.of.scalepolicies.get(key);
  if (policy === undefined || policy.meta.deleting) return { kind: "gone" };
  const now = { wall: clock.wall(), mono: clock.mono() };
  const subject: Case = { parts, key, trigger, policy, state: states.of(key, policy), now };
  const parsed = states.parse(policy);
  if (parsed.kind !== "valid") return recordOf(subject, undefined, notDecided(parsed));
  if (parsed.spec.horizontal === undefined) return recordOf(subject, parsed.spec, notDecided(parsed));
  return decideAndAct(subject, parsed.spec, parsed.spec.horizontal);
}

async function decideAndAct(subject: Case, spec: ScalePolicySpec, horizontal: HorizontalSpec): Promise<RoundResult> {
  const { parts, policy, state, now } = subject;
  const target = cachedTarget(parts.sources, policy, spec);
  if (target.kind === "missing") return retried(subject, recordOf(subject, spec, unreadableTarget(target.failure)));
  if (target.kind === "cached" && state.behindOwnWrite(target.workload, now.mono)) return { kind: "too-early" };
  const workload = target.kind === "cached" ? target.workload : undefined;
  const standing = standingOf(policy, spec, rivalsOf(parts, policy, spec));
  let pods: OwnPods = { pods: [], attributedBy: "owner" };
  const decide: Decide = (reading) => {
    pods = ownPodsOf(parts.sources.view, policy, reading);
    return decideOn(subject, { horizontal, workload, reading, standing, pods });
  };
  let phase: Phase = begin(workload && readingOf(workload), decide);
  while (phase.at !== "settled") phase = step(phase, await perform(subject, spec, phase), decide);
  if (phase.end.kind === "unreadable")
    return retried(subject, recordOf(subject, spec, unreadableTarget(phase.end.failure)));
  return settle(subject, spec, phase.end, nodesOf(pods));
}
