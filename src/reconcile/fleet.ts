/**
 * What all policies of this operator did to replica counts in the last ten minutes, for the cluster brake.
 *
 * Invariant: moves older than the window count for nothing, and a policy that is gone counts for nothing.
 */
import type { ObjectKey } from "../base/ids.ts";
import { elapsed, minutes, type MonoMillis } from "../base/units.ts";
import type { FleetActivity } from "../coordinate/question.ts";

/** The window of the brake (`cluster-brake`). */
export const FLEET_WINDOW = minutes(10);

export type Move = Readonly<{ policy: ObjectKey; at: MonoMillis; from: number; to: number }>;

type Totals = Omit<FleetActivity, "policyCount" | "managedReplicas" | "ownAdded" | "ownBefore">;

export class Fleet {
  readonly #replicas = new Map<ObjectKey, number>();
  #managed = 0;
  /** Oldest first. */
  #moves: Move[] = [];
  /** Sums over #moves; undefined when they changed since. */
  #totals: Totals | undefined;

  /** The current replicas of a policy's target, as seen in its latest decision. */
  observe(policy: ObjectKey, replicas: number): void {
    this.#managed += replicas - (this.#replicas.get(policy) ?? 0);
    this.#replicas.set(policy, replicas);
  }

  /** Counted before it is sent, so that rounds side by side see each other; `undo` takes it back. */
  moved(move: Move): void {
    this.#keep([...this.#moves, move]);
    this.observe(move.policy, move.to);
  }

  /** The move did not happen after all. */
  undo(move: Move): void {
    this.#keep(this.#moves.filter((other) => other !== move));
    this.observe(move.policy, move.from);
  }

  clear(): void {
    this.#replicas.clear();
    this.#managed = 0;
    this.#keep([]);
  }

  forget(policy: ObjectKey): void {
    this.observe(policy, 0);
    this.#replicas.delete(policy);
    this.#keep(this.#moves.filter((move) => move.policy !== policy));
  }

  activity(policy: ObjectKey, now: MonoMillis): FleetActivity {
    const old = this.#moves.findIndex(({ at }) => elapsed(at, now) <= FLEET_WINDOW);
    if (old !== 0 && this.#moves.length > 0) this.#keep(old < 0 ? [] : this.#moves.slice(old));
    this.#totals ??= totalsOf(this.#moves);
    const own = this.#moves.filter((move) => move.policy === policy);
    return {
      ...this.#totals,
      policyCount: this.#replicas.size,
      managedReplicas: this.#managed,
      ownAdded: sum(own.map(added)),
      ownBefore: own[0]?.from ?? this.#replicas.get(policy) ?? 0,
    };
  }

  #keep(moves: Move[]): void {
    this.#moves = moves;
    this.#totals = undefined;
  }
}

function totalsOf(moves: readonly Move[]): Totals {
  return {
    policiesMoved: new Set(moves.map((move) => move.policy)).size,
    policiesRaised: new Set(moves.filter((move) => added(move) > 0).map((move) => move.policy)).size,
    replicasAdded: sum(moves.map(added)),
    replicasRemoved: sum(moves.map(({ from, to }) => Math.max(0, from - to))),
  };
}

const added = ({ from, to }: Move): number => Math.max(0, to - from);
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
