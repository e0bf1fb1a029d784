/** The rows of kept.json: cases on which we once differed from upstream, with upstream's answer. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Answer, Case } from "./case.ts";

export type Kept = Readonly<{ case: Case; upstream: Answer }>;

/** Whether the VPA's program answers it. */
export const isVpaCase = ({ kind }: Case): boolean =>
  kind === "recommendation" || kind === "fit" || kind === "bucket";

const file = new URL("kept.json", import.meta.url);

export const readKept = (): readonly Kept[] => JSON.parse(readFileSync(file, "utf8")) as Kept[];

/** Adds the rows whose case is not there yet, and says how many. */
export function addKept(found: readonly Kept[]): number {
  const kept = readKept();
  const known = new Set(kept.map((row) => JSON.stringify(row.case)));
  const added = found.filter((row) => !known.has(JSON.stringify(row.case)));
  const rows = [...kept, ...added.map(({ case: one, upstream }) => ({ case: one, upstream }))];
  writeFileSync(file, `${JSON.stringify(rows, undefined, 2)}\n`);
  return added.length;
}
