/**
 * Runs one round of one policy: gathers, decides, and performs the requests its phases ask for. What the
 * answers mean is in phases.ts; what a plan may be is in coordinate/.
 *
 * Invariant: a round leaves a record, whatever happens in it, and writes at most one thing of its own target:
 * the replica count, or else requests (requests-driver.ts).
 */
import type { Doubt } from "../../actuate/doubt.ts";
import type { Scale, ScalePort } from "../../actuate/port.ts";
import { allowedAt } from "../../actuate/write-budget.ts";
import type { WritePace } from "../../actuate/write-pace.ts";
import type { Clock } from "../../base/clock.ts";
import type { NodeName, ObjectKey } from "../../base/ids.ts";
import { mayHaveHappened, type WriteOutcome } from "../../base/outcome.ts";
import { elapsed, type Millis, seconds } from "../../base/units.ts";
import type { PolicyObject } from "../../cluster/workload.ts";
import type { DecisionMemory } from "../../coordinate/memory.ts";
import { parseStatus } from "../../policy/parse-status.ts";
import type { HorizontalSpec, ScalePolicySpec, TargetRef } from "../../policy/policy.ts";
import type { Act } from "../../policy/status.ts";
import type { Contest, DecisionRecord, Effect, NotDecided, Trigger } from "../../report/record.ts";
import type { Leadership } from "../election/driver.ts";
import type { Fleet, Move } from "../fleet.ts";
import type { PolicyState, PolicyStates } from "../policy-state.ts";
import type { Version } from "../write-ledger.ts";
import type { Stalls } from "../stalls.ts";
import type { Recommender } from "../vertical/recommender.ts";
import type { Moment, Sources } from "./ask.ts";
import { doubtOfBasis } from "./basis-doubt.ts";
import { decideOn, isStillAllowed, type Matter } from "./decide.ts";
import { NOTHING_TO_SCALE, unreadableTarget, unusableSpec } from "./not-decided.ts";
import {
  type Answer,
  begin,
  type Decide,
  type Decision,
  type Phase,
  type Reading,
  type RoundEnd,
  step,
} from "./phases.ts";
import { type RequestParts, withRequests } from "./requests-driver.ts";
import { type Rival, type Rivals, standingOf, targetOf } from "./standing.ts";
import { cachedTarget, readingOf } from "./target.ts";

/** A policy that the API server does not find, while the watch still shows it. */
const MISSED_PAUSE = seconds(60);

export type RoundParts = RequestParts &
  Readonly<{
    clock: Clock;
    scales: ScalePort;
    sources: Sources;
    leadership: Leadership;
    states: PolicyStates;
    fleet: Fleet;
    pace: WritePace;
    stalls: Stalls;
    recommender: Recommender;
    /** Breaks off whatever is under way. */
    signal: AbortSignal;
  }>;

export type RoundResult =
  /** The policy is not there any more. */
  | Readonly<{ kind: "gone" }>
  /** Our own last write has not come back through the watch yet. */
  | Readonly<{ kind: "too-early" }>
  /** There is no asking yet: the last request called for a pause, or the policy was not found. */
  | Readonly<{ kind: "waiting"; pause: Millis }>
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
  /** To be looked at again this soon; undefined: with the next samples. */
  lookAgainIn: Millis | undefined;
}>;

/** What stays the same while one round runs. */
export type Round = Readonly<{
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
  const now = { wall: clock.wall(), mono: clock.mono() };
  if (policy === undefined || policy.meta.deleting) return { kind: "gone" };
  if (states.missing.presenceOf(policy.meta, now.mono) === "left-alone")
    return { kind: "waiting", pause: MISSED_PAUSE };
  const round: Round = { parts, key, trigger, policy, state: states.of(key, policy), now };
  const parsed = states.parse(policy);
  if (parsed.kind !== "valid") return undecided(round, undefined, unusableSpec(parsed));
  const { horizontal } = parsed.spec;
  const result =
    horizontal === undefined
      ? undecided(round, parsed.spec, NOTHING_TO_SCALE)
      : await decideAndAct(round, parsed.spec, horizontal);
  return result.kind === "recorded" ? withRequests(round, result) : result;
}

