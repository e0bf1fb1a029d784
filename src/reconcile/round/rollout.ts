/**
 * Where a target's rollout stands, read from its status alone.
 *
 * Invariant: `settled` is said only of a state that the owner's controller has seen and finished.
 */
import type { Workload } from "../../cluster/workload.ts";
import type { Rollout } from "../../coordinate/question.ts";

/** `undefined` is a kind whose rollout cannot be read. */
export function rolloutOf(workload: Workload | undefined): Rollout {
  if (workload === undefined) return { kind: "unknown" };
  if (!workload.rollsByItself || workload.paused) return { kind: "settled" };
  const { status, meta, replicas, partition, stuckSince } = workload;
  const wanted = Math.max(replicas, status.replicas) - partition;
  const rolling = status.observedGeneration < meta.generation || status.updatedReplicas < wanted;
  if (!rolling) return { kind: "settled" };
  if (stuckSince !== undefined) return { kind: "stuck", since: stuckSince };
  return {
    kind: "in-progress",
    updated: status.updatedReplicas,
    replicas: Math.max(replicas, status.replicas),
  };
}
