/**
 * The Dockerfile beside what it is given: everything that its steps read gets through .dockerignore.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const dockerfile = read("Dockerfile");
const allowed = read(".dockerignore")
  .split("\n")
  .filter((line) => line.startsWith("!"))
  .map((line) => line.slice(1));
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

test("the build finds every file that it names", () => {
  expect(read(".dockerignore")).toMatch(/^\*$/m);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = ""]) =>
    files.split(" "),
  );
  const run = ["prebuild", "build"].map((script) => (scripts[script] ?? "").split(" ").at(-1) ?? "");
  const built = read("build.ts").match(/ENTRY = "(\w+)\//)?.[1] ?? "";
  for (const file of [...copied.filter((name) => name !== "."), ...run, built, "LICENSE"])
    expect(allowed, file).toContain(file);
});

test("both bases can be replaced, no frontend is fetched, and nobody is root", () => {
  expect(dockerfile).toMatch(/^ARG BUILD_BASE=node:24/m);
  expect(dockerfile).toMatch(/^ARG BASE=gcr\.io\/distroless\/nodejs24.*:nonroot$/m);
  expect(dockerfile).not.toMatch(/^#\s*syntax/m);
  expect(dockerfile).toMatch(/^USER \d{4,}:\d{4,}$/m);
});
