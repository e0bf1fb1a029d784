/**
 * docs/fail-safe.md: the rows of test/fail-safe/, for whoever was woken by one of them.
 */
import { SECTIONS } from "../test/fail-safe/rows.ts";
import type { Row } from "../test/fail-safe/rows.ts";
import { THREATS } from "../test/fail-safe/threats.ts";
import { code, markdownTable } from "./markdown.ts";

const HEADER = ["", "when", "what Plimsoll does", "where you see it", "tests"];

export function renderFailSafeDoc(): string {
  const sections = SECTIONS.map(({ title, rows }) => `## ${title}\n\n${tableOf(rows)}`).join("\n\n");
  return `<!-- Written by \`npm run generate\` from test/fail-safe/. -->

# When something goes wrong

Every row is a condition that somebody has met, what Plimsoll does then, and the tests that hold it to that. The rules behind
all of them:

- What is missing is never zero. An increase may rest on part of the evidence, a decrease rests on all of it or does not happen.
- When in doubt, replicas stay as they are. Every hold has a condition with a reason (docs/reasons.md), and
  \`plimsoll_policy_held_since_seconds\` says since when.
- Nothing is queued to be written later: what is written was decided a moment before, on what was there then.
- One object's trouble is never another's.

If you were woken: \`kubectl get sp -A\` shows which policies are not Ready, \`kubectl describe sp NAME\` says why in a sentence. To
stop a policy at once set \`mode: Paused\`; to take replicas into your own hands, do that first and then scale.

${sections}

## Who might mean harm

${tableOf(THREATS)}

A test of its row's name can be run alone: \`npx vitest run -t F09\`.
`;
}

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.row, row.condition, doesOf(row), row.shows, testsOf(row)]);
  return markdownTable(HEADER, cells);
}

const doesOf = ({ does, notYet }: Row): string =>
  notYet === undefined ? does : does === "nothing yet" ? notYet : `${does}. Not yet: ${notYet}`;

function testsOf({ row, own, also = [] }: Row): string {
  const named = own === undefined ? [] : [`${code(own)}: ${row} …`];
  return [...named, ...also.map(({ file, name }) => `${code(file)}: ${name}`)].join("; ");
}
