/**
 * Runs one round of one policy: gathers, decides, and performs the requests its phases ask for. What the
 * answers mean is in phases.ts; what a plan may be is in coordinate/.
 *
 * Invariant: a round leaves a record, whatever happens in it, and writes at most one thing: the replica
 * count of its own target.
 */
import { doubtOf } from "../../actuate/doubt.ts";
import type { ScalePort } from "../../actuate/port.ts";
import { retryAfter } from "../../actuate/reaction.ts";
import { allowedAt } from "../../actuate/write-budget.ts";
import type { WritePace } from "../../actuate/write-pace.ts";
import type { Clock } from "../../base/clock.ts";
import type { NodeName, ObjectKey } from "../../base/ids.ts";
import { elapsed, type Millis } from "../../base/units.ts";
import type { PolicyObject, Workload } from "../../cluster/workload.ts";
import type { DecisionMemory } from "../../coordinate/memory.ts";
import { parseStatus } from "../../policy/parse-status.ts";
import type { HorizontalSpec, ScalePolicySpec } from "../../policy/policy.ts";
import type { Act } from "../../policy/status.ts";
import type { DecisionRecord, NotDecided, Trigger } from "../../report/record.ts";
import type { Leadership } from "../election/driver.ts";
import type { Fleet } from "../fleet.ts";
import type { PolicyState, PolicyStates } from "../policy-state.ts";
import type { Moment, Sources } from "./ask.ts";
import { decideOn, type Matter } from "./decide.ts";
import { NOTHING_TO_SCALE, unreadableTarget, unusableSpec } from "./not-decided.ts";
import { type Answer, begin, type Decide, type Phase, type RoundEnd, step } from "./phases.ts";
import { type Rivals, standingOf, targetOf } from "./standing.ts";
import { cachedTarget, readingOf } from "./target.ts";

export type RoundParts = Readonly<{
  clock: Clock;
  scales: ScalePort;
  sources: Sources;
  leadership: Leadership;
  states: PolicyStates;
  fleet: Fleet;
  pace: WritePace;
}>;

export type RoundResult =
  /** The policy is not there any more. */
  | Readonly<{ kind: "gone" }>
  /** Our own last write has not come back through the watch yet. */
  | Readonly<{ kind: "too-early" }>
  /** What woke it was our own write coming back. */
  | Readonly<{ kind: "nothing-new" }>
  | Recorded;

export type Recorded = Readonly<{
  kind: "recorded";
  record: DecisionRecord;
  /** undefined while it does not parse. */
  spec: ScalePolicySpec | undefined;
  memory: DecisionMemory | undefined;
  /** What someone else did to the target since the last round. */
  acts: readonly Act[];
  /** The nodes whose answers the next decision waits for. */
  nodes: ReadonlySet<NodeName>;
  /** Not to be looked at again before; undefined: with the next samples. */
  retryAfter: Millis | undefined;
}>;

/** What stays the same while one round runs. */
type Round = Readonly<{
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
  const round: Round = { parts, key, trigger, policy, state: states.of(key, policy), now };
  const parsed = states.parse(policy);
  if (parsed.kind !== "valid") return undecided(round, undefined, unusableSpec(parsed));
  const { horizontal } = parsed.spec;
  if (horizontal === undefined) return undecided(round, parsed.spec, NOTHING_TO_SCALE);
  return decideAndAct(round, parsed.spec, horizontal);
}

async function decideAndAct(
  round: Round,
  spec: ScalePolicySpec,
  horizontal: HorizontalSpec,
): Promise<RoundResult> {
  const { parts, policy, state, now } = round;
  const { view } = parts.sources;
  const target = cachedTarget(view, policy, spec.target);
  if (target.kind === "missing") return unreadable(round, spec, unreadableTarget(target.failure));
  const workload = target.kind === "cached" ? target.workload : undefined;
  const early = workload && tooSoon(round, workload);
  if (early !== undefined) return early;
  const standing = standingOf(policy, spec, rivalsOf(parts, policy, spec));
  const matter: Matter = { policy, spec: horizontal, state, workload, standing, now };
  const decide: Decide = (reading) => decideOn(parts.sources, parts.fleet, matter, reading);
  let phase: Phase = begin(workload && readingOf(workload), decide);
  while (phase.at !== "settled") phase = step(phase, await perform(round, spec, phase), decide);
  const { end } = phase;
  if (end.kind === "unreadable") return unreadable(round, spec, unreadableTarget(end.failure));
  return settle(round, spec, {
    end,
    acts: state.actsOfOthers(end.decision, { workload, shown: parseStatus(policy.status) }),
  });
}

/** Our own write: not seen yet, or all that there is to see. */
function tooSoon({ state, now, trigger }: Round, workload: Workload): RoundResult | undefined {
  if (state.behindOwnWrite(workload, now.mono)) return { kind: "too-early" };
  const echo = trigger === "target-changed" && state.wroteLast(workload.replicas);
  return echo ? { kind: "nothing-new" } : undefined;
}

