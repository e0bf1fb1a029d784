/**
 * The rails, in the order in which they run. Order is policy, so order is data: first what the metrics are
 * worth, then what holds, then rates, then what outlasts a single decision, and the user's bounds last. The
 * docs' list of deliberate improvements is generated from this list.
 *
 * Invariant: every rail of the design is here once, and what it moved is in the plan.
 */
import type { RailMove } from "./plan.ts";
import type { Circumstances, Rail, Statement } from "./rail.ts";
import { afterSilence } from "./rails/hold/after-silence.ts";
import { firstMoveAfterEdit } from "./rails/hold/first-move-after-edit.ts";
import { freezeOnBlindCluster } from "./rails/hold/freeze-on-blind-cluster.ts";
import { holdOnMissingEvidence } from "./rails/hold/hold-on-missing-evidence.ts";
import { memoryOfWindows } from "./rails/hold/memory-of-windows.ts";
import { noDecreaseWhileRolling } from "./rails/hold/no-decrease-while-rolling.ts";
import { behavior } from "./rails/limit/behavior.ts";
import { bounds } from "./rails/limit/bounds.ts";
import { clusterBrake } from "./rails/limit/cluster-brake.ts";
import { quotaAndFailure } from "./rails/limit/quota-and-failure.ts";
import { censoredDemand } from "./rails/measure/censored-demand.ts";
import { countOwnPods } from "./rails/measure/count-own-pods.ts";
import { exactArithmetic } from "./rails/measure/exact-arithmetic.ts";
import { oneStepWhenAllUnready } from "./rails/measure/one-step-when-all-unready.ts";

export const RAILS: readonly Rail[] = [
  countOwnPods,
  exactArithmetic,
  holdOnMissingEvidence,
  freezeOnBlindCluster,
  censoredDemand,
  noDecreaseWhileRolling,
  oneStepWhenAllUnready,
  behavior,
  firstMoveAfterEdit,
  memoryOfWindows,
  afterSilence,
  clusterBrake,
  quotaAndFailure,
  bounds,
];

export type Passage = Readonly<{
  replicas: number;
  moves: readonly RailMove[];
  /** What rails state for the conditions, in their order. */
  states: readonly Statement[];
  /** What entered the `behavior` rail, for its windows to remember. */
  recommended: number;
}>;

export function throughRails(asked: number, circumstances: Circumstances): Passage {
  const moves: RailMove[] = [];
  const states: Statement[] = [];
  let replicas = asked;
  let recommended = asked;
  for (const rail of RAILS) {
    if (rail === behavior) recommended = replicas;
    const verdict = rail.apply(replicas, circumstances);
    if (verdict === undefined) continue;
    states.push(...verdict.states);
    if (verdict.replicas === replicas) continue;
    moves.push({ rail: rail.name, before: replicas, after: verdict.replicas, why: verdict.why });
    replicas = verdict.replicas;
  }
  return { replicas, moves, states, recommended };
}
