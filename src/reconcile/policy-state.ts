/**
 * What is kept of each policy between its decisions, in this process. What must outlive the process is in
 * the policy's status; a policy that was deleted and made anew starts with nothing, except that writes of its
 * target still count (write-ledger.ts).
 *
 * Invariant: one state per policy uid; losing leadership drops them all, for another may have decided since.
 */
import type { Scale } from "../actuate/port.ts";
import { retryAfter } from "../actuate/reaction.ts";
import type { Contention, OwnWrite } from "../actuate/write-budget.ts";
import { must } from "../base/assert.ts";
import type { ObjectKey, Uid } from "../base/ids.ts";
import type { Failure, WriteOutcome } from "../base/outcome.ts";
import { hasReached } from "../base/resource-version.ts";
import { timeText } from "../base/rfc3339.ts";
import {
  elapsed,
  epochMillis,
  type EpochMillis,
  later,
  type Millis,
  millis,
  type MonoMillis,
  seconds,
} from "../base/units.ts";
import { keyOf } from "../cluster/object.ts";
import type { PolicyObject, Workload } from "../cluster/workload.ts";
import { type DecisionMemory, rememberScale, type ScaleChange } from "../coordinate/memory.ts";
import { type ParseOutcome, parsePolicy } from "../policy/parse.ts";
import type { Act, ScalePolicyStatus } from "../policy/status.ts";
import { MissingPolicies } from "./missing-policies.ts";
import { OtherInstallations } from "./other-installations.ts";
import type { Decision } from "./round/phases.ts";
import { type Contest, type Version, WriteLedger } from "./write-ledger.ts";

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

/** After this long the watch is not waited for any more, and the live scale decides. */
const UNSEEN_MAX = seconds(30);

export type NextWrite = Readonly<{
  from: number;
  to: number;
  contention: Contention;
  earlier: readonly OwnWrite[];
}>;

export class PolicyState {
  readonly uid: Uid;
  memory: DecisionMemory | undefined;
  /** spec.replicas of the target at the last decision, to see what others did since. */
  replicas: number | undefined;
  decidedAt: EpochMillis | undefined;
  unseen: UnseenWrite | undefined;
  sequence = 0;
  /** The last decision was not to be written: somebody else owned the axis, or the mode was another. */
  standby = false;
  /** Requests in a row that brought nothing. */
  #failures = 0;
  #retryAt: MonoMillis | undefined;
  #ownWriteIsLast = false;
  /** The latest version of the target that was seen, in the cache or live. */
  #newest: string | undefined;
  /** What the write under way rests on. */
  #basis: Version | undefined;
  /** The count of our last write, if nobody has told what became of it. */
  #unanswered: number | undefined;
  readonly #ledger: WriteLedger;

  constructor(uid: Uid, ledger: WriteLedger) {
    this.uid = uid;
    this.#ledger = ledger;
  }

  /** A round settled on this decision: its memory is ours now. `by`: who set the count that it found. */
  decided({ memory, plan, question }: Decision, now: MonoMillis, by?: string): void {
    // Another object of the same name: what was done to the old one is nothing to it.
    if (this.memory?.target !== memory.target) this.replicas = undefined;
    this.#ledger.saw(memory.target, { left: this.replicas, found: plan.from, by }, now);
    this.memory = memory;
    this.replicas = plan.from;
    this.decidedAt = question.now;
    this.#ownWriteIsLast = false;
  }

  /** The API server accepted our write. */
  wrote(
    { plan: { from, to }, question }: Decision,
    resourceVersion: string,
    at: Readonly<{ wall: EpochMillis; mono: MonoMillis }>,
  ): void {
    this.memory = this.memory && rememberScale(this.memory, { from, to, at: at.wall });
    this.replicas = to;
    this.unseen = { resourceVersion, replicas: to, at: at.mono };
    this.#ownWriteIsLast = true;
    this.#ledger.wrote(question.target.uid, { at: at.mono, from, to });
  }

  /** The target was read live. */
  looked({ uid: target, replicas }: Pick<Scale, "uid" | "replicas">, version: Version): void {
    this.#basis = version;
    // Even where that is an earlier one: a cluster restored from a backup has only those.
    this.#newest = version.resourceVersion;
    this.#ledger.looked(target, { replicas, version });
  }

