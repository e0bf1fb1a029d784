/** Storms that failed once, then half of the 300 storms of every test run; the other half runs beside it. */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { parseScenario } from "../../../src/sim/scenario/scenario.ts";
import { scenarioTextOf, weatherOf } from "./scenario-text.ts";
import { drawWeather } from "./weather.ts";
import { readKept } from "./kept.ts";
import { describeWeather, runStorm } from "./storm.ts";
import { testStorms } from "./storms.ts";

for (const { name, title, weather } of readKept())
  test(`a storm that failed once does so no more: ${name}, ${title}`, async () => {
    const { problems } = await runStorm(weather);
    expect(problems, describeWeather(weather)).toEqual([]);
  });

test("a weather that is written as a scenario and read again is the same", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const weather = drawWeather(seed, { hours: 1 });
    const outcome = parseScenario(must(scenarioTextOf(weather, "a title"), "an hour can be kept"));
    if (outcome.kind === "invalid") expect.fail(JSON.stringify(outcome.problems));
    expect(weatherOf(outcome.scenario)).toEqual(weather);
  }
});

testStorms(1, 150);
