/** A failing weather is made as small as its failure allows, and stays the failure that it was. */
import { expect, test } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { shrink } from "./shrink.ts";
import { drawWeather, LOAD_STAYS_FOR, type Weather } from "./weather.ts";

const seeds = [1, 7, 12, 30];
const has = ({ workloads }: Weather, name: string): boolean =>
  workloads.some(({ blueprint }) => blueprint.target.name === name);
const lastStep = ({ workloads }: Weather): number =>
  Math.max(
    ...workloads.flatMap(({ blueprint: { load } }) =>
      load.cpu.kind === "step" ? load.cpu.points.map(({ at }) => at) : [],
    ),
  );

test.each(seeds)("the one fault that a failure needs is what is left, seed %i", async (seed) => {
  const weather = drawWeather(seed, { hours: 1 });
  const [needed] = weather.faults;
  const isThere = ({ faults }: Weather): boolean =>
    faults.some(({ kind, from }) => kind === needed?.kind && from === needed.from);
  const small = await shrink(weather, async (candidate) =>
    isThere(candidate) ? ["at 1s I1 default/apps/Deployment/web: broken"] : [],
  );
  expect(small.faults).toEqual([needed]);
  expect(small.workloads).toHaveLength(1);
  expect(small.calmFrom).toBeLessThan(millis(weather.calmFrom));
});

test.each(seeds)("in the calm of a smaller weather loads stay as they are, seed %i", async (seed) => {
  const small = await shrink(drawWeather(seed, { hours: 1 }), async () => ["at 1s L-answer default/web: no"]);
  expect(lastStep(small)).toBeLessThan(small.calmFrom - LOAD_STAYS_FOR);
});

test("what fails of another workload is another failure", async () => {
  const weather = drawWeather(7, { hours: 1 });
  expect([has(weather, "web"), has(weather, "api")]).toEqual([true, true]);
  const small = await shrink({ ...weather, faults: [] }, async (candidate) => [
    ...(has(candidate, "web") && has(candidate, "api") ? ["at 2s L-rest default/web: no"] : []),
    "at 1s L-rest default/api: no",
  ]);
  expect([has(small, "web"), has(small, "api")]).toEqual([true, true]);
});
