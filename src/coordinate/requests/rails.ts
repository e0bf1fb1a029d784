/**
 * The vertical rails, in the order in which they run. Order is policy, so order is data; the docs' list of
 * deliberate improvements is generated from this list.
 *
 * Invariant: every vertical rail of the design is here once, and what it moved is in the plan.
 */
import type { RequestRailMove } from "./plan.ts";
import type { RequestQuestion } from "./question.ts";
import type { Draft, DraftMove, RequestRail } from "./rail.ts";
import { fewPods } from "./rails/few-pods.ts";
import { fits } from "./rails/fits.ts";
import { headroom } from "./rails/headroom.ts";
import { memoryFloor } from "./rails/memory-floor.ts";
import { noSamplesNoAnswer } from "./rails/no-samples-no-answer.ts";
import { oomUpNow } from "./rails/oom-up-now.ts";
import { qosAndRatio } from "./rails/qos-and-ratio.ts";
import { significance } from "./rails/significance.ts";
import { templateRarely } from "./rails/template-rarely.ts";
import { windowsAndBudget } from "./rails/windows-and-budget.ts";

export const REQUEST_RAILS: readonly RequestRail[] = [
  noSamplesNoAnswer,
  significance,
  memoryFloor,
  headroom,
  oomUpNow,
  qosAndRatio,
  fits,
  fewPods,
  windowsAndBudget,
  templateRarely,
];

export type RequestPassage = Readonly<{
  draft: Draft;
  moves: readonly (RequestRailMove & Pick<DraftMove, "reason">)[];
}>;

export function throughRequestRails(asked: Draft, question: RequestQuestion): RequestPassage {
  return REQUEST_RAILS.reduce<RequestPassage>(
    ({ draft, moves }, { name, apply }) => {
      const verdict = apply(draft, question);
      if (verdict === undefined) return { draft, moves };
      return {
        draft: verdict.draft,
        moves: [...moves, ...verdict.moves.map((move) => ({ rail: name, ...move }))],
      };
    },
    { draft: asked, moves: [] },
  );
}
