/**
 * A container that was killed for its memory needs more of it now, whatever the percentiles say.
 *
 * Invariant: what an OOM kill asked for stays for 24 h; of the kills within any hour at most three are
 * answered, so that a leak ends in a report and not on the largest node.
 */
import { elapsed, minutes } from "../../../base/units.ts";
import type { ContainerResources } from "../plan.ts";
import type { ContainerState, RequestQuestion } from "../question.ts";
import {
  type DraftMove,
  perContainer,
  policyOf,
  type RequestRail,
  type RequestVerdict,
  withRequest,
} from "../rail.ts";
import { countText } from "../../wording.ts";
import { roundText } from "../wording.ts";

const ANSWERED_MAX = 3;
const ANSWERED_WITHIN = minutes(60);

export const oomUpNow: RequestRail = {
  name: "oom-up-now",
  rule: "An OOM kill raises the memory request at once by the VPA's bump (+100 MiB or × 1.2), at most three times in an hour, past significance, windows and budgets.",
  answers:
    "With many replicas a VPA's percentile does not move for one OOM kill, and the loop goes on (autoscaler#9521, #1574).",
  apply(draft, question) {
    const verdict = perContainer(draft, question, (wish, state) => answerTo(wish, state, question));
    if (verdict === undefined) return undefined;
    return { ...verdict, draft: { ...verdict.draft, urgent: urgentOf(verdict, question) } };
  },
};

function answerTo(wish: ContainerResources, state: ContainerState, question: RequestQuestion) {
  const answered = answeredOf(state);
  const policy = policyOf(question, state.name);
  const needed = Math.max(0, ...answered.map((oom) => oom.needed));
  const to = Math.min(needed, policy.maxAllowed.memory ?? Infinity);
  if (to > (wish.requests.memory ?? Infinity)) {
    const why = `memory ${roundText("memory", to)} after ${countText(state.ooms.length, "OOM kill")} within 24 h`;
    const part = { resource: "memory", to, state } as const;
    return { wish: withRequest(wish, part, policy), reason: "OomIncrease", why } as const;
  }
  if (answered.length === state.ooms.length) return undefined;
  const why = `${countText(state.ooms.length, "OOM kill")}: more than ${ANSWERED_MAX} within an hour are not answered`;
  return { wish, reason: "OomLoop", why } as const;
}

/** Those that are answered: not the fourth within an hour, nor any after it. */
function answeredOf({ ooms }: ContainerState): ContainerState["ooms"] {
  const answered: ContainerState["ooms"][number][] = [];
  for (const oom of ooms) {
    const lately = answered.filter(({ at }) => elapsed(at, oom.at) < ANSWERED_WITHIN);
    if (lately.length < ANSWERED_MAX) answered.push(oom);
  }
  return answered;
}

/** Whatever is above what a container has must not wait. */
function urgentOf({ draft, moves }: RequestVerdict, question: RequestQuestion): ReadonlySet<string> {
  const raised = ({ container, after }: DraftMove): boolean => {
    const present = question.containers.find(({ name }) => name === container)?.present;
    return (after?.requests.memory ?? 0) > (present?.requests.memory ?? Infinity);
  };
  return new Set([...draft.urgent, ...moves.filter(raised).flatMap(({ container }) => container ?? [])]);
}
