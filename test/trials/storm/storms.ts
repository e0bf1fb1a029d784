/**
 * A share of the storms of every test run, as tests: one a seed, and one on what they covered together.
 */
import { afterAll, expect, test } from "vitest";
import { describeWeather, runStorm } from "./storm.ts";
import { addStorm, missingIn, noStorms, sentenceOf, sentenceOfShapes } from "./totals.ts";
import { drawWeather } from "./weather.ts";

export function testStorms(from: number, count: number): void {
  const totals = noStorms();
  let playedFor = 0;
  const seeds = Array.from({ length: count }, (_, at) => from + at);

  test.each(seeds)("an hour of storms and the calm after it, seed %i", async (seed) => {
    const weather = drawWeather(seed, { hours: 1 });
    const began = performance.now();
    const result = await runStorm(weather);
    playedFor += (performance.now() - began) / 1000;
    addStorm(totals, result);
    expect(result.problems, describeWeather(weather)).toEqual([]);
  });

  test("every kind of fault took effect, every shape of workload was there, and every invariant had something to judge", () => {
    expect(totals.seeds).toBe(count);
    expect(missingIn(totals)).toEqual([]);
  });

  afterAll(() => {
    const pace = `${(totals.seeds / playedFor).toFixed(2)} seeds a second in ${playedFor.toFixed(0)} s`;
    console.log(`${sentenceOf(totals)}; ${pace}\n${sentenceOfShapes(totals)}`);
  });
}
