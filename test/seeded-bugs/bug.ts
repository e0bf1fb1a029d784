/**
 * Bugs that were put in on purpose, to see that the suites bite: one patch a bug, named after its class
 * (`03-memory-by-name.patch` is of class 3) and headed by a sentence that says what it breaks.
 *
 * Invariant: a bug breaks one thing that a careless change could break, and touches `src/` only.
 */
import { readdirSync, readFileSync } from "node:fs";
import { must } from "../../src/base/assert.ts";

/** The classes of faults that operators suffer from most, the commonest first. */
export const CLASSES: readonly string[] = [
  "stale view or time travel",
  "crash between two writes",
  "missed or merged events",
  "bad or extreme policy accepted",
  "bad metrics accepted",
  "second actor on the same field",
  "lost process memory",
  "API error taken for absence or success",
  "overlap of leaders",
  "one object stops all others",
];

export type Bug = Readonly<{
  name: string;
  /** Of `CLASSES`. */
  kind: string;
  /** What it breaks, in a sentence. */
  what: string;
  /** For `git apply`, which skips the sentence. */
  path: string;
}>;

const folder = new URL("./bugs/", import.meta.url);

/** In the order of their classes. */
export function readBugs(): readonly Bug[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".patch"));
  return files.toSorted().map((file) => {
    const [, number = "", name = ""] = must(
      /^(\d\d)-([a-z-]+)\.patch$/.exec(file),
      `${file} is named after its class`,
    );
    const path = new URL(file, folder).pathname;
    const [what = ""] = readFileSync(path, "utf8").split("\n");
    return { name, what, path, kind: must(CLASSES[Number(number) - 1], `${file} is of a class`) };
  });
}
