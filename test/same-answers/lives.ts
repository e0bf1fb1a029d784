/**
 * Containers as a kubelet sees them: what they have used, when that was measured, and since when they run.
 *
 * Invariant: a life's stamps rise by more than a second; what is said of it follows from the seed and the round.
 */
import type { Random } from "../../src/base/random.ts";
import { type ContainerSaid, cpuText, memoryText, startText } from "./exposition.ts";

/** Between two rounds, by the kubelets' clock, and the resolution of both readers. */
export const ROUND_MILLIS = 11_000;
const LAG_MILLIS_MAX = 9_000;
/** So that two stamps of a container are never less than ten seconds apart. */
const JITTER_MILLIS_MAX = 900;
const PAGE = 4096;

/** `start` in milliseconds, with parts; NaN when the kubelet does not tell it. CPU in nanoseconds. */
export type Life = { container: string; lag: number; cpu: number; memory: number; at: number; start: number };
export type Moment = Readonly<{ base: number; random: Random }>;

export const below = (random: Random, limit: number): number => Math.floor(random.next() * limit);

export function chosen<T>(random: Random, from: readonly T[]): T {
  const one = from[below(random, from.length)];
  if (one === undefined) throw new Error("nothing to choose from");
  return one;
}

/** `age` at its first stamp, in milliseconds. */
export function born(container: string, age: number, { base, random }: Moment): Life {
  const lag = below(random, LAG_MILLIS_MAX);
  const at = base - lag + below(random, JITTER_MILLIS_MAX);
  return {
    container,
    lag,
    at,
    start: at - age,
    cpu: 1 + below(random, age * 1e5),
    memory: someMemory(random),
  };
}

/** Measured again, after some work. */
export function advance(life: Life, { base, random }: Moment): void {
  life.at = base - life.lag + below(random, JITTER_MILLIS_MAX);
  life.cpu += 3e9 + below(random, 2e10);
  life.memory = someMemory(random);
}

/** Measured again, without any work. */
export function idle(life: Life, { base, random }: Moment): void {
  life.at = base - life.lag + below(random, JITTER_MILLIS_MAX);
}

/**
 * It ended and began again, `age` before its next stamp, at the earliest just after its last one. At its very moment it
 * would depend on the last bits of a double whether that is a restart.
 */
export function restart(life: Life, age: number, { base, random }: Moment): void {
  const last = life.at;
  life.at = base - life.lag + below(random, JITTER_MILLIS_MAX);
  life.start = Math.max(life.at - age, last + 1);
  life.cpu = 1 + below(random, (life.at - life.start) * 1e5);
  life.memory = someMemory(random);
}

/** Whole pages mostly, and numbers that no unit divides. */
function someMemory(random: Random): number {
  const pages = (1 + below(random, 2 ** 18)) * PAGE;
  return chosen(random, [pages, pages, 1000, 1, 1024 * 1024, pages + 1, 2 ** 31]);
}

export type Place = Readonly<{ namespace: string; pod: string }>;

/** As lines; `memoryAt` is later than `cpuAt` by a little, as a kubelet's sometimes is: the later line's stamp counts. */
export function saidOf(life: Life, place: Place): ContainerSaid {
  const { container, cpu, memory, at, start } = life;
  const said = {
    ...place,
    container,
    cpu: cpuText(cpu),
    memory: memoryText(memory),
    cpuAt: at - (at % 3),
    memoryAt: at,
  };
  return Number.isNaN(start) ? said : { ...said, start: startText(start) };
}
