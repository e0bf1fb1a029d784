/**
 * What is kept of each policy between its decisions, in this process. What must outlive the process is in
 * the policy's status; a policy that was deleted and made anew starts with nothing.
 *
 * Invariant: one state per policy uid; losing leadership drops them all, for another may have decided since.
 */
import type { ObjectKey, Uid } from "../base/ids.ts";
import { hasReached } from "../base/resource-version.ts";
import { elapsed, type MonoMillis, seconds } from "../base/units.ts";
import type { PolicyObject, Workload } from "../cluster/workload.ts";
import type { DecisionMemory } from "../coordinate/memory.ts";
import { type ParseOutcome, parsePolicy } from "../policy/parse.ts";

/** A write of ours that the watch has not shown yet. */
export type UnseenWrite = Readonly<{ resourceVersion: string; replicas: number; at: MonoMillis }>;

/** After this long the watch is taken to have missed it, and the live scale decides. */
const UNSEEN_MAX = seconds(30);

export class PolicyState {
  readonly uid: Uid;
  memory: DecisionMemory | undefined;
  /** spec.replicas of the target at the last decision, to see what others did since. */
  replicas: number | undefined;
  unseen: UnseenWrite | undefined;
  /** Writes or reads in a row that brought nothing. */
  failures = 0;
  sequence = 0;

  constructor(uid: Uid) {
    this.uid = uid;
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

  clear(): void {
    this.#states.clear();
  }
}
