/**
 * The architecture as a test: who may import whom, what is pure, how long things may get, and that
 * importing a module does nothing. A file without a row here fails.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../src/", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted();

/** Folder (or top-level file) → what it may import besides itself. Upstream only; the worlds never meet. */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  base: "",
  policy: "base",
  cluster: "base",
  store: "base",
  scrape: "base cluster store",
  usage: "base cluster store",
  horizontal: "base policy usage",
  vertical: "base policy cluster usage",
  coordinate: "base policy cluster usage horizontal vertical",
  actuate: "base cluster coordinate",
  report: "base policy cluster usage horizontal vertical coordinate actuate",
  reconcile: "base policy cluster scrape store usage horizontal vertical coordinate actuate report",
  real: "base policy cluster scrape store usage vertical coordinate actuate report reconcile rightsizing serve",
  sim: "base policy cluster scrape store usage horizontal vertical coordinate actuate report reconcile",
  figures: "base",
  import: "base cluster policy",
  lint: "base cluster policy import",
  rightsizing: "base policy cluster store usage vertical",
  serve: "base policy cluster store usage report",
  "version.ts": "",
  "operator-flags.ts": "base scrape serve",
  "compose.ts":
    "version.ts base policy cluster scrape store usage horizontal vertical coordinate actuate report reconcile serve",
  "operator.ts": "version.ts operator-flags.ts base scrape reconcile real serve compose.ts",
  cli: "version.ts base policy cluster usage vertical coordinate figures import lint rightsizing real report reconcile serve sim compose.ts",
  "main.ts": "cli operator.ts operator-flags.ts",
};

/** Folders in which nothing waits, tells the time, throws dice, reads the environment or logs. */
const PURE = [
  "base", "policy", "cluster", "store", "scrape", "usage", "horizontal", "vertical", "coordinate", "actuate", "report", "reconcile",
  "figures", "import", "lint", "rightsizing",
]; // prettier-ignore
const IMPURE_WORDS =
  /\bDate\b|\bMath\.random\b|\bprocess\b|\bperformance\b|\bsetTimeout\b|\bsetInterval\b|from "node:|\bconsole\b/;
const WAITING_WORDS = /\basync\b|\bawait\b/;
/** The only places in the river that wait. */
const MAY_WAIT = /(^|\/)(driver|[a-z-]+-driver|port)\.ts$/;
/** Formatting a given moment is pure; reading the clock is not. */
const MAY_SAY_DATE = ["base/rfc3339.ts"];

/** Files over the line when the rule was written, with their length then: they may shrink, not grow. */
const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const FOLDER_FILES_MAX = 12;
const LONGER_BY_NATURE: Readonly<Record<string, number>> = {};
/** A folder that holds more files than its budget, and why. */
const WIDER_BY_NATURE: Readonly<Record<string, number>> = {};

/** Lines that prettier leaves long (prose in strings and comments), outside of tables: fewer is better. */
const LINE_CHARACTERS_MAX = 110;
const LONG_LINES_MAX = 28;
/** Tables of prose, one sentence an entry, from which documents are generated. */
const TABLES = [
  "coordinate/rails/",
  "coordinate/requests/rails/",
  "policy/behavior-schema.ts",
  "policy/metric-schema.ts",
  "policy/schema.ts",
  "policy/vertical/schema.ts",
  "policy/vertical/spec-rules.ts",
  "report/event-reasons.ts",
  "report/reasons.ts",
  "report/series.ts",
  "report/vertical/reasons.ts",
];

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const folderOf = (file: string): string => file.split("/")[0] ?? file;
/** The source without comments and strings, so that prose may name what code may not. */
const codeOf = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1");

