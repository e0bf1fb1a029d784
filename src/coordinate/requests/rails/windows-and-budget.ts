/**
 * When, and how much at once: change windows, calm for decreases, and the cluster's budgets. How many pods of
 * one workload change at a time is the wave's own business (actuate/requests).
 *
 * Invariant: outside of its windows a policy writes nothing but what must not wait.
 */
import { RESOURCES } from "../../../vertical/amount.ts";
import { isSame, withPartOf } from "../amounts.ts";
import { openingAt } from "../change-window.ts";
import type { ContainerResources } from "../plan.ts";
import type { ContainerState, RequestQuestion } from "../question.ts";
import {
  type Draft,
  holdAll,
  perContainer,
  type RequestRail,
  type RequestReason,
  type RequestVerdict,
} from "../rail.ts";
import { timeText } from "../../../base/rfc3339.ts";

/**
 * Of all workloads with a policy, how many roll at once by our act; of their pods, how many change in 10 min.
 */
const ROLLING = { min: 1, part: 0.01 };
const RESIZED = { min: 10, part: 0.01 };

export const windowsAndBudget: RequestRail = {
  name: "windows-and-budget",
  rule: "Writes wait for a change window; decreases for calm in the replica count; and in the cluster at most max(1, 1 %) of the workloads roll at once by our act, max(10, 1 %) of the pods are resized in 10 min.",
  answers:
    "An enabled VPA evicted thousands of pods within 20 minutes (autoscaler#2178), at any hour of the day (#5579).",
  apply(draft, question) {
    const why = closedWindow(question) ?? spentBudget(question);
    return why === undefined ? waitingForCalm(draft, question) : holdAll(draft, question, why);
  },
};

type Why = Readonly<{ reason: RequestReason; why: string }>;

function closedWindow({ spec, now }: RequestQuestion): Why | undefined {
  const opening = openingAt(spec.apply.windows, now);
  if (opening.kind === "open") return undefined;
  const next =
    opening.next === undefined ? "none opens again" : `the next opens at ${timeText(opening.next)}`;
  return { reason: "OutsideWindow", why: `no change window is open, ${next}` };
}

/** Pods that may be resized now by what the cluster has left of its ten minutes; for a wave to keep to. */
export function resizesLeft({ fleet }: Pick<RequestQuestion, "fleet">): number {
  return Math.max(0, budgetOf(RESIZED, fleet.managedPods) - fleet.podsResized);
}

function spentBudget(question: RequestQuestion): Why | undefined {
  const { fleet, spec } = question;
  if (spec.apply.mode === "Template") {
    const max = budgetOf(ROLLING, fleet.workloads);
    if (fleet.rolling < max) return undefined;
    return { reason: "ClusterBudget", why: `${fleet.rolling} of at most ${max} workloads roll by our act` };
  }
  if (resizesLeft(question) > 0) return undefined;
  return { reason: "ClusterBudget", why: `${fleet.podsResized} pods were resized within 10 minutes` };
}

const budgetOf = ({ min, part }: typeof ROLLING, count: number): number =>
  Math.max(min, Math.floor(count * part));

/** Increases do not wait for it. */
function waitingForCalm(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const { calm } = question;
  if (draft.goingBack || calm.kind === "calm" || calm.quietHour) return undefined;
  return perContainer(draft, question, (wish, state) => {
    const kept = withoutDecreases(wish, state);
    return isSame(wish, kept) ? undefined : { wish: kept, reason: "NotCalm", why: calm.why };
  });
}

const withoutDecreases = (wish: ContainerResources, { present }: ContainerState): ContainerResources =>
  RESOURCES.filter(
    (resource) =>
      (wish.requests[resource] ?? 0) < (present.requests[resource] ?? 0) ||
      (wish.limits[resource] ?? 0) < (present.limits[resource] ?? 0),
  ).reduce((rest, resource) => withPartOf(rest, resource, present), wish);
