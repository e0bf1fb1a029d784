/** Storms that failed once, then half of the 300 storms of every test run; the other half runs beside it. */
import { expect, test } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { readKept } from "./kept.ts";
import { shrink } from "./shrink.ts";
import { describeWeather, runStorm } from "./storm.ts";
import { testStorms } from "./storms.ts";
import { drawWeather, type Weather } from "./weather.ts";

for (const { name, problem, weather } of readKept())
  test(`a storm that failed once does so no more: ${name}, ${problem}`, async () => {
    const { problems } = await runStorm(weather);
    expect(problems, describeWeather(weather)).toEqual([]);
  });

test("a failing weather is made as small as its failure allows", async () => {
  const weather = drawWeather(7, { hours: 1 });
  const [needed] = weather.faults;
  const judge = async ({ faults }: Weather): Promise<readonly string[]> =>
    faults.some(({ kind, from }) => kind === needed?.kind && from === needed.from)
      ? ["at 1s I1: broken"]
      : [];
  const small = await shrink(weather, judge);
  expect(small.faults).toEqual([needed]);
  expect(small.workloads).toHaveLength(1);
  expect(small.calmFrom).toBeLessThan(millis(weather.calmFrom));
});

testStorms(1, 150);
