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
  const imported = [...read("build.ts").matchAll(/from "\.\/(\S+)"/g)].map(([, file = ""]) => file);
  expect(imported).not.toEqual([]);
  for (const file of [...copied.filter((name) => name !== "."), ...run, ...imported, built, "LICENSE"])
    expect(allowed, file).toContain(file);
});

test("both bases can be replaced, no frontend is fetched, and nobody is root", () => {
  expect(dockerfile).toMatch(/^ARG BUILD_BASE=node:24/m);
  expect(dockerfile).toMatch(/^ARG BASE=gcr\.io\/distroless\/nodejs24.*:nonroot$/m);
  expect(dockerfile).not.toMatch(/^#\s*syntax/m);
  expect(dockerfile).toMatch(/^USER \d{4,}:\d{4,}$/m);
});

test("any architecture is built on any, for nothing runs in the last stage", () => {
  expect(dockerfile).toMatch(/^FROM --platform=\$BUILDPLATFORM \$\{BUILD_BASE\} AS build$/m);
  const [, last = ""] = dockerfile.split(/^FROM \$\{BASE\}$/m);
  expect(last).not.toMatch(/^RUN/m);
  // and nothing that belongs to one architecture is copied into it
  const copied = [...last.matchAll(/^COPY (.*)$/gm)].flatMap(([, words = ""]) =>
    words.split(" ").slice(1, -1),
  );
  expect(copied.map((file) => /\.(mjs|mjs\.map|json)$|\/LICENSE$/.test(file))).toEqual(
    copied.map(() => true),
  );
});

test("a secret is mounted for npm alone, and no layer keeps it", () => {
  expect(dockerfile.match(/--mount=\S+/g)).toEqual(["--mount=type=secret,id=npmrc"]);
  expect(dockerfile).toMatch(
    /^RUN --mount=\S+ NPM_CONFIG_USERCONFIG=\/run\/secrets\/npmrc npm ci --ignore-scripts$/m,
  );
});
