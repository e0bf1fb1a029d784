/**
 * `npm run oracle -- [--of hpa|vpa] [--cases N] [--seed S]`: N random cases through upstream's Go code and through
 * ours, of each upstream unless one is named. Prints a table; a difference is shrunk, kept in kept.json and makes the
 * run fail.
 */
import { parseArgs } from "node:util";
import { HPA_KINDS } from "./generate.ts";
import { addKept } from "./kept.ts";
import { buildUpstream, startUpstream, upstreamVersion } from "./upstream.ts";
import type { Whose } from "./upstream.ts";
import { VPA_KINDS } from "./vertical/generate.ts";
import type { Difference, Row } from "./walk.ts";
import { walk } from "./walk.ts";

const KINDS = { hpa: HPA_KINDS, vpa: VPA_KINDS };

const { values } = parseArgs({
  options: { cases: { type: "string" }, seed: { type: "string" }, of: { type: "string" } },
});
const cases = Number(values.cases ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const asked = (["hpa", "vpa"] as const).filter((whose) => values.of === undefined || values.of === whose);
if (!(cases >= 1) || !Number.isInteger(seed) || asked.length === 0) {
  console.error("--cases takes a number from 1, --seed a whole number, --of hpa or vpa");
  process.exit(2);
}

const differences: Difference[] = [];
for (const whose of asked) differences.push(...(await askAll(whose)));
for (const difference of differences) console.log(`\n${JSON.stringify(difference)}`);
if (differences.length > 0)
  console.log(`\n${addKept(differences)} kept in test/oracle/kept.json; npm run fix formats it`);
process.exitCode = differences.length > 0 ? 1 : 0;

async function askAll(whose: Whose): Promise<Difference[]> {
  const built = await buildUpstream(whose);
  if (built.kind === "missing") {
    console.error(built.reason);
    process.exit(2);
  }
  const upstream = startUpstream(built.program);
  const started = performance.now();
  const rows = await walk(upstream, KINDS[whose], { cases, seed });
  upstream.close();
  const took = (performance.now() - started) / 1000;
  const count = rows.reduce((sum, row) => sum + row.cases, 0);
  console.log(`${upstreamVersion(whose)}, seed ${seed}: ${count} cases in ${took.toFixed(1)} s\n`);
  console.log(
    "| kind | cases | refused by both | equal or named | named | exact differs by rounding | different |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const row of rows) console.log(lineOf(row));
  console.log("");
  return rows.flatMap((row) => row.differences);
}

function lineOf({ kind, cases: all, invalid, named, rounding, differences: { length } }: Row): string {
  const told = (counts: Map<string, number>): string =>
    [...counts].map(([name, count]) => `${count} ${name}`).join("; ") || "0";
  return `| ${kind} | ${all} | ${invalid} | ${length === 0 ? "all" : "no"} | ${told(named)} | ${told(rounding)} | ${length} |`;
}
