/**
 * Storms that once failed, made small: each is played before all others, for ever.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Weather } from "./weather.ts";

export type Kept = Readonly<{ name: string; problem: string; weather: Weather }>;

const folder = new URL("../../sim/regressions/", import.meta.url);

export function readKept(): readonly Kept[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.toSorted().map((file) => {
    const { problem, weather } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Omit<
      Kept,
      "name"
    >;
    return { name: file.replace(".json", ""), problem, weather };
  });
}

/** Answers where it is kept. */
export function keep(problem: string, weather: Weather): string {
  mkdirSync(folder, { recursive: true });
  const file = new URL(`seed-${weather.seed}.json`, folder);
  writeFileSync(file, `${JSON.stringify({ problem, weather }, null, 2)}\n`);
  return file.pathname;
}
