/** Our recommendation after a case's life, beside the VPA's. */
import type { ContainerRecommendation } from "../../../src/vertical/proposal.ts";
import { recommend } from "../../../src/vertical/recommend.ts";
import { requestTexts } from "../../../src/vertical/text.ts";
import type { Verdict } from "../verdict.ts";
import { equal } from "../verdict.ts";
import type { AmountsCase, ContainerAnswer, RecommendationCase, VpaAnswers } from "./case.ts";
import { compareCheckpoints, histogramOf, isAllButCrumbs, isYounger } from "./checkpoints.ts";
import { different, named, RESOURCES, worstOf } from "./names.ts";
import type { Replayed } from "./replay.ts";
import { againstReferences, questionOfVpa, replay } from "./replay.ts";

export function compareRecommendation(
  asked: RecommendationCase,
  upstream: VpaAnswers["recommendation"],
): Verdict {
  const replayed = replay(asked);
  const written = compareCheckpoints(asked, replayed, upstream.checkpoints);
  if (written.kind !== "equal") return written;
  const verdicts = asked.containers.map((name) => compareContainer(asked, replayed, { name, upstream }));
  return worstOf(verdicts);
}

type Which = Readonly<{ name: string; upstream: VpaAnswers["recommendation"] }>;

function compareContainer(asked: RecommendationCase, replayed: Replayed, which: Which): Verdict {
  const { name, upstream } = which;
  const theirs = upstream.containers.find((each) => each.name === name);
  const ours = answerOf(asked, replayed, name);
  if (ours === undefined && theirs === undefined) return equal(true);
  if (theirs === undefined) return different(name, ours, theirs);
  const fitting = measuredOnly(asked, theirs, ours);
  if (fitting === undefined) return different(name, ours, theirs);
  if (ours === undefined) return named("nothingMeasured");
  if (isSameContainer(ours, fitting)) return fitting === theirs ? equal(false) : named("nothingMeasured");
  return nameOf(asked, replayed, which) ?? different(name, ours, theirs);
}

/** Why a number differs. */
function nameOf(
  asked: RecommendationCase,
  replayed: Replayed,
  { name, upstream }: Which,
): Verdict | undefined {
  const theirs = upstream.containers.find((each) => each.name === name)!;
  const same = (other: Replayed): boolean => {
    const again = answerOf(asked, other, name);
    const fitting = measuredOnly(asked, theirs, again);
    return fitting !== undefined && (again === undefined || isSameContainer(again, fitting));
  };
  if (mixtures(replayed, HAIR).some(same)) return named("tie");
  const [own, final] = [replayed.histories.get(name)!, upstream.final[name]!];
  const isVanished =
    isYounger(own, final) || isAllButCrumbs(asked, againstReferences(own, final, asked.halfLives), final);
  const [cpu, memory] = [histogramOf(final.cpuHistogram), histogramOf(final.memoryHistogram)];
  const theirHistory = new Map(replayed.histories).set(name, { ...own, cpu, memory });
  const isTheirs = mixtures({ ...replayed, histories: theirHistory }, ROUNDING).some(same);
  return isVanished && isTheirs ? named("vanished") : undefined;
}

/** What sums of the same numbers in another order may differ by, and what a checkpoint's rounding may. */
const HAIR = 1e-12;
const ROUNDING = 2e-4;

const FIELDS = ["target", "lower", "upper", "uncapped"] as const;
function answerOf(asked: RecommendationCase, replayed: Replayed, name: string): ContainerAnswer | undefined {
  const found = recommend(questionOfVpa(asked, replayed)).containers.find(
    (each): each is ContainerRecommendation => each.container === name && each.kind === "recommendation",
  );
  return (
    found && {
      name,
      target: found.target,
      lower: found.lowerBound,
      upper: found.upperBound,
      uncapped: found.uncappedTarget,
      texts: requestTexts(found.target) as Record<string, string>,
    }
  );
}

const isSameContainer = (ours: ContainerAnswer, theirs: ContainerAnswer): boolean =>
  FIELDS.every((field) => isSame(ours[field], theirs[field])) &&
  RESOURCES.every((resource) => ours.texts[resource] === theirs.texts[resource]);

const isSame = (ours: AmountsCase, theirs: AmountsCase): boolean =>
  RESOURCES.every((resource) => ours[resource] === theirs[resource]);

/**
 * Their answer without the resources of which we say nothing: there it must be the minimum, or there is no such
 * answer.
 */
function measuredOnly(
  asked: RecommendationCase,
  theirs: ContainerAnswer,
  ours: ContainerAnswer | undefined,
): ContainerAnswer | undefined {
  const silent = RESOURCES.filter(
    (resource) => resource in theirs.target && !(resource in (ours?.target ?? {})),
  );
  if (silent.length === 0) return theirs;
  if (silent.some((resource) => theirs.uncapped[resource] !== minimumOf(asked, resource))) return undefined;
  const only = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([resource]) => !silent.includes(resource as "cpu")));
  return {
    name: theirs.name,
    target: only(theirs.target as Record<string, number>),
    lower: only(theirs.lower as Record<string, number>),
    upper: only(theirs.upper as Record<string, number>),
    uncapped: only(theirs.uncapped as Record<string, number>),
    texts: only(theirs.texts),
  };
}

/** A container's share of the pod's minimum, rounded as the case says. */
function minimumOf(
  { containers, policies, settings }: RecommendationCase,
  resource: "cpu" | "memory",
): number {
  const isAuto = (name: string): boolean =>
    (
      policies.find(({ container }) => container === name) ??
      policies.findLast(({ container }) => container === "*")
    )?.mode !== "Off";
  const share = 1 / containers.filter(isAuto).length;
  const [least, step] =
    resource === "cpu"
      ? [settings.minCPU, settings.roundCPU]
      : [settings.minMemoryMb * 2 ** 20, settings.roundMemory];
  return Math.ceil(Math.trunc(least * share) / step) * step;
}

/** The same weights against totals that are a hair larger or smaller: what ties may also come to. */
function mixtures(replayed: Replayed, hair: number): Replayed[] {
  const hairs = [1 - hair, 1, 1 + hair];
  return hairs.flatMap((cpu) => hairs.map((memory) => nudged(replayed, { cpu, memory })));
}

const nudged = (replayed: Replayed, by: Readonly<{ cpu: number; memory: number }>): Replayed => ({
  ...replayed,
  histories: new Map(
    Array.from(replayed.histories, ([name, history]) => {
      const cpu = { ...history.cpu, total: history.cpu.total * by.cpu };
      const memory = { ...history.memory, total: history.memory.total * by.memory };
      return [name, { ...history, cpu, memory }] as const;
    }),
  ),
});
