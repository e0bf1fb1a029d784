/**
 * The truth over time: what each target's count was, what its policies said and since when, and who else
 * was on it.
 *
 * Invariant: everything is noted at the moment at which it is stored, before any process can have heard of
 * it.
 */
import { must } from "../../base/assert.ts";
import type { ObjectKey, Uid } from "../../base/ids.ts";
import { type Millis, millis } from "../../base/units.ts";
import type { ClusterChange } from "../../cluster/cluster.ts";
import type { ClusterView } from "../../cluster/view.ts";
import { type PolicyObject, targetKey } from "../../cluster/workload.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { Scalable } from "../model/registry.ts";
import type { SimulatedWorld } from "../world.ts";
import type { ReplicaHistory } from "./observed.ts";

/** A spec of a policy, for as long as it was there. */
type Version = {
  readonly policy: ObjectKey;
  readonly uid: Uid;
  readonly target: ObjectKey;
  readonly spec: HorizontalSpec;
  readonly since: Millis;
  until: Millis;
};

/** Later than any run. */
const NEVER = millis(Number.MAX_SAFE_INTEGER);

type Change<K extends ClusterChange["kind"]> = Extract<ClusterChange, { kind: K }>;

export class Ledger {
  readonly view: ClusterView;
  readonly #now: () => Millis;
  readonly #counts = new Map<ObjectKey, { at: Millis; replicas: number }[]>();
  readonly #objects = new Map<ObjectKey, Readonly<{ uid: Uid; since: Millis }>>();
  #versions: Version[] = [];
  readonly #policies = new Map<ObjectKey, Readonly<{ uid: Uid; since: Millis }>>();
  readonly #autoscalers = new Map<ObjectKey, Millis>();

  constructor({ truth, customs, time }: SimulatedWorld, onStatus: (policy: PolicyObject) => void) {
    this.#now = () => time.now();
    let isOpen = false;
    this.view = truth((change) => {
      this.#note(change);
      if (isOpen && change.kind === "scalepolicies" && change.object !== undefined) onStatus(change.object);
    });
    isOpen = true;
    customs((target, object) => this.#noteScalable(target, object));
  }

  /** What lies before `moment` is not asked for any more; what was so then is. */
  forget(moment: Millis): void {
    for (const counts of this.#counts.values()) {
      const present = counts.findLastIndex(({ at }) => at <= moment);
      if (present > 0) counts.splice(0, present);
    }
    this.#versions = this.#versions.filter(({ until }) => until >= moment);
  }

  historyOf(target: ObjectKey): ReplicaHistory {
    return this.#counts.get(target) ?? [];
  }

  uidOf(target: ObjectKey): Uid | undefined {
    return this.#objects.get(target)?.uid;
  }

  /** What Active policies on a target said at any moment since. */
  specsSince(target: ObjectKey, since: Millis): readonly HorizontalSpec[] {
    return this.#on(target)
      .filter(({ until }) => until >= since)
      .map(({ spec }) => spec);
  }

  /** Since when both this very object and a policy on it have been there. */
  thereSince(target: ObjectKey): Millis {
    const policies = this.#on(target).flatMap(({ policy, uid }) => {
      const known = this.#policies.get(policy);
      return known?.uid === uid ? [known.since] : [];
    });
    const object = this.#objects.get(target)?.since ?? this.#now();
    return millis(Math.max(object, policies.length === 0 ? 0 : Math.min(...policies)));
  }

  /** Policies that have been Active on a target since `moment` at the latest and still are, oldest first. */
  activesOn(target: ObjectKey, moment: Millis): readonly ObjectKey[] {
    const present = this.#on(target).filter(({ until }) => until === NEVER);
    if (present.some(({ since }) => since > moment)) return [];
    const age = ({ policy }: Version): number => this.#policies.get(policy)?.since ?? 0;
    return present.toSorted((a, b) => age(a) - age(b)).map(({ policy }) => policy);
  }

  autoscalers(): readonly Readonly<{ target: ObjectKey; since: Millis }>[] {
    return [...this.#autoscalers].map(([target, since]) => ({ target, since }));
  }

  /** Targets that are there and at 0, and since when. */
  atZero(): readonly Readonly<{ target: ObjectKey; since: Millis }>[] {
    return [...this.#objects.keys()].flatMap((target) => {
      const last = this.historyOf(target).at(-1);
      return last?.replicas === 0 ? [{ target, since: last.at }] : [];
    });
  }

  #on(wanted: ObjectKey): readonly Version[] {
    return this.#versions.filter(({ target }) => target === wanted);
  }

  #note(change: ClusterChange): void {
    if (change.kind === "deployments" || change.kind === "statefulsets") this.#noteWorkload(change);
    if (change.kind === "scalepolicies") this.#notePolicy(change);
    if (change.kind === "horizontalpodautoscalers") this.#noteAutoscaler(change);
  }

  #noteWorkload({ kind, key, object, previous }: Change<"deployments" | "statefulsets">): void {
    const { namespace, name } = must(object ?? previous, `${key} has an object`).meta;
    const word = kind === "deployments" ? "Deployment" : "StatefulSet";
    this.#noteScalable(targetKey(namespace, { apiVersion: "apps/v1", kind: word, name }), object);
  }

  #noteScalable(target: ObjectKey, object: Scalable | undefined): void {
    if (object === undefined) return void this.#objects.delete(target);
    const { uid } = object.meta;
    if (this.uidOf(target) !== uid) this.#objects.set(target, { uid, since: this.#now() });
    const counts = this.#counts.get(target) ?? [];
    this.#counts.set(target, counts);
    if (counts.at(-1)?.replicas !== object.replicas)
      counts.push({ at: this.#now(), replicas: object.replicas });
  }

  #noteAutoscaler({ key, object, previous }: Change<"horizontalpodautoscalers">): void {
    const { meta, target } = must(object ?? previous, `${key} has an object`);
    const taken = targetKey(meta.namespace, target);
    if (object === undefined) this.#autoscalers.delete(taken);
    else if (!this.#autoscalers.has(taken)) this.#autoscalers.set(taken, this.#now());
  }

  #endVersion(policy: ObjectKey, now: Millis): void {
    const present = this.#versions.find((one) => one.policy === policy && one.until === NEVER);
    if (present !== undefined) present.until = now;
  }

  #notePolicy({ key, object, previous }: Change<"scalepolicies">): void {
    if (object?.meta.uid === previous?.meta.uid && sameSpec(object, previous)) return;
    const now = this.#now();
    this.#endVersion(key, now);
    if (object === undefined) return;
    const { uid } = object.meta;
    if (this.#policies.get(key)?.uid !== uid) this.#policies.set(key, { uid, since: now });
    const said = activeSpecOf(object);
    if (said !== undefined) this.#versions.push({ policy: key, uid, ...said, since: now, until: NEVER });
  }
}

function activeSpecOf({ meta, spec }: PolicyObject): Pick<Version, "spec" | "target"> | undefined {
  const parsed = parsePolicy(spec);
  if (parsed.kind !== "valid" || parsed.spec.mode !== "Active") return undefined;
  const { horizontal, target } = parsed.spec;
  return horizontal && { spec: horizontal, target: targetKey(meta.namespace, target) };
}

const sameSpec = (one: PolicyObject | undefined, other: PolicyObject | undefined): boolean =>
  JSON.stringify(one?.spec) === JSON.stringify(other?.spec);
