/**
 * The sources as text, for tests that compare a table with what the rooms spell.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../src/", import.meta.url));

/** Every source whose path begins with one of `rooms`, without comments, but for the tables themselves. */
export function sourcesOf(rooms: readonly string[], tables: readonly string[]): ReadonlyMap<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && rooms.some((room) => path.startsWith(room)) && !tables.includes(path),
  );
  return new Map(paths.map((path) => [path, withoutComments(readFileSync(join(root, path), "utf8"))]));
}

/** `[what was found, path]` for each match's first group that is there. */
export const spelled = (
  sources: ReadonlyMap<string, string>,
  pattern: RegExp,
): [name: string, path: string][] =>
  [...sources].flatMap(([path, text]) =>
    [...text.matchAll(pattern)].flatMap((match): [string, string][] => {
      const name = match.slice(1).find((group) => group !== undefined);
      return name === undefined ? [] : [[name, path]];
    }),
  );

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1");