function rivalsOf({ sources, states }: RoundParts, policy: PolicyObject, spec: ScalePolicySpec): Rivals {
  const target = targetOf(policy, spec);
  return {
    autoscalers: sources.view.autoscalersTargeting(target),
    policies: sources.view.policiesTargeting(target).map((object) => {
      const parsed = states.parse(object);
      return { object, spec: parsed.kind === "valid" ? parsed.spec : undefined };
    }),
  };
}

async function perform(
  round: Round,
  { target }: ScalePolicySpec,
  phase: Exclude<Phase, { at: "settled" }>,
): Promise<Answer> {
  const { scales } = round.parts;
  const { namespace } = round.policy.meta;
  if (phase.at === "reading") return { of: "reading", outcome: await scales.readScale(namespace, target) };
  const doubt = doubtAbout(round, phase);
  if (doubt !== undefined) return { of: "writing", outcome: { kind: "doubted", doubt } };
  const outcome = await scales.writeScale(namespace, target, phase.scale, phase.decision.plan.to);
  return { of: "writing", outcome };
}

/** The last look before the request leaves. */
function doubtAbout({ parts, key, policy, state, now }: Round, phase: Extract<Phase, { at: "writing" }>) {
  const mono = parts.clock.mono();
  const present = parts.sources.view.of.scalepolicies.get(key);
  const basis = { decidedAt: now.mono, policy: policy.meta.uid, generation: policy.meta.generation };
  const doubt = doubtOf(basis, {
    now: mono,
    leading: parts.leadership.leading(),
    policy: present?.meta.deleting === false ? present.meta : undefined,
  });
  if (doubt !== undefined) return doubt;
  const { plan } = phase.decision;
  if (allowedAt(state.recentWrites(mono), state.nextWrite(plan, mono), mono) !== undefined)
    return "write-budget-spent";
  return parts.pace.spend(plan, mono) ? undefined : "too-many-writes-at-once";
}

type Settled = Readonly<{ end: Extract<RoundEnd, { kind: "decided" }>; acts: readonly Act[] }>;

function settle(round: Round, spec: ScalePolicySpec, { end, acts }: Settled): Recorded {
  const { parts, key, state, now } = round;
  const { decision, effect } = end;
  const { plan, question, standing, nodes } = decision;
  const mono = parts.clock.mono();
  state.decided(decision, mono);
  parts.fleet.observe(key, plan.from);
  if (effect.kind === "scaled" && effect.outcome.kind === "written") {
    state.wrote(plan, effect.outcome.resourceVersion, { wall: now.wall, mono });
    parts.fleet.moved({ policy: key, at: mono, from: plan.from, to: plan.to });
  }
  const record = recordOf(round, spec, { kind: "planned", question, plan, effect });
  const retry = retryOf(round, end);
  state.standby = standing.kind === "withheld" && standing.because === "ForeignAutoscaler";
  return { kind: "recorded", record, spec, memory: state.memory, acts, nodes, retryAfter: retry };
}

function retryOf({ parts, state }: Round, { decision, effect }: Settled["end"]): Millis | undefined {
  const mono = parts.clock.mono();
  if (effect.kind === "doubted" && effect.doubt === "too-many-writes-at-once")
    return elapsed(mono, parts.pace.nextTry(mono));
  if (effect.kind === "doubted") {
    const free = allowedAt(state.recentWrites(mono), state.nextWrite(decision.plan, mono), mono);
    return free === undefined ? undefined : elapsed(mono, free);
  }
  if (effect.kind !== "scaled") return undefined;
  state.failures = effect.outcome.kind === "written" ? 0 : state.failures + 1;
  return retryAfter(effect.outcome, state.failures);
}

function undecided(round: Round, spec: ScalePolicySpec | undefined, why: NotDecided): Recorded {
  const record = recordOf(round, spec, { kind: "not-decided", why });
  return {
    kind: "recorded",
    record,
    spec,
    memory: undefined,
    acts: [],
    nodes: new Set(),
    retryAfter: undefined,
  };
}

/** The target cannot be read: looked at again ever more rarely, and at once when it changes. */
function unreadable(round: Round, spec: ScalePolicySpec, why: NotDecided): Recorded {
  round.state.failures += 1;
  const pause = retryAfter({ kind: "refused", status: 404, message: why.message }, round.state.failures);
  return { ...undecided(round, spec, why), retryAfter: pause };
}

function recordOf(
  { parts, key, trigger, policy, state, now }: Round,
  spec: ScalePolicySpec | undefined,
  verdict: DecisionRecord["verdict"],
): DecisionRecord {
  state.sequence += 1;
  const { namespace, name, uid, generation } = policy.meta;
  return {
    id: { policy: key, epoch: parts.leadership.epoch(), sequence: state.sequence },
    at: now.wall,
    trigger,
    policy: { namespace, name, uid, generation },
    target: spec?.target,
    mode: spec?.mode,
    verdict,
  };
}
