/**
 * The one sentence of a plan, for a person at night.
 *
 * Invariant: it names the figures it rests on and the count it ends with.
 *
 *   cpu 90 % of request, mark 60 %: 4 → 6
 *   cpu 58 % of request, mark 60 %: 4 stay
 *   cpu 150 % of request over 2 of 4 pods, mark 60 %: 4 stay
 *   cpu 200 % of request, mark 50 %: 4 → 8; scaleUp allows at most 8 now (wants 16)
 *   held: 5m window keeps 10 (now wants 7) until 14:12:05 UTC (cpu 40 % of request, mark 60 %)
 *   held: 2 of 3 pods have had no sample for 1m35s (node n7): 4 stay, now wants 2 (cpu …)
 *   held: no pod has a usable sample (4 without a sample): 4 stay
 */
import type { HorizontalProposal } from "../horizontal/proposal.ts";
import type { Plan } from "./plan.ts";
import { levelText } from "./wording.ts";

export function sentenceOf({
  from,
  to,
  proposal,
  moves,
}: Pick<Plan, "from" | "to" | "proposal" | "moves">): string {
  const whys = moves.map(({ why }) => why).join("; ");
  const level = levelOf(proposal);
  if (from === to) {
    if (whys !== "") return `held: ${whys} (${level})`;
    return proposal.combined.kind === "failure" ? `held: ${level}: ${to} stay` : `${level}: ${to} stay`;
  }
  return `${level}: ${from} → ${to}${whys === "" ? "" : `; ${whys}`}`;
}

function levelOf({ metrics, combined }: HorizontalProposal): string {
  if (combined.kind === "failure") return combined.message;
  const winner = metrics[combined.winner];
  return winner?.kind === "valid" ? levelText(winner) : "";
}
