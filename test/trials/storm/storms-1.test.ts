/** Storms that failed once, then half of the 300 storms of every test run; the other half runs beside it. */
import { expect, test } from "vitest";
import { readKept } from "./kept.ts";
import { describeWeather, runStorm } from "./storm.ts";
import { testStorms } from "./storms.ts";

for (const { name, problem, weather } of readKept())
  test(`a storm that failed once does so no more: ${name}, ${problem}`, async () => {
    const { problems } = await runStorm(weather);
    expect(problems, describeWeather(weather)).toEqual([]);
  });

testStorms(1, 150);