async function decideAndAct(
  round: Round,
  spec: ScalePolicySpec,
  horizontal: HorizontalSpec,
): Promise<RoundResult> {
  const { parts, policy, state, now } = round;
  const { view } = parts.sources;
  const target = cachedTarget(view, policy, spec.target);
  if (target.kind === "missing") return undecided(round, spec, unreadableTarget(target.failure));
  const workload = target.kind === "cached" ? target.workload : undefined;
  const trust = workload === undefined ? "no" : state.trusts(workload, now.mono);
  if (trust === "not-yet") return { kind: "too-early" };
  const cached = trust === "yes" && workload !== undefined ? readingOf(workload) : undefined;
  const pause = cached === undefined ? state.waitsFor(now.mono) : undefined;
  if (pause !== undefined) return { kind: "waiting", pause };
  const standing = standingOf(policy, spec, rivalsOf(parts, policy, spec));
  const matter: Matter = { policy, spec: horizontal, state, workload, standing, now };
  return settled(round, spec, { cached, matter });
}

/** Goes from phase to phase until there is nothing more to ask. */
async function settled(
  round: Round,
  spec: ScalePolicySpec,
  { cached, matter }: Readonly<{ cached: Reading | undefined; matter: Matter }>,
): Promise<Recorded> {
  const { parts, policy, state } = round;
  const decide: Decide = (reading) => decideOn(parts.sources, parts.fleet, matter, reading);
  let phase: Phase = begin(cached, decide, (decision) => foreseen(round, decision));
  while (phase.at !== "settled") phase = step(phase, await perform(round, spec, phase), decide);
  const { end } = phase;
  if (end.kind === "unreadable") {
    state.failed(end.failure, parts.clock.mono());
    return undecided(round, spec, unreadableTarget(end.failure));
  }
  // What the status shows is asked only where this process has not decided on the policy yet.
  const shown = state.replicas === undefined ? parseStatus(policy.status) : undefined;
  const { workload } = matter;
  const acts = state.actsOfOthers(end.decision, { workload, shown });
  return settle(round, spec, { end, acts, by: workload?.scaledBy?.manager });
}

function rivalsOf(
  { clock, sources, states }: RoundParts,
  policy: PolicyObject,
  spec: ScalePolicySpec,
): Rivals {
  const target = targetOf(policy, spec);
  const rivalOf = (object: PolicyObject): Rival => {
    const parsed = states.parse(object);
    return { object, spec: parsed.kind === "valid" ? parsed.spec : undefined };
  };
  return {
    autoscalers: sources.view.autoscalersTargeting(target),
    installation: states.others.at(policy.meta.uid, clock.mono()),
    policies: {
      find(matches) {
        for (const object of sources.view.policiesTargeting(target)) {
          const rival = rivalOf(object);
          if (matches(rival)) return rival;
        }
        return undefined;
      },
    },
  };
}

async function perform(
  round: Round,
  { target }: ScalePolicySpec,
  phase: Exclude<Phase, { at: "settled" }>,
): Promise<Answer> {
  const { scales, signal } = round.parts;
  const { namespace } = round.policy.meta;
  if (phase.at === "reading") {
    const outcome = await scales.readScale(namespace, target, signal);
    if (outcome.kind === "read") round.state.looked(outcome.value, versionOf(round, target, outcome.value));
    return { of: "reading", outcome };
  }
  const doubt = doubtAbout(round, phase);
  if (doubt !== undefined) return { of: "writing", outcome: { kind: "doubted", doubt } };
  return { of: "writing", outcome: await write(round, target, phase) };
}

/** The cache tells the generation where it shows the very version that was read. */
function versionOf({ parts, policy }: Round, target: TargetRef, { resourceVersion }: Scale): Version {
  const cached = cachedTarget(parts.sources.view, policy, target);
  const meta = cached.kind === "cached" ? cached.workload.meta : undefined;
  return {
    resourceVersion,
    generation: meta?.resourceVersion === resourceVersion ? meta.generation : undefined,
  };
}

/** The move is counted before it is sent: rounds side by side share what the fleet allows. */
async function write(
  { parts, key, policy }: Round,
  target: TargetRef,
  phase: Writing,
): Promise<WriteOutcome> {
  const { from, to } = phase.decision.plan;
  const move: Move = { policy: key, at: parts.clock.mono(), from, to };
  parts.fleet.moved(move);
  const wish = { replicas: to, within: parts.leadership.timeLeft(), signal: parts.signal };
  const outcome = await parts.scales.writeScale(policy.meta.namespace, target, phase.scale, wish);
  if (outcome.kind !== "written" && outcome.kind !== "unreachable") parts.fleet.undo(move);
  return outcome;
}

