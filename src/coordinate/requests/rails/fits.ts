/**
 * What nobody could place is not asked for: the largest node that the pod may use, the namespace's LimitRange
 * and its quotas bound what is wanted; and a pod that finds no node after a write of ours brings that write
 * back.
 *
 * Invariant: behind this rail no increase is left that a known node, LimitRange or quota has no room for.
 */
import { elapsed, minutes } from "../../../base/units.ts";
import { isSame } from "../amounts.ts";
import { heldToLimitRange } from "../fit/limit-range.ts";
import { heldToNodes } from "../fit/nodes.ts";
import { heldToQuota } from "../fit/quota.ts";
import type { RequestQuestion } from "../question.ts";
import type { Draft, RequestRail, RequestVerdict } from "../rail.ts";
import { lengthText } from "../../wording.ts";

/** The scheduler and a cluster autoscaler have had a while by then; the pod is back within five minutes. */
const PENDING_FOR = minutes(3);

export const fits: RequestRail = {
  name: "fits",
  rule: "Increases end at what the largest node this pod may use has to give, less DaemonSets and 10 %, at the LimitRange and at what quotas leave; a pod that is Pending for 3 min after our write brings it back.",
  answers:
    "A recommendation larger than any node leaves pods Pending for ever (autoscaler#7147); a quota refuses pods in silence.",
  apply: (draft, question) => backFromPending(draft, question) ?? bounded(draft, question),
};

function backFromPending(
  draft: Draft,
  { now, room, lastWrite }: RequestQuestion,
): RequestVerdict | undefined {
  const { pendingSince } = room;
  if (pendingSince === undefined || lastWrite === undefined) return undefined;
  const pendingFor = elapsed(pendingSince, now);
  if (pendingFor < PENDING_FOR || pendingSince < lastWrite.at) return undefined;
  const before = new Map(lastWrite.before.map((one) => [one.container, one]));
  const wishes = draft.wishes.map((wish) => before.get(wish.container) ?? wish);
  const why = `a pod finds no node for ${lengthText(pendingFor)} since our write: back to what was there before`;
  return {
    draft: { wishes, urgent: new Set(), goingBack: true },
    moves: [{ container: undefined, why, reason: "GoingBack" }],
  };
}

/** Each bound looks at what the one before has left. */
function bounded(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const start: RequestVerdict = { draft, moves: [] };
  const end = [heldToNodes, heldToLimitRange, heldToQuota].reduce((so, bound) => {
    const verdict = bound(so.draft, question);
    return verdict === undefined ? so : { draft: verdict.draft, moves: [...so.moves, ...verdict.moves] };
  }, start);
  const isMoved = end.draft.wishes.some((wish, at) => !isSame(wish, draft.wishes[at] ?? wish));
  return isMoved ? end : undefined;
}
