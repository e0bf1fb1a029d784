/**
 * What quotas leave: every replica becomes larger, and a rollout has its surge beside them for a while.
 *
 *   quota leaves cpu 1; 4 replicas, 500m → 700m   InPlace: 800m, yes   Template, surge 1: 1500m, no
 */
import type { RequestQuestion } from "../question.ts";
import { RESOURCES } from "../../../vertical/amount.ts";
import type { Draft, DraftMove, RequestVerdict } from "../rail.ts";
import { roundText } from "../wording.ts";
import { runningPresent, runningWishes, shortened, sumOf } from "./increase.ts";

export function heldToQuota(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const moves: DraftMove[] = [];
  let last = draft;
  for (const part of ["requests", "limits"] as const)
    for (const resource of RESOURCES) {
      const left = question.room.quotaLeft[part][resource];
      const needed = neededOf(last, question, [part, resource]);
      if (left === undefined || needed <= left) continue;
      const [has, needs] = [roundText(resource, left), roundText(resource, needed)];
      const why = `quota leaves ${part}.${resource} ${has}, and this needs ${needs}`;
      const verdict = shortened(last, question, { resource, part: 0, reason: "QuotaTooSmall", why });
      moves.push(...(verdict?.moves ?? []));
      last = verdict?.draft ?? last;
    }
  return moves.length === 0 ? undefined : { draft: last, moves };
}

function neededOf(
  draft: Draft,
  question: RequestQuestion,
  [part, resource]: readonly ["requests" | "limits", "cpu" | "memory"],
): number {
  const to = sumOf(runningWishes(draft, question), part, resource);
  const growth = to - sumOf(runningPresent(question), part, resource);
  if (growth <= 0) return 0;
  const { replicas, surge } = question.workload;
  return growth * replicas + (question.spec.apply.mode === "Template" ? to * surge : 0);
}
