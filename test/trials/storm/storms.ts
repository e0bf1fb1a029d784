/**
 * A share of the storms of every test run, as tests: one a seed, and one on what they covered together.
 */
import { afterAll, expect, test } from "vitest";
import { describeWeather, runStorm } from "./storm.ts";
import { addStorm, missingIn, noStorms, sentenceOf, sentenceOfShapes } from "./totals.ts";
import { drawWeather } from "./weather.ts";

export function testStorms(from: number, count: number): void {
  const totals = noStorms();
  const seeds = Array.from({ length: count }, (_, at) => from + at);

  test.each(seeds)("an hour of storms and the calm after it, seed %i", async (seed) => {
    const weather = drawWeather(seed, { hours: 1 });
    const result = await runStorm(weather);
    addStorm(totals, result);
    expect(result.problems, describeWeather(weather)).toEqual([]);
  });

  test("every kind of fault took effect, every shape of workload was there, and every invariant had something to judge", () => {
    expect(totals.seeds).toBe(count);
    expect(missingIn(totals)).toEqual([]);
  });

  afterAll(() => console.log(`${sentenceOf(totals)}\n${sentenceOfShapes(totals)}`));
}
