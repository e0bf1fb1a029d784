/**
 * What a vertical rail is: a named rule that may move or hold what is wanted of a workload's containers, and
 * says why in words with the numbers in them.
 *
 * Invariant: a rail looks only at the draft and the question; the same ones get the same verdict.
 */
import { must } from "../../base/assert.ts";
import type { ResourceName } from "../../base/units.ts";
import type { ContainerPolicy } from "../../policy/vertical/spec.ts";
import { policyOf as policyFor } from "../../vertical/container-policy.ts";
import { proportionalLimit } from "../../vertical/proportional.ts";
import { isSame, withAmount, withPartOf } from "./amounts.ts";
import type { ContainerResources, RequestRailName, Resources } from "./plan.ts";
import type { ContainerState, RequestQuestion } from "./question.ts";

/** Reasons of condition `Applying` that a plan may give. */
export type RequestReason =
  | "ApplyModeOff"
  | "Applying"
  | "AsRecommended"
  | "NothingMeasured"
  | "TooLittleHistory"
  | "InsignificantChange"
  | "MemoryFloor"
  | "NeedsCoordination"
  | "OomIncrease"
  | "OomLoop"
  | "QosClassKept"
  | "BestEffort"
  | "NodeSizeUnknown"
  | "NodeTooSmall"
  | "LimitRange"
  | "QuotaTooSmall"
  | "GoingBack"
  | "TooFewPods"
  | "OutsideWindow"
  | "NotCalm"
  | "ClusterBudget"
  | "TooSoon"
  | "WorkloadRolling"
  | "ManagedByGitOps"
  | "Reverted"
  | "BaseUnknown";

export type Draft = Readonly<{
  /** One per container of the question, in its order; at first what is recommended, or what is there. */
  wishes: readonly ContainerResources[];
  /** Containers whose memory must go up now: what only waits does not hold it. */
  urgent: ReadonlySet<string>;
  /** The draft takes our own last write back: what only waits does not hold it. */
  goingBack: boolean;
}>;

export type DraftMove = Readonly<{
  container: string | undefined;
  before?: Resources;
  after?: Resources;
  why: string;
  reason: RequestReason;
}>;

export type RequestVerdict = Readonly<{ draft: Draft; moves: readonly DraftMove[] }>;

export type RequestRail = Readonly<{
  name: RequestRailName;
  /** One sentence for the list of deliberate improvements. */
  rule: string;
  /** What users of the VPA met. */
  answers: string;
  /** undefined when the rail has nothing to say. */
  apply(draft: Draft, question: RequestQuestion): RequestVerdict | undefined;
}>;

/** What becomes of one container; `wish` may be what it was, when there is only something to say. */
export type Judgement = Readonly<{ wish: Resources; why: string; reason: RequestReason }>;

export const stateOf = ({ containers }: RequestQuestion, name: string): ContainerState =>
  must(
    containers.find((state) => state.name === name),
    `the question holds container ${name}`,
  );

export const policyOf = ({ spec }: RequestQuestion, name: string): ContainerPolicy =>
  policyFor(spec.containers, name);

/** Judges container by container; undefined when there is nothing to say of any. */
export function perContainer(
  draft: Draft,
  question: RequestQuestion,
  judge: (wish: ContainerResources, state: ContainerState) => Judgement | undefined,
): RequestVerdict | undefined {
  const moves: DraftMove[] = [];
  const wishes = draft.wishes.map((wish) => {
    const judgement = judge(wish, stateOf(question, wish.container));
    if (judgement === undefined) return wish;
    moves.push(moveOf(wish, judgement));
    return { ...judgement.wish, container: wish.container };
  });
  return moves.length === 0 ? undefined : { draft: { ...draft, wishes }, moves };
}

/**
 * Nothing is written now, but what must not wait: each container keeps what it has, and only the memory of an
 * urgent one goes up. undefined when nothing was to be written, or all of it must not wait.
 */
export function holdAll(
  draft: Draft,
  question: RequestQuestion,
  { reason, why }: Readonly<{ reason: RequestReason; why: string }>,
): RequestVerdict | undefined {
  if (draft.goingBack) return undefined;
  const wishes = draft.wishes.map((wish) => heldWish(draft, question, wish));
  const held = draft.wishes.filter((wish, at) => !isSame(wish, must(wishes[at], "one for each")));
  if (held.length === 0) return undefined;
  return { draft: { ...draft, wishes }, moves: [{ container: undefined, why, reason }] };
}

function heldWish({ urgent }: Draft, question: RequestQuestion, wish: ContainerResources) {
  const present = presentOf(question, wish.container);
  return urgent.has(wish.container) ? withPartOf(present, "memory", wish) : present;
}

export const presentOf = (question: RequestQuestion, container: string): ContainerResources => ({
  ...stateOf(question, container).present,
  container,
});

/**
 * A wish with another request of one resource, and the limit that goes with it: in proportion to the base,
 * and left alone where only requests are controlled. A limit that a rail holds up is not lowered by a higher
 * request.
 */
export function withRequest(
  wish: ContainerResources,
  part: Readonly<{ resource: ResourceName; to: number; state: ContainerState }>,
  { controlledValues }: ContainerPolicy,
): ContainerResources {
  const { resource, to, state } = part;
  const requests = withAmount(wish.requests, resource, to);
  const limit = wish.limits[resource];
  if (controlledValues === "RequestsOnly" || limit === undefined) return { ...wish, requests };
  const proportional = proportionalLimit(partOf(state.base, resource), to) ?? limit;
  const raises = to > (wish.requests[resource] ?? 0);
  const kept = raises ? Math.max(limit, proportional) : proportional;
  return { ...wish, requests, limits: withAmount(wish.limits, resource, kept) };
}

function moveOf(wish: ContainerResources, { wish: to, why, reason }: Judgement): DraftMove {
  const { container } = wish;
  if (isSame(wish, to)) return { container, why, reason };
  return { container, before: plain(wish), after: plain(to), why, reason };
}

/**
 * As the VPA's rule for limits takes it: where the namespace has a default limit, the API server has filled
 * it in.
 */
const partOf = ({ requests, limits }: Resources, resource: ResourceName) => ({
  request: requests[resource],
  limit: limits[resource],
  defaultLimit: undefined,
});

const plain = ({ requests, limits }: Resources): Resources => ({ requests, limits });
