/**
 * Generated files are what their sources say, and nobody has edited them by hand.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GENERATED } from "../generate/files.ts";

test.each(GENERATED)("$path is fresh: `npm run generate` would not change it", ({ path, render }) => {
  const written = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  expect(written).toBe(render());
});

test("generating twice gives the same text", () => {
  for (const { render } of GENERATED) expect(render()).toBe(render());
});
