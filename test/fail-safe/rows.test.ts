/**
 * The fail-safe rows and the threats are whole: each is tested, or says what it waits for; each test that is
 * named is there and runs.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FAIL_SAFE } from "./rows.ts";
import type { Row } from "./rows.ts";
import { THREATS } from "./threats.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ROWS: readonly Row[] = [...FAIL_SAFE, ...THREATS];
const sourceOf = (file: string): string => readFileSync(root + file, "utf8");

/** A test, a table of tests or a group with this title; of a scenario, what its first line tells. */
function hasTest(file: string, name: string): boolean {
  const source = sourceOf(file);
  if (file.endsWith(".scenario")) return source.startsWith(`# ${name}\n`);
  return ['"', "'", "`"].some((quote) => {
    const at = source.indexOf(`${quote}${name}${quote}`);
    return at > 0 && /(?:\b(?:test|describe)|[\])])\(\s*$/.test(source.slice(0, at));
  });
}

/** A test that was there bears the number of each row that has no other: `F02, F11 any metric without …`. */
const NUMBERED = /^[FS]\d\d(, [FS]\d\d)*(?= )/;

/** F01 to F57. */
const NUMBERS = Array.from({ length: 57 }, (_, n) => `F${String(n + 1).padStart(2, "0")}`);
/** The threats to what exists so far. */
const THREATENED = ["S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08", "S11", "S14", "S15", "S16", "S17", "S19",
  "S20", "S22", "S24", "S25", "S26", "S27", "S29", "S30"]; // prettier-ignore

test("every number has one row", () => {
  expect(FAIL_SAFE.map(({ row }) => row).toSorted()).toEqual(NUMBERS);
  expect(THREATS.map(({ row }) => row)).toEqual(THREATENED);
});

test.each(ROWS)(
  "$row is tested, or says what it waits for",
  ({ row, own, also = [], notYet, does, shows }) => {
    if (own === undefined && also.length === 0) return expect(notYet).toMatch(/^needs vertical actuation$/);
    const numbered = also.some(({ name }) => NUMBERED.exec(name)?.[0].split(", ").includes(row));
    expect(own !== undefined || numbered, "a test bears its number").toBe(true);
    for (const text of [does, shows]) expect(text.length).toBeGreaterThan(5);
    for (const { file, name } of also) {
      expect(existsSync(root + file), file).toBe(true);
      expect(hasTest(file, name), `${file}: ${name}`).toBe(true);
    }
    if (own === undefined) return;
    const source = sourceOf(own);
    expect(source).toContain(`nameOf("${row}")`);
    expect(source).not.toMatch(/\b(test|describe)\.(skip|todo|only|fails)\b/);
  },
);

test("how many there are", () => {
  const count = (rows: readonly Row[], matches: (row: Row) => boolean): number => rows.filter(matches).length;
  const isOwn = ({ own }: Row): boolean => own !== undefined;
  const isReferred = ({ own, also = [] }: Row): boolean => own === undefined && also.length > 0;
  const isLater = ({ own, also = [] }: Row): boolean => own === undefined && also.length === 0;
  for (const [what, rows] of [
    ["fail-safe rows", FAIL_SAFE],
    ["threats", THREATS],
  ] as const)
    console.log(
      `${what}: ${rows.length}; ${count(rows, isOwn)} by a test of their name, ` +
        `${count(rows, isReferred)} by tests that were there, ${count(rows, isLater)} not yet possible`,
    );
  expect(count(FAIL_SAFE, isLater)).toBe(7);
  expect(count(THREATS, isLater)).toBe(0);
});
