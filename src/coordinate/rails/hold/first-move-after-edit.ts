/**
 * A slip of the pen in a spec (100m for 100) shows in its first decision. One that would more than double or
 * halve the count is published for one period before it is applied, so that it can be seen and stopped.
 *
 * Invariant: the rail holds for one period after an edit or a take-over, and never longer.
 */
import { type EpochMillis, elapsed, later, seconds } from "../../../base/units.ts";
import type { DecisionMemory } from "../../memory.ts";
import type { Circumstances, Rail } from "../../rail.ts";
import { clockText } from "../../wording.ts";

/** Upstream's sync period. */
const PERIOD = seconds(15);

/** When a move that waits was first published; undefined when this is no first decision. */
function publishedAt({ memory, question }: Circumstances): EpochMillis | undefined {
  const { announced, generation, tookOver } = memory;
  if (announced?.generation === question.generation) return announced.at;
  return tookOver || generation !== question.generation ? question.now : undefined;
}

function apply(replicas: number, circumstances: Circumstances) {
  const { spec, target, now } = circumstances.question;
  const at = publishedAt(circumstances);
  const to = Math.min(Math.max(replicas, spec.minReplicas), spec.maxReplicas);
  const large = to > 2 * target.replicas || 2 * to < target.replicas;
  if (at === undefined || !large || elapsed(at, now) >= PERIOD) return undefined;
  return {
    replicas: target.replicas,
    why: `first decision after an edit or a take-over: ${target.replicas} → ${to} is applied after ${clockText(later(at, PERIOD))}`,
    states: [{ type: "ScalingLimited", reason: "FirstMoveAnnounced" } as const],
  };
}

/** What the next decision needs to know of a move that waits. */
export function announcementAfter(
  circumstances: Circumstances,
  held: number | undefined,
): DecisionMemory["announced"] {
  const { generation } = circumstances.question;
  const at = publishedAt(circumstances);
  return held === undefined || at === undefined ? undefined : { at, to: held, generation };
}

export const firstMoveAfterEdit: Rail = {
  name: "first-move-after-edit",
  rule: "The first decision after a change of the spec, or after a take-over, is published for 15 s before it is applied if it would more than double or halve the count.",
  answers: "A unit mistake in a target (100m for 100) moves an HPA at its full rate from the first sync.",
  apply,
};
