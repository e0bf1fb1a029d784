/**
 * S14: no text that others write can stall a pattern: no pattern is made from it, and ours have no repetition
 * within a repetition nor two side by side that may take the same characters, over which the steps could grow faster
 * than the text. Texts of 50 kB are read in less than 10 ms.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/base/duration.ts";
import { readAmount } from "../../src/base/quantity.ts";
import { parseTime } from "../../src/base/rfc3339.ts";
import { printable } from "../../src/cli/view/text.ts";
import { parseSelector } from "../../src/cluster/selector.ts";
import { parsePolicy } from "../../src/policy/parse.ts";
import { cleanMessage } from "../../src/real/apiserver/message.ts";
import { nameOf } from "../fail-safe/row.ts";

const root = fileURLToPath(new URL("../../src/", import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts"),
);

/** Patterns made from text, by where: constants of their own file and nothing else. */
const MADE: Readonly<Record<string, number>> = {
  "cluster/selector.ts": 4,
  "policy/vertical/duration-field.ts": 1,
  "rightsizing/evidence/past-pods.ts": 5,
};

const codeOf = (path: string): string =>
  readFileSync(root + path, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");

/** Literals between a sign after which no division can stand and the flags. */
const LITERAL =
  /(?<=[=([,:!&|?]\s?)\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*(?=[\s,.;)\]])/g;

const REPETITION = /[*+R]|\{\d+,\d*\}/;
const INNERMOST = /\(([^()]*)\)([*+]|\{\d+,\d*\})?/;

const ATOM = /\\.|\[(?:[^\]\\]|\\.)*\]|[^\\[\]()*+?{}|^$]/y;
const ENDLESS = /[*+]|\{\d+,\}/y;
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCodePoint(code));

/** Two endless repetitions side by side that may take the same character: a*a*, [a-z]+\w*, .*.* */
function repeatsSideBySide(pattern: string): boolean {
  const plain = pattern.replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, "(");
  let before: ReadonlySet<string> = new Set();
  for (let at = 0; at < plain.length;) {
    const atom = matchAt(ATOM, plain, at);
    if (atom === undefined) {
      if (plain[at] === "|") before = new Set();
      at += 1;
      continue;
    }
    at += atom.length;
    const endless = matchAt(ENDLESS, plain, at) ?? "";
    at += endless.length;
    const isOptional = plain[at] === "?" && endless === "";
    const taken = new Set(
      endless === "" ? [] : ASCII.filter((sign) => new RegExp(`^${atom}$`, "s").test(sign)),
    );
    if (ASCII.some((sign) => before.has(sign) && taken.has(sign))) return true;
    if (!isOptional) before = taken;
  }
  return false;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** A group with `*`, `+` or `{n,}` in it that is itself repeated so: (a+)+, (a|b*)*, (.*,){3,}. */
function repeatsARepetition(pattern: string): boolean {
  let plain = pattern
    .replace(/\\./g, "e")
    .replace(/\[[^\]]*\]/g, "c")
    .replace(/[A-Z]/g, "e");
  for (let group = INNERMOST.exec(plain); group !== null; group = INNERMOST.exec(plain)) {
    const [whole, inside = "", repeated] = group;
    const repeats = REPETITION.test(inside);
    if (repeats && repeated !== undefined) return true;
    plain = plain.replace(whole, repeats || repeated !== undefined ? "R" : "g");
  }
  return false;
}

test.each([
  { pattern: "^(a+)+$", does: true },
  { pattern: "(?:[a-z]*,)*", does: true },
  { pattern: "(x{2,})+", does: true },
  { pattern: "(?:(a*)b)+", does: true },
  { pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$", does: false },
  { pattern: "(\\+|\\*)+", does: false },
  { pattern: "a+b+c*", does: false },
])("S14 the check of patterns: $pattern repeats a repetition: $does", ({ pattern, does }) => {
  expect(repeatsARepetition(pattern)).toBe(does);
});

test.each([
  { pattern: "a*a*", does: true },
  { pattern: "^[a-z]+\\w*$", does: true },
  { pattern: "(.*)(?:x?.+)", does: true },
  { pattern: "a+b+", does: false },
  { pattern: "\\d+\\.\\d*", does: false },
  { pattern: "a*|a*", does: false },
])("S14 the check of patterns: $pattern repeats side by side: $does", ({ pattern, does }) => {
  expect(repeatsSideBySide(pattern)).toBe(does);
});

const KB50 = 50_000;
const ATTACKS = [
  "a".repeat(KB50), `${"a".repeat(KB50)}!`, "1".repeat(KB50), `${"1".repeat(KB50)}x`, "a,".repeat(KB50 / 2),
  "((a)".repeat(KB50 / 4), `a in (${"b,".repeat(KB50 / 2)}`, `${"-a".repeat(KB50 / 2)}-`, "\u001b".repeat(KB50),
  `Bearer ${"=".repeat(KB50)}`, `eyJ${"a-".repeat(KB50 / 2)}`, `${"h://".repeat(KB50 / 4)}`, " ".repeat(KB50),
  `${"1h".repeat(KB50 / 2)}z`, `${"0".repeat(KB50)}.${"0".repeat(KB50)}E`, `2026-11-25T12:00:00.${"9".repeat(KB50)}`,
]; // prettier-ignore

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  parseSelector,
  parseTime,
  readAmount,
  parseDuration,
  cleanMessage,
  printable,
};
const MILLIS_MAX = 10;

/** CPU time of this process, of the best of five: what the machine does beside it counts little. */
function fastest(act: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    act();
    return process.cpuUsage(before).user / 1000;
  });
  return Math.min(...times);
}

/** Patterns of a file that are made are made of its constants. */
function expectConstants(path: string, count: number): void {
  const inserted = codeOf(path).match(/RegExp\(`[^`]*`\)/g) ?? [];
  expect(inserted, path).toHaveLength(count);
  for (const pattern of inserted) expect(pattern.match(/\$\{(?![A-Z]+\})/g), path).toBeNull();
}

test(nameOf("S14"), () => {
  let patterns = 0;
  let slowest = 0;
  const made: Record<string, number> = {};
  for (const path of sources) {
    const code = codeOf(path);
    for (const [, pattern = ""] of code.matchAll(LITERAL)) {
      patterns += 1;
      expect(repeatsARepetition(pattern), `${path}: /${pattern}/`).toBe(false);
      expect(repeatsSideBySide(pattern), `${path}: /${pattern}/, side by side`).toBe(false);
    }
    const count = code.match(/\bnew RegExp\(|\bRegExp\(/g)?.length ?? 0;
    if (count > 0) made[path] = count;
  }
  expect(made).toEqual(MADE);
  for (const [path, count] of Object.entries(MADE)) expectConstants(path, count);
  for (const text of ATTACKS) {
    const spec = {
      targetRef: { apiVersion: text, kind: text, name: text },
      horizontal: { maxReplicas: text },
    };
    expect(parsePolicy(spec).kind).not.toBe("valid");
    expect(cleanMessage(text).length).toBeLessThanOrEqual(300);
    expect(printable(text)).not.toContain("\u001b");
    for (const [reader, read] of Object.entries(READERS)) {
      const took = fastest(() => read(text));
      slowest = Math.max(slowest, took);
      expect(took, `${reader}, of ${text.slice(0, 20)}…`).toBeLessThan(MILLIS_MAX);
    }
  }
  console.log(
    `S14: ${patterns} patterns in ${sources.length} files, ${ATTACKS.length} texts of 50 kB and more, ` +
      `read in ${slowest.toFixed(1)} ms at most`,
  );
  expect(patterns).toBeGreaterThan(15);
});
