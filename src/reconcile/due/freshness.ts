/**
 * When a policy has something new to decide on: every node that hosts its pods has been asked since the last
 * decision and at least one brought new samples, or one did and a whole resolution has passed. A slow timer
 * covers silence. So a policy is decided at most once per resolution, and never waits for another's nodes.
 *
 * Invariant: a policy has exactly one open round, which a decision closes.
 */
import type { NodeName, ObjectKey } from "../../base/ids.ts";
import { later, type Millis, type MonoMillis, seconds } from "../../base/units.ts";

/**
 * Silence is looked at this often: upstream's sync period, and a second more, so that at a resolution of
 * 15 s the samples that are on their way are decided on, and not what there was a moment before them.
 */
export const SILENCE_PERIOD = seconds(16);

type Round = { nodes: ReadonlySet<NodeName>; unheard: Set<NodeName>; freshSince: MonoMillis | undefined };

export class Freshness {
  readonly #rounds = new Map<ObjectKey, Round>();
  readonly #watchers = new Map<NodeName, Set<ObjectKey>>();
  readonly #resolution: Millis;

  constructor(resolution: Millis) {
    this.#resolution = resolution;
  }

  /** A decision was made on pods of these nodes: its next round begins. Returns when to look again at the latest. */
  close(policy: ObjectKey, nodes: ReadonlySet<NodeName>, now: MonoMillis): MonoMillis {
    this.#watch(policy, nodes);
    this.#rounds.set(policy, { nodes, unheard: new Set(nodes), freshSince: undefined });
    return later(now, SILENCE_PERIOD);
  }

  /** A node has answered, with or without new samples. Returns the policies that are due, each with its time. */
  heard(node: NodeName, fresh: boolean, now: MonoMillis): { policy: ObjectKey; due: MonoMillis }[] {
    const due: { policy: ObjectKey; due: MonoMillis }[] = [];
    for (const policy of this.#watchers.get(node) ?? []) {
      const round = this.#rounds.get(policy);
      if (round === undefined) continue;
      round.unheard.delete(node);
      const first = fresh && round.freshSince === undefined;
      if (first) round.freshSince = now;
      if (round.freshSince === undefined) continue;
      if (round.unheard.size === 0) due.push({ policy, due: now });
      else if (first) due.push({ policy, due: later(now, this.#resolution) });
    }
    return due;
  }

  clear(): void {
    this.#rounds.clear();
    this.#watchers.clear();
  }

  forget(policy: ObjectKey): void {
    this.#watch(policy, new Set());
    this.#rounds.delete(policy);
  }

  #watch(policy: ObjectKey, nodes: ReadonlySet<NodeName>): void {
    const before = this.#rounds.get(policy)?.nodes ?? new Set();
    for (const node of before) if (!nodes.has(node)) this.#unwatch(policy, node);
    for (const node of nodes) {
      const watchers = this.#watchers.get(node);
      if (watchers === undefined) this.#watchers.set(node, new Set([policy]));
      else watchers.add(policy);
    }
  }

  #unwatch(policy: ObjectKey, node: NodeName): void {
    const watchers = this.#watchers.get(node);
    watchers?.delete(policy);
    if (watchers?.size === 0) this.#watchers.delete(node);
  }
}
