/**
 * A change that is too small is not worth a write, and one that turns back too soon must be worth it twice.
 *
 *   cpu 500m, memory 512Mi   wanted               written
 *                            455m, 480Mi          no     9 % and 6 %
 *                            450m, 512Mi          yes    10 % of one resource
 *                            455m, 480Mi          yes    outside of its bounds for 12 h
 *                            450m, 6 h after 500m was raised     no     a turn needs 20 %
 *
 * Invariant: a container whose change is held keeps all it has.
 */
import { elapsed, minutes, type ResourceName } from "../../../base/units.ts";
import { RESOURCES } from "../../../vertical/amount.ts";
import { changeOf, isSame, SIGNIFICANT } from "../amounts.ts";
import type { ContainerResources } from "../plan.ts";
import type { ContainerState, RequestQuestion } from "../question.ts";
import { perContainer, type RequestRail } from "../rail.ts";
import { changeText } from "../wording.ts";

const OUTSIDE_FOR = minutes(12 * 60);
const TURN_WITHIN = minutes(24 * 60);

export const significance: RequestRail = {
  name: "significance",
  rule: "No write for changes under 10 % of each resource, unless a request has been outside of its bounds for 12 h; a change of direction within 24 h needs 20 %.",
  answers: "Every write moves pods or their cgroups, and recommendations move a little all the time.",
  apply: (draft, question) =>
    perContainer(draft, question, (wish, state) => {
      if (isSame(wish, state.present) || isOutside(state, question)) return undefined;
      if (RESOURCES.some((resource) => isWorthIt(resource, wish, state, question))) return undefined;
      const why = `${changeText(state.present, wish)} is too small a change`;
      return { wish: state.present, reason: "InsignificantChange", why };
    }),
};

const isOutside = ({ outsideSince }: ContainerState, { now }: RequestQuestion): boolean =>
  outsideSince !== undefined && elapsed(outsideSince, now) >= OUTSIDE_FOR;

function isWorthIt(
  resource: ResourceName,
  wish: ContainerResources,
  state: ContainerState,
  { now }: RequestQuestion,
): boolean {
  const turn = state.turns[resource];
  const to = (wish.requests[resource] ?? 0) > (state.present.requests[resource] ?? 0) ? "higher" : "lower";
  const turns = turn !== undefined && turn.to !== to && elapsed(turn.at, now) < TURN_WITHIN;
  return changeOf(resource, state.present, wish) >= (turns ? 2 * SIGNIFICANT : SIGNIFICANT);
}
