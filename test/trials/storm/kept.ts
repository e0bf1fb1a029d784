/**
 * Storms that once failed, made small: each is played before all others, for ever. They are scenarios, whose first line
 * says what was broken.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseScenario } from "../../../src/sim/scenario/scenario.ts";
import { scenarioTextOf, weatherOf } from "./scenario-text.ts";
import type { Weather } from "./weather.ts";

export type Kept = Readonly<{ name: string; title: string; weather: Weather }>;

const folder = new URL("../../sim/regressions/", import.meta.url);
const ENDING = ".scenario";

export function readKept(): readonly Kept[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(ENDING));
  return files.toSorted().map((file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const outcome = parseScenario(text);
    if (outcome.kind === "invalid")
      throw new Error(`${file} is no scenario: ${JSON.stringify(outcome.problems)}`);
    const title = /^# (.*)/.exec(text)?.[1] ?? "without a title";
    return { name: file.slice(0, -ENDING.length), title, weather: weatherOf(outcome.scenario) };
  });
}

/** Answers where it is kept; undefined: a long run cannot be. */
export function keep(problem: string, weather: Weather): string | undefined {
  const text = scenarioTextOf(weather, `Seed ${weather.seed}: ${problem}`);
  if (text === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  const file = new URL(`seed-${weather.seed}${ENDING}`, folder);
  writeFileSync(file, text);
  return file.pathname;
}