  /** There is no answer that tells what became of our write. */
  mayHaveWritten({ plan: { from, to }, question }: Decision, at: MonoMillis): void {
    const basis = must(this.#basis, "a write rests on a live look");
    this.#unanswered = to;
    this.#ledger.mayHaveWritten(question.target.uid, { at, from, to }, basis);
  }

  /** Whether all that was seen is a write of ours that was never answered: that is no recovery. */
  findsUnanswered(): boolean {
    return this.#unanswered !== undefined && this.#unanswered === this.replicas;
  }

  /** Whether the latest thing that happened to the target is our own write of this count. */
  wroteLast(replicas: number): boolean {
    return this.#ownWriteIsLast && this.replicas === replicas;
  }

  /** Our writes of a target in the last ten minutes, by whichever policy, oldest first. */
  writesTo(
    target: Uid,
    { wall, mono }: Readonly<{ wall: EpochMillis; mono: MonoMillis }>,
  ): readonly ScaleChange[] {
    const writes = this.#ledger.writesTo(target, mono);
    return writes.map(({ at, from, to }) => ({ from, to, at: epochMillis(wall - elapsed(at, mono)) }));
  }

  /** A write as the budget sees it, and the writes before it that count. */
  nextWrite({ plan: { from, to }, question }: Decision, now: MonoMillis): NextWrite {
    const { uid: target } = question.target;
    const left = this.memory?.target === target ? this.replicas : undefined;
    const { contention } = this.#ledger.contestOf(target, now, { left, found: from });
    return { from, to, contention, earlier: this.#ledger.writesTo(target, now) };
  }

  /** Whether someone takes our writes of the target back; ask after `decided`. */
  contest({ question }: Decision, now: MonoMillis): Contest {
    return this.#ledger.contestOf(question.target.uid, now);
  }

  /**
   * What was done to the target since the last decision, for `recentActs`; ask before `decided`. After a
   * restart the status tells what the last decision was, and a write of ours that it does not know of (a
   * crash between the two) is told here.
   */
  actsOfOthers({ plan, question }: Decision, { workload, shown }: LastSeen): readonly Act[] {
    const before = this.replicas ?? recorded(shown, question.target.uid);
    if (before === undefined || before === plan.from) return [];
    const why = whoScaled(workload, this.replicas === undefined);
    return [{ time: timeText(question.now), what: `replicas ${before} → ${plan.from}`, why }];
  }

  /**
   * Whether the cached target may be decided on. `not-yet`: it is older than our own last write, so that
   * deciding on it would be time travel; `no`: it has been so for too long, or it is older than what was seen
   * before (a listing by an API server that is behind), and the live scale has to do.
   */
  trusts({ meta: { resourceVersion }, replicas }: Workload, now: MonoMillis): "yes" | "not-yet" | "no" {
    const { unseen } = this;
    if (unseen !== undefined) {
      const reached = hasReached(resourceVersion, unseen.resourceVersion);
      if (!(reached ?? replicas === unseen.replicas))
        return elapsed(unseen.at, now) < UNSEEN_MAX ? "not-yet" : "no";
      this.unseen = undefined;
    }
    if (this.#newest !== undefined && hasReached(resourceVersion, this.#newest) === false) return "no";
    this.#newest = resourceVersion;
    return "yes";
  }

  /** A request brought nothing: the next one waits. */
  failed(outcome: WriteOutcome | Failure, now: MonoMillis): void {
    this.#failures += 1;
    const pause = retryAfter(outcome, this.#failures);
    this.#retryAt = pause === undefined ? undefined : later(now, pause);
  }

  /** All went well, or nothing was asked for, or what is asked for has changed. */
  recovered(): void {
    this.#unanswered = undefined;
    this.#failures = 0;
    this.#retryAt = undefined;
  }

  /** How long no request should be made; undefined: now it may. */
  waitsFor(now: MonoMillis): Millis | undefined {
    const wait = this.#retryAt === undefined ? 0 : elapsed(now, this.#retryAt);
    return wait > 0 ? millis(wait) : undefined;
  }
}

/** The count after the last decision that the status knows of, if it is of this very target. */
export function recorded(shown: ScalePolicyStatus | undefined, target: Uid): number | undefined {
  const history = shown?.horizontal?.history;
  return history?.targetUID === target ? history.replicas : undefined;
}

function whoScaled(workload: Workload | undefined, unseen: boolean): string {
  const by = workload?.scaledBy?.manager;
  if (by === undefined) return "set by someone else";
  return by === FIELD_MANAGER && unseen
    ? `set by ${by} before a restart, which lost the reason`
    : `set by ${by}`;
}

type Parsed = Readonly<{ uid: Uid; generation: number; outcome: ParseOutcome }>;

export class PolicyStates {
  readonly missing = new MissingPolicies();
  readonly others: OtherInstallations;
  readonly #states = new Map<ObjectKey, PolicyState>();
  readonly #ledger = new WriteLedger();
  readonly #parsed = new Map<ObjectKey, Parsed>();

  /** `installation`: the name of ours. */
  constructor(installation: string) {
    this.others = new OtherInstallations(installation);
  }

  of(key: ObjectKey, { meta }: PolicyObject): PolicyState {
    const known = this.#states.get(key);
    if (known?.uid === meta.uid) return known;
    const fresh = new PolicyState(meta.uid, this.#ledger);
    this.#states.set(key, fresh);
    return fresh;
  }

  /** The watch shows a policy. Whether this version is news by itself: it is back, or not ours alone. */
  shown(policy: PolicyObject, now: MonoMillis): boolean {
    const isShared = this.others.saw(policy, now);
    return this.missing.reappeared(policy.meta) || isShared;
  }

  /** Parsed once per generation: a version that only brings back a status has the spec of the one before. */
  parse({ meta, spec }: PolicyObject): ParseOutcome {
    const key = keyOf({ meta });
    const known = this.#parsed.get(key);
    if (known?.uid === meta.uid && known.generation === meta.generation) return known.outcome;
    const outcome = parsePolicy(spec);
    this.#parsed.set(key, { uid: meta.uid, generation: meta.generation, outcome });
    return outcome;
  }

  forget(key: ObjectKey): void {
    const known = this.#states.get(key);
    if (known !== undefined) this.others.forget(known.uid);
    this.#states.delete(key);
    this.#parsed.delete(key);
  }

  /** The state of a policy that was decided on before. */
  known(key: ObjectKey): PolicyState | undefined {
    return this.#states.get(key);
  }

  clear(): void {
    this.#states.clear();
    this.#parsed.clear();
    this.missing.clear();
    this.others.clear();
    this.#ledger.clear();
  }
}
