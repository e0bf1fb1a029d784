/**
 * What no single policy can see: that many move the same way at once, which is more often a fault than a
 * load. The brake binds only in a fleet, and never a policy's first doubling.
 *
 * Invariant: with 20 managed replicas or fewer, or fewer than 3 policies moved in the last 10 min, nothing
 * is held; and a held change is smaller, never turned round.
 *
 *   100 replicas, 15 removed in 10 min by 4 policies       5 more may go
 *   40 replicas, 8 removed likewise                        2 more (10 at least)
 */
import type { FleetActivity } from "../../question.ts";
import type { Circumstances, Rail, Verdict } from "../../rail.ts";

const MANAGED_MAX_FREE = 20;
const POLICIES_MOVED_MIN = 3;
const DECREASE_PERCENT = 20;
const DECREASE_MIN = 10;
const POLICIES_FOR_INCREASE = 10;
const INCREASE_PERCENT = 50;

function apply(replicas: number, { question }: Circumstances): Verdict | undefined {
  const { fleet, brakes, target, spec } = question;
  const { replicas: current } = target;
  // What the bounds will not allow is not asked of the fleet.
  const wanted = Math.min(Math.max(replicas, spec.minReplicas), spec.maxReplicas);
  if (fleet.managedReplicas <= MANAGED_MAX_FREE || fleet.policiesMoved < POLICIES_MOVED_MIN) return undefined;
  if (wanted < current && brakes.decrease) return slowDecrease(wanted, current, fleet);
  if (wanted > current && brakes.increase && isRisingTogether(fleet))
    return slowIncrease(wanted, current, fleet);
  return undefined;
}

/** The fleet's replicas at the beginning of the window. */
const managedBefore = ({ managedReplicas, replicasAdded, replicasRemoved }: FleetActivity): number =>
  Math.max(0, managedReplicas + replicasRemoved - replicasAdded);

function slowDecrease(replicas: number, current: number, fleet: FleetActivity): Verdict | undefined {
  const budget = Math.max(DECREASE_MIN, Math.floor((managedBefore(fleet) * DECREASE_PERCENT) / 100));
  const floor = current - Math.max(0, budget - fleet.replicasRemoved);
  if (replicas >= floor) return undefined;
  const why = `all policies together removed ${fleet.replicasRemoved} replicas in 10 min, at most ${budget} may go: ${current} → ${floor} now (wants ${replicas})`;
  return { replicas: floor, why, states: [{ type: "ScalingLimited", reason: "ClusterBrake" }] };
}

const isRisingTogether = ({ policyCount, policiesRaised }: FleetActivity): boolean =>
  policyCount >= POLICIES_FOR_INCREASE && policiesRaised * 2 > policyCount;

function slowIncrease(replicas: number, current: number, fleet: FleetActivity): Verdict | undefined {
  const budget = Math.floor((managedBefore(fleet) * INCREASE_PERCENT) / 100);
  const cap = Math.max(current + Math.max(0, budget - fleet.replicasAdded), 2 * fleet.ownBefore);
  if (replicas <= cap) return undefined;
  const why = `${fleet.policiesRaised} of ${fleet.policyCount} policies rose in 10 min and added ${fleet.replicasAdded} replicas, at most ${budget} may come: ${current} → ${cap} now (wants ${replicas})`;
  return { replicas: cap, why, states: [{ type: "ScalingLimited", reason: "ClusterBrake" }] };
}

export const clusterBrake: Rail = {
  name: "cluster-brake",
  rule: "In a fleet of more than 20 replicas with at least 3 policies moving, at most 20 % (at least 10) of all managed replicas go within 10 min; when more than half of 10 or more policies rise together, at most 50 % come, but each policy's first doubling is free. One flag each switches it off.",
  answers: "A fault of the metrics that all policies share moves all workloads at once.",
  apply,
};
