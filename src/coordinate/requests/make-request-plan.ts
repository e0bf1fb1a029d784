/**
 * Makes one plan for the requests of a workload: what is recommended, with the limits that go with it,
 * through the rails.
 *
 * Invariant: the same question gets the same plan; a plan with changes may be written as it stands, and every
 * other one says why not.
 */
import { RESOURCES } from "../../vertical/amount.ts";
import { differences, isSame } from "./amounts.ts";
import type { ContainerResources, RequestPlan, RequestRailMove, Resources } from "./plan.ts";
import type { ContainerState, RequestQuestion } from "./question.ts";
import { type Draft, policyOf, presentOf, type RequestReason, stateOf, withRequest } from "./rail.ts";
import { type RequestPassage, throughRequestRails } from "./rails.ts";
import { changesText } from "./wording.ts";

export function makeRequestPlan(question: RequestQuestion): RequestPlan {
  if (question.spec.apply.mode === "Off")
    return untouched("ApplyModeOff", "apply.mode is Off: requests are recommended, nothing is written");
  return planOf(question, throughRequestRails(firstDraft(question), question));
}

/** What is recommended of each container that may be changed; of any other, what it has. */
export function firstDraft(question: RequestQuestion): Draft {
  const wishes = question.containers.map((state) => firstWish(question, state));
  return { wishes, urgent: new Set(), goingBack: false };
}

/** Sidecars and ordinary init containers are recommended for, where they are, and not written. */
function firstWish(question: RequestQuestion, state: ContainerState): ContainerResources {
  const present = presentOf(question, state.name);
  const answer = question.proposal.containers.find(({ container }) => container === state.name);
  const policy = policyOf(question, state.name);
  if (answer?.kind !== "recommendation" || state.role !== "main") return present;
  return RESOURCES.reduce((wish, resource) => {
    const to = answer.target[resource];
    return to === undefined ? wish : withRequest(wish, { resource, to, state }, policy);
  }, present);
}

function planOf(question: RequestQuestion, { draft, moves }: RequestPassage): RequestPlan {
  const changes = changesOf(draft, question);
  const whys = [...new Set(moves.map(({ why }) => why))].join("; ");
  if (changes.length === 0) {
    const [reason, message]: readonly [RequestReason, string] = [
      moves.at(-1)?.reason ?? "AsRecommended",
      whys === "" ? "requests are as recommended" : whys,
    ];
    return { ...untouched(reason, message), moves: moves.map(told) };
  }
  const present = (container: string): Resources => carriedOf(container, changes, question);
  const sentence = `${changesText(changes, present)}${whys === "" ? "" : `; ${whys}`}`;
  return {
    changes,
    moves: moves.map(told),
    applying: { status: "True", reason: "Applying", message: sentence },
    sentence,
  };
}

/**
 * Once we have written, pods that carry something else follow those that we wrote: new ones start with the
 * template's values.
 */
function changesOf({ wishes }: Draft, question: RequestQuestion): readonly ContainerResources[] {
  const present = question.containers.map(({ name }) => presentOf(question, name));
  const moved = new Set(differences(wishes, present));
  const follows = (wish: ContainerResources): boolean =>
    question.lastWrite !== undefined &&
    stateOf(question, wish.container).others.some((one) => !isSame(one, wish));
  return wishes.filter((wish) => moved.has(wish) || follows(wish));
}

/** For the sentence: what it had, or what those carry that are to follow. */
function carriedOf(container: string, changes: readonly ContainerResources[], question: RequestQuestion) {
  const { present, others } = stateOf(question, container);
  const to = changes.find((change) => change.container === container);
  return to !== undefined && isSame(present, to)
    ? (others.find((one) => !isSame(one, to)) ?? present)
    : present;
}

function untouched(reason: RequestReason, message: string): RequestPlan {
  return {
    changes: [],
    moves: [],
    applying: { status: reason === "AsRecommended" ? "True" : "False", reason, message },
    sentence: message,
  };
}

/** What a reader is told of a rail; its reason is in the condition. */
function told({ rail, container, before, after, why }: RequestPassage["moves"][number]): RequestRailMove {
  return { rail, container, ...(before && { before }), ...(after && { after }), why };
}