/** What speaks against a write before anything is asked. */
function foreseen(round: Round, decision: Decision): Doubt | undefined {
  const { parts, state, policy } = round;
  const [now, decidedAt] = [parts.clock.mono(), round.now.mono];
  if (parts.states.missing.presenceOf(policy.meta, now) !== "known") return "policy-not-found";
  if (parts.stalls.forbids({ ...decision.plan, decidedAt }, now)) return "just-stalled";
  if (state.waitsFor(now) !== undefined) return "waiting-after-failure";
  const next = state.nextWrite(decision, now);
  const budgeted = allowedAt(next.earlier, next, now) === undefined;
  return budgeted ? undefined : "write-budget-spent";
}

/** The last look before the request leaves. */
function doubtAbout(round: Round, { decision }: Writing): Doubt | undefined {
  const { parts, key } = round;
  const mono = parts.clock.mono();
  const doubt = doubtOfBasis(round);
  if (doubt !== undefined) return doubt;
  const blocked = foreseen(round, decision);
  if (blocked !== undefined) return blocked;
  if (!isStillAllowed(decision, parts.fleet.activity(key, mono))) return "fleet-has-moved";
  return parts.pace.spend(decision.plan, mono) ? undefined : "too-many-writes-at-once";
}

type Writing = Extract<Phase, { at: "writing" }>;

type Settled = Readonly<{
  end: Extract<RoundEnd, { kind: "decided" }>;
  acts: readonly Act[];
  /** Who set the count that was found. */
  by: string | undefined;
}>;

function settle(round: Round, spec: ScalePolicySpec, { end, acts, by }: Settled): Recorded {
  const { parts, key, state, now } = round;
  const { decision, effect } = end;
  const { plan, question, standing, nodes } = decision;
  const mono = parts.clock.mono();
  state.decided(decision, mono, by);
  if (effect.kind !== "scaled") parts.fleet.observe(key, plan.from);
  else if (effect.outcome.kind === "written")
    state.wrote(decision, effect.outcome.resourceVersion, { wall: now.wall, mono });
  else if (mayHaveHappened(effect.outcome)) state.mayHaveWritten(decision, mono);
  noteOutcome(state, effect, mono);
  state.standby = standing.kind === "withheld";
  const contest = standing.kind === "owner" ? contestOf(state, decision, mono) : {};
  const record = recordOf(round, spec, { kind: "planned", question, plan, effect, ...contest });
  const lookAgainIn = isCrowdedOut(effect) ? elapsed(mono, parts.pace.nextTry(mono)) : undefined;
  return { kind: "recorded", record, spec, memory: state.memory, acts, nodes, lookAgainIn };
}

/** Named in the record once it is no accident. */
function contestOf(
  state: PolicyState,
  decision: Decision,
  now: Moment["mono"],
): Readonly<{ contest?: Contest }> {
  const { contention, ...contest } = state.contest(decision, now);
  return contention === "constant" ? { contest } : {};
}

function noteOutcome(state: PolicyState, effect: Effect, now: Moment["mono"]): void {
  if (effect.kind === "doubted") return;
  if (effect.kind === "scaled" && effect.outcome.kind !== "written") state.failed(effect.outcome, now);
  else if (effect.kind === "scaled" || !state.findsUnanswered()) state.recovered();
}

/** Others went first: there is no reason to wait for new samples. */
const isCrowdedOut = (effect: Effect): boolean =>
  effect.kind === "doubted" && ["too-many-writes-at-once", "fleet-has-moved"].includes(effect.doubt);

function undecided(round: Round, spec: ScalePolicySpec | undefined, why: NotDecided): Recorded {
  const record = recordOf(round, spec, { kind: "not-decided", why });
  return {
    kind: "recorded",
    record,
    spec,
    memory: undefined,
    acts: [],
    nodes: new Set(),
    lookAgainIn: undefined,
  };
}

function recordOf(
  { parts, key, trigger, policy, state, now }: Round,
  spec: ScalePolicySpec | undefined,
  verdict: DecisionRecord["verdict"],
): DecisionRecord {
  state.sequence += 1;
  const { namespace, name, uid, generation } = policy.meta;
  const vertical = spec && parts.recommender.verdictOn(policy, spec, now);
  return {
    id: { policy: key, epoch: parts.leadership.epoch(), sequence: state.sequence },
    at: now.wall,
    trigger,
    policy: { namespace, name, uid, generation },
    target: spec?.target,
    mode: spec?.mode,
    verdict,
    ...(vertical === undefined ? {} : { vertical }),
  };
}
