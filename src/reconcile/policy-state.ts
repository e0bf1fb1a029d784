/**
 * What is kept of each policy between its decisions, in this process. What must outlive the process is in
 * the policy's status; a policy that was deleted and made anew starts with nothing.
 *
 * Invariant: one state per policy uid; losing leadership drops them all, for another may have decided since.
 */
import { isReversion, type OwnWrite, recentWrites } from "../actuate/write-budget.ts";
import type { ObjectKey, Uid } from "../base/ids.ts";
import { hasReached } from "../base/resource-version.ts";
import { timeText } from "../base/rfc3339.ts";
import { elapsed, type EpochMillis, later, minutes, type MonoMillis, seconds } from "../base/units.ts";
import type { PolicyObject, Workload } from "../cluster/workload.ts";
import { type DecisionMemory, rememberScale } from "../coordinate/memory.ts";
import type { Plan } from "../coordinate/plan.ts";
import { type ParseOutcome, parsePolicy } from "../policy/parse.ts";
import type { Act, ScalePolicyStatus } from "../policy/status.ts";
import type { Decision } from "./round/phases.ts";

/** Who wrote replicas, as managedFields name us. */
const FIELD_MANAGER = "plimsoll";

/** What there is to see of what happened before this process. */
export type LastSeen = Readonly<{
  workload: Workload | undefined;
  /** The status that the API shows. */
  shown: ScalePolicyStatus | undefined;
}>;

/** A write of ours that the watch has not shown yet. */
export type UnseenWrite = Readonly<{ resourceVersion: string; replicas: number; at: MonoMillis }>;

/** After this long the watch is taken to have missed it, and the live scale decides. */
const UNSEEN_MAX = seconds(30);
/** How long a reversion makes every further write count against the budget. */
const CONTEST = minutes(10);

export class PolicyState {
  readonly uid: Uid;
  memory: DecisionMemory | undefined;
  /** spec.replicas of the target at the last decision, to see what others did since. */
  replicas: number | undefined;
  decidedAt: EpochMillis | undefined;
  unseen: UnseenWrite | undefined;
  /** Writes or reads in a row that brought nothing. */
  failures = 0;
  sequence = 0;
  /** The last decision was on standby beside a foreign autoscaler. */
  standby = false;
  #writes: readonly OwnWrite[] = [];
  #ownWriteIsLast = false;
  /** Someone took a write of ours back; until then further writes are counted. */
  #contestedUntil: MonoMillis | undefined;

  constructor(uid: Uid) {
    this.uid = uid;
  }

  /** A round settled on this decision: its memory is ours now. */
  decided({ memory, plan, question }: Decision, now: MonoMillis): void {
    const moved = this.replicas !== undefined && this.replicas !== plan.from;
    if (moved && isReversion(this.recentWrites(now), plan.from)) this.#contestedUntil = later(now, CONTEST);
    this.memory = memory;
    this.replicas = plan.from;
    this.decidedAt = question.now;
    this.#ownWriteIsLast = false;
  }

  /** The API server accepted our write. */
  wrote(
    { from, to }: Plan,
    resourceVersion: string,
    at: Readonly<{ wall: EpochMillis; mono: MonoMillis }>,
  ): void {
    this.memory = this.memory && rememberScale(this.memory, { from, to, at: at.wall });
    this.replicas = to;
    this.unseen = { resourceVersion, replicas: to, at: at.mono };
    this.#ownWriteIsLast = true;
    this.#writes = [...this.recentWrites(at.mono), { at: at.mono, from, to }];
  }

  /** Whether the latest thing that happened to the target is our own write of this count. */
  wroteLast(replicas: number): boolean {
    return this.#ownWriteIsLast && this.replicas === replicas;
  }

  recentWrites(now: MonoMillis): readonly OwnWrite[] {
    return recentWrites(this.#writes, now);
  }

  /** A write as the budget sees it. */
  nextWrite({ from, to }: Plan, now: MonoMillis): { from: number; to: number; contested: boolean } {
    const moved = this.replicas !== undefined && this.replicas !== from;
    const reverted = moved && isReversion(this.recentWrites(now), from);
    return { from, to, contested: reverted || (this.#contestedUntil ?? 0) > now };
  }

  /**
   * What was done to the target since the last decision, for `recentActs`; ask before `decided`. After a
   * restart the status tells what the last decision was, and a write of ours that it does not know of (a
   * crash between the two) is told here.
   */
  actsOfOthers({ plan, question }: Decision, { workload, shown }: LastSeen): readonly Act[] {
    const before = this.replicas ?? shown?.horizontal?.desiredReplicas;
    if (before === undefined || before === plan.from) return [];
    const why = whoScaled(workload, this.replicas === undefined);
    return [{ time: timeText(question.now), what: `replicas ${before} → ${plan.from}`, why }];
  }

  /** Whether the cached target is older than our own last write, so that deciding on it would be time travel. */
  behindOwnWrite(workload: Workload, now: MonoMillis): boolean {
    const { unseen } = this;
    if (unseen === undefined) return false;
    const reached = hasReached(workload.meta.resourceVersion, unseen.resourceVersion);
    const seen = reached ?? workload.replicas === unseen.replicas;
    if (!seen && elapsed(unseen.at, now) < UNSEEN_MAX) return true;
    this.unseen = undefined;
    return false;
  }
}

function whoScaled(workload: Workload | undefined, unseen: boolean): string {
  const by = workload?.scaledBy?.manager;
  if (by === undefined) return "set by someone else";
  return by === FIELD_MANAGER && unseen
    ? `set by ${by} before a restart, which lost the reason`
    : `set by ${by}`;
}

export class PolicyStates {
  readonly #states = new Map<ObjectKey, PolicyState>();
  readonly #parsed = new WeakMap<PolicyObject, ParseOutcome>();

  of(key: ObjectKey, { meta }: PolicyObject): PolicyState {
    const known = this.#states.get(key);
    if (known?.uid === meta.uid) return known;
    const fresh = new PolicyState(meta.uid);
    this.#states.set(key, fresh);
    return fresh;
  }

  /** Parsed once per version of the object. */
  parse(policy: PolicyObject): ParseOutcome {
    const known = this.#parsed.get(policy);
    if (known !== undefined) return known;
    const outcome = parsePolicy(policy.spec);
    this.#parsed.set(policy, outcome);
    return outcome;
  }

  forget(key: ObjectKey): void {
    this.#states.delete(key);
  }

  keys(): readonly ObjectKey[] {
    return [...this.#states.keys()];
  }
}
