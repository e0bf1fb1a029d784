/**
 * What is remembered of one policy's writes of requests. Nothing of it is needed to be safe: after a restart what
 * is not known waits, or is read from the objects again.
 *
 * Invariant: memory is a value; looking at the world makes a new one, and only what happened changes it.
 */
import type { Uid } from "../../base/ids.ts";
import { elapsed, type EpochMillis, minutes } from "../../base/units.ts";
import { NO_WAVE, type Wave } from "../../actuate/requests/wave.ts";
import type { ContainerResources } from "../../coordinate/requests/plan.ts";
import type { RequestQuestion, Turn } from "../../coordinate/requests/question.ts";
import type { OomKill } from "../../usage/history/snapshot.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";

export type ApplyMemory = Readonly<{
  workload: Uid;
  wave: Wave;
  containers: ReadonlyMap<string, ContainerMemory>;
  lastWrite: RequestQuestion["lastWrite"];
}>;

export type ContainerMemory = Readonly<{
  ooms: readonly OomKill[];
  outsideSince: EpochMillis | undefined;
  turns: Readonly<Partial<Record<"cpu" | "memory", Turn>>>;
  memoryLimitLoweredAt: EpochMillis | undefined;
}>;

const OOMS_KEPT = minutes(24 * 60);
const NOTHING: ContainerMemory = {
  ooms: [],
  outsideSince: undefined,
  turns: {},
  memoryLimitLoweredAt: undefined,
};

export const startApplyMemory = (workload: Uid): ApplyMemory => ({
  workload,
  wave: NO_WAVE,
  containers: new Map(),
  lastWrite: undefined,
});

export const containerMemory = ({ containers }: ApplyMemory, name: string): ContainerMemory =>
  containers.get(name) ?? NOTHING;

/** A container as it is seen now: its newest kill, and its request beside its bounds. */
export type Sight = Readonly<{
  present: ContainerResources;
  recommendation: ContainerRecommendation | undefined;
  lastOom: OomKill | undefined;
}>;

export function afterSight(memory: ApplyMemory, sights: readonly Sight[], now: EpochMillis): ApplyMemory {
  const containers = new Map(memory.containers);
  for (const sight of sights) {
    const before = containerMemory(memory, sight.present.container);
    containers.set(sight.present.container, {
      ...before,
      ooms: withOom(before.ooms, sight.lastOom).filter(({ at }) => elapsed(at, now) < OOMS_KEPT),
      outsideSince: isOutside(sight) ? (before.outsideSince ?? now) : undefined,
    });
  }
  return { ...memory, containers };
}

/** Something was written, or may have been: `before` is what is gone. */
export function afterRequestWrite(
  memory: ApplyMemory,
  { before, to }: Readonly<{ before: readonly ContainerResources[]; to: readonly ContainerResources[] }>,
  now: EpochMillis,
): ApplyMemory {
  const containers = new Map(memory.containers);
  for (const wish of to) {
    const from = before.find(({ container }) => container === wish.container);
    if (from === undefined) continue;
    const known = containerMemory(memory, wish.container);
    const isLimitLowered = (wish.limits.memory ?? Infinity) < (from.limits.memory ?? 0);
    containers.set(wish.container, {
      ...known,
      turns: { ...known.turns, ...turnsOf(from, wish, now) },
      memoryLimitLoweredAt: isLimitLowered ? now : known.memoryLimitLoweredAt,
    });
  }
  return { ...memory, containers, lastWrite: { at: now, before } };
}

function withOom(known: readonly OomKill[], last: OomKill | undefined): readonly OomKill[] {
  return last === undefined || known.some(({ at }) => at === last.at) ? known : [...known, last];
}

const isOutside = ({ present, recommendation }: Sight): boolean =>
  recommendation !== undefined &&
  RESOURCES.some((name) => {
    const request = present.requests[name];
    const [low, high] = [recommendation.lowerBound[name], recommendation.upperBound[name]];
    return request !== undefined && (request < (low ?? 0) || request > (high ?? Infinity));
  });

function turnsOf(
  from: ContainerResources,
  to: ContainerResources,
  at: EpochMillis,
): ContainerMemory["turns"] {
  return Object.fromEntries(
    RESOURCES.flatMap((name) => {
      const [before, after] = [from.requests[name] ?? 0, to.requests[name] ?? 0];
      return before === after ? [] : [[name, { at, to: after > before ? "higher" : "lower" }]];
    }),
  );
}
