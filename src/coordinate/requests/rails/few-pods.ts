/**
 * What restarts pods needs enough of them.
 *
 * Invariant: with fewer ready pods than `apply.minReplicas` nothing is restarted, unless a container is
 * killed for its memory anyway.
 */
import { RESOURCES } from "../../../vertical/amount.ts";
import type { RequestQuestion } from "../question.ts";
import { type Draft, holdAll, type RequestRail, stateOf } from "../rail.ts";
import { countText } from "../../wording.ts";

export const fewPods: RequestRail = {
  name: "few-pods",
  rule: "What restarts pods (Template, and InPlace where a resizePolicy says so) needs at least `apply.minReplicas` ready ones.",
  answers: "A workload of one replica is down while it restarts.",
  apply(draft, question) {
    const { readyPods } = question.workload;
    const { minReplicas } = question.spec.apply;
    if (readyPods >= minReplicas || !restarts(draft, question)) return undefined;
    const why = `${countText(readyPods, "pod")} ready, and restarting needs ${minReplicas} (apply.minReplicas)`;
    return holdAll(draft, question, { reason: "TooFewPods", why });
  },
};

function restarts({ wishes }: Draft, question: RequestQuestion): boolean {
  if (question.spec.apply.mode === "Template") return true;
  return wishes.some((wish) => {
    const { present, restartsFor } = stateOf(question, wish.container);
    return RESOURCES.some(
      (resource) =>
        restartsFor.includes(resource) &&
        (wish.requests[resource] !== present.requests[resource] ||
          wish.limits[resource] !== present.limits[resource]),
    );
  });
}
