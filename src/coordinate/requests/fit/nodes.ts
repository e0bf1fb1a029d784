/**
 * The largest node: of those that this pod may use, the one that has to take the least away.
 *
 *   wanted 6 cores, 4Gi; nodes 4 cores 16Gi and 8 cores 2Gi (after 10 %): the first, 4 cores
 */
import { must } from "../../../base/assert.ts";
import type { RequestAmounts, ResourceName } from "../../../base/units.ts";
import { RESOURCES } from "../../../vertical/amount.ts";
import type { RequestQuestion } from "../question.ts";
import type { Draft, RequestVerdict } from "../rail.ts";
import { roundText } from "../wording.ts";
import { runningPresent, runningWishes, shortened, sumOf } from "./increase.ts";

/** A tenth is left for what comes later. */
const USABLE = 0.9;

export function heldToNodes(draft: Draft, question: RequestQuestion): RequestVerdict | undefined {
  const grown = RESOURCES.filter((resource) => growthOf(draft, question, resource) > 0);
  if (grown.length === 0) return undefined;
  const node = bestNode(draft, question, grown);
  const moves: RequestVerdict["moves"][number][] = [];
  let last = draft;
  for (const resource of grown) {
    const verdict = shortened(last, question, { resource, ...boundBy(node, resource, { draft, question }) });
    if (verdict === undefined || verdict.moves.every(({ before }) => before === undefined)) continue;
    moves.push(...verdict.moves);
    last = verdict.draft;
  }
  return moves.length === 0 ? undefined : { draft: last, moves };
}

type Matter = Readonly<{ draft: Draft; question: RequestQuestion }>;

function growthOf(draft: Draft, question: RequestQuestion, resource: ResourceName): number {
  const wanted = sumOf(runningWishes(draft, question), "requests", resource);
  return wanted - sumOf(runningPresent(question), "requests", resource);
}

function boundBy(node: RequestAmounts | undefined, resource: ResourceName, { draft, question }: Matter) {
  if (node === undefined)
    return { part: 0, reason: "NodeSizeUnknown", why: "no node is known that this pod may use" } as const;
  const room = must(node[resource], "a node has both resources") * USABLE;
  const part = partWithin(room, resource, { draft, question });
  const amount = roundText(resource, Math.floor(room));
  const why = `the largest node for this pod has room for ${resource} ${amount}`;
  return { part, reason: "NodeTooSmall", why } as const;
}

function partWithin(room: number, resource: ResourceName, { draft, question }: Matter): number {
  const present = sumOf(runningPresent(question), "requests", resource);
  const growth = growthOf(draft, question, resource);
  return growth <= 0 ? 1 : Math.min(1, Math.max(0, (room - present) / growth));
}

function bestNode(
  draft: Draft,
  question: RequestQuestion,
  grown: readonly ResourceName[],
): RequestAmounts | undefined {
  const left = (node: RequestAmounts): number =>
    Math.min(...grown.map((name) => partWithin((node[name] ?? 0) * USABLE, name, { draft, question })));
  const [first, ...others] = question.room.nodes;
  return others.reduce<RequestAmounts | undefined>(
    (best, node) => (best !== undefined && left(node) > left(best) ? node : best),
    first,
  );
}