describe.each(files)("src/%s", (file) => {
  const source = read(file);
  const code = codeOf(source);

  test("imports only from upstream", () => {
    const folder = folderOf(file);
    expect(MAY_IMPORT, "every folder has a row").toHaveProperty([folder]);
    const allowed = [folder, ...(MAY_IMPORT[folder] ?? "").split(" ")];
    for (const [, target = ""] of source.matchAll(/(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g))
      expect(allowed, `${file} imports ${target}`).toContain(
        folderOf(normalize(join(dirname(file), target))),
      );
  });

  if (PURE.includes(folderOf(file)))
    test("touches neither time, chance nor the outside", () => {
      const words = MAY_SAY_DATE.includes(file) ? code.replace(/\bDate\b/g, "") : code;
      expect(words.match(IMPURE_WORDS)?.[0]).toBeUndefined();
      if (!MAY_WAIT.test(file)) expect(code.match(WAITING_WORDS)?.[0]).toBeUndefined();
    });

  test("stays small", () => {
    const lines = source.split("\n");
    expect(lines.length).toBeLessThanOrEqual(LONGER_BY_NATURE[file] ?? FILE_LINES_MAX);
    expect(longestFunction(lines), "lines of the longest function").toBeLessThanOrEqual(FUNCTION_LINES_MAX);
  });

  test("opens with what is true here", () => {
    expect(source.replace(/^#!.*\n/, "")).toMatch(/^\/\*\*/);
  });

  test("has no barrel, default export, enum or class hierarchy", () => expectPlainModule(code));
});

describe.each(["test", "generate"])("%s", (folder) => {
  const base = join(root, "..", folder);
  const modules = readdirSync(base, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.includes("node_modules"),
  );

  test.each(modules.toSorted())("%s has no barrel, default export, enum or class hierarchy", (file) =>
    expectPlainModule(codeOf(readFileSync(join(base, file), "utf8"))),
  );
});

test("long lines become fewer", () => {
  const long = files
    .filter((file) => !TABLES.some((table) => file.startsWith(table)))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((line, at) => (line.length > LINE_CHARACTERS_MAX ? [`${file}:${at + 1}`] : [])),
    );
  expect(long.length, long.join(" ")).toBeLessThanOrEqual(LONG_LINES_MAX);
});

test("folders hold a readable number of files, and none is named for nothing", () => {
  const folders = Map.groupBy(files, (file) => dirname(file));
  for (const [folder, members] of folders) {
    expect(members.length, `files in src/${folder}`).toBeLessThanOrEqual(
      WIDER_BY_NATURE[folder] ?? FOLDER_FILES_MAX,
    );
    expect(folder).not.toMatch(/(^|\/)(utils?|helpers?|common|types|misc|shared|lib)$/);
  }
  expect(files.filter((file) => /(^|\/)(index|utils?|helpers?|types|common)\.ts$/.test(file))).toEqual([]);
});

test("zod parses at the edges only", () => {
  const users = files.filter((file) => /from "zod"/.test(read(file)));
  expect(users.filter((file) => !/^(policy|real|serve|cli)\//.test(file))).toEqual([]);
});

test("the demo and the operator share one composition, and differ only in the world they pass", () => {
  expect(read("operator.ts")).toMatch(/from "\.\/compose\.ts"/);
  expect(read("cli/demo.ts")).toMatch(/from "\.\.\/compose\.ts"/);
  expect(reachable("compose.ts").filter((file) => /^(real|sim|cli)\//.test(file))).toEqual([]);
});

test("importing any module does nothing: no timer, handle or output is left", () => {
  const modules = files.filter((file) => file !== "main.ts").map((file) => join(root, file));
  const script = `
    for (const file of ${JSON.stringify(modules)}) await import(file);
    const left = process.getActiveResourcesInfo().filter((name) => !/^(TTYWrap|PipeWrap|FSReqPromise)$/.test(name));
    if (left.length > 0) throw new Error("left running: " + left.join(", "));`;
  expect(execFileSync("node", ["--input-type=module", "--eval", script], { encoding: "utf8" })).toBe("");
}, 30_000);

function expectPlainModule(code: string): void {
  expect(code).not.toMatch(/^export \* from|^export default|^\s*(const )?enum /m);
  expect(code).not.toMatch(/\bclass \w+(<[^>]*>)? extends (?!Error\b)/);
}

/** The files that `start` imports, directly or not, type imports included. */
function reachable(start: string): string[] {
  const seen = new Set<string>();
  const queue = [start];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const [, target = ""] of read(file).matchAll(/from "(\.{1,2}\/[^"]+)"/g))
      queue.push(normalize(join(dirname(file), target)));
  }
  return [...seen];
}

/** By indentation, which prettier guarantees: from a line that opens a function body to the line that closes it. */
function longestFunction(lines: readonly string[]): number {
  let longest = 0;
  lines.forEach((line, start) => {
    if (
      !/(\bfunction\b.*|=> |\)(: [^=]+)? )\{$/.test(line) ||
      /^\s*(if|for|while|switch|\} else|return \{)/.test(line)
    )
      return;
    if (/\b(describe|class|interface|type)\b/.test(line)) return;
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    const end = lines.findIndex((other, at) => at > start && other.startsWith(`${indent}}`));
    if (end > 0) longest = Math.max(longest, end - start - 1);
  });
  return longest;
}
