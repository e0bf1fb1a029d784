/**
 * Makes a failing weather smaller, as long as the same invariant is broken of the same object: fewer faults, then
 * fewer workloads, then less time.
 *
 * Invariant: in the calm of a smaller weather loads stay as they are, as in that of any other.
 */
import { type Millis, millis, minutes } from "../../../src/base/units.ts";
import type { Shape } from "../../../src/sim/kubelet/load.ts";
import type { Load } from "../../../src/sim/model/blueprint.ts";
import { LOAD_STAYS_FOR, type Weather } from "./weather.ts";

/** What a problem begins with after its moment: the invariant that was broken, and of which object. */
export const kindOf = (problem: string): string => problem.replace(/^at \d+s /, "").split(":")[0] ?? "";

/** @param fails plays a weather and answers its problems. */
export async function shrink(
  weather: Weather,
  fails: (weather: Weather) => Promise<readonly string[]>,
): Promise<Weather> {
  const [first = ""] = await fails(weather);
  const failsAlike = async (candidate: Weather): Promise<boolean> =>
    (await fails(candidate)).some((problem) => kindOf(problem) === kindOf(first));
  let smallest = weather;
  for (let found: Weather | undefined = weather; found !== undefined;) {
    found = undefined;
    for (const candidate of smallerThan(smallest))
      if (await failsAlike(candidate)) {
        found = smallest = candidate;
        break;
      }
  }
  return smallest;
}

function* smallerThan(weather: Weather): Generator<Weather> {
  const { faults, workloads, standby, calmFrom } = weather;
  if (faults.length > 3) {
    const half = faults.length >> 1;
    yield { ...weather, faults: faults.slice(0, half) };
    yield { ...weather, faults: faults.slice(half) };
  }
  for (const dropped of faults) yield { ...weather, faults: faults.filter((fault) => fault !== dropped) };
  for (const dropped of workloads) {
    const name = dropped.blueprint.target.name;
    if (workloads.length > 1 && !faults.some(({ on }) => on === name))
      yield { ...weather, workloads: workloads.filter((one) => one !== dropped) };
  }
  if (standby) yield { ...weather, standby: false };
  const last = Math.max(0, ...faults.map(({ until }) => until));
  const sooner = millis(Math.max(last, minutes(10)) + minutes(3));
  if (sooner < calmFrom) yield calmSooner(weather, sooner);
}

function calmSooner(weather: Weather, calmFrom: Millis): Weather {
  const until = millis(calmFrom - LOAD_STAYS_FOR);
  const workloads = weather.workloads.map(({ blueprint, policy }) => {
    const { load } = blueprint;
    return { policy, blueprint: { ...blueprint, load: staying(load, until) } };
  });
  return { ...weather, calmFrom, workloads };
}

/** A load's steps from `until` on are left out. */
const stayingFrom = (shape: Shape, until: Millis): Shape =>
  shape.kind === "step" ? { ...shape, points: shape.points.filter(({ at }) => at < until) } : shape;

const staying = (load: Load, until: Millis): Load => ({
  ...load,
  cpu: stayingFrom(load.cpu, until),
  memory: load.memory && stayingFrom(load.memory, until),
});
