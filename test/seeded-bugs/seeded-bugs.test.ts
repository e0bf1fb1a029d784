/**
 * The seeded bugs themselves: that each still fits the source, and that each class of faults has some. Whether the
 * suites catch them is a run of its own (`npm run seeded-bugs`).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CLASSES, readBugs } from "./bug.ts";
import { applyPatch } from "./scratch.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bugs = readBugs();

test.each(bugs)("$name still fits the source, and touches nothing else", ({ path }) => {
  applyPatch(root, path, "--check");
  const touched = readFileSync(path, "utf8").matchAll(/^\+\+\+ b\/(.+)$/gm);
  for (const [, file] of touched) expect(file).toMatch(/^src\//);
});

describe("there are enough of them", () => {
  test("25 in all", () => {
    expect(bugs.length).toBeGreaterThanOrEqual(25);
  });

  test.each(CLASSES)("two of the class: %s", (kind) => {
    expect(bugs.filter((bug) => bug.kind === kind).length).toBeGreaterThanOrEqual(2);
  });
});
