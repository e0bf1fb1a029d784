/**
 * `npm run oracle -- [--cases N] [--seed S]`: random cases through upstream's Go code and through ours. Prints a table;
 * a difference is shrunk, kept in kept.json and makes the run fail.
 */
import { parseArgs } from "node:util";
import { addKept } from "./kept.ts";
import { buildUpstream, startUpstream, upstreamVersion } from "./upstream.ts";
import type { Row } from "./walk.ts";
import { walk } from "./walk.ts";

const { values } = parseArgs({ options: { cases: { type: "string" }, seed: { type: "string" } } });
const cases = Number(values.cases ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(cases >= 1) || !Number.isInteger(seed)) {
  console.error("--cases takes a number from 1, --seed a whole number");
  process.exit(2);
}

const built = await buildUpstream();
if (built.kind === "missing") {
  console.error(built.reason);
  process.exit(2);
}
const upstream = startUpstream(built.program);
const started = performance.now();
const rows = await walk(upstream, cases, seed);
upstream.close();

const took = (performance.now() - started) / 1000;
const asked = rows.reduce((sum, row) => sum + row.cases, 0);
console.log(`Kubernetes ${upstreamVersion()}, seed ${seed}: ${asked} cases in ${took.toFixed(1)} s\n`);
console.log(
  "| kind | cases | refused by both | equal or named | named | exact differs by rounding | different |",
);
console.log("|---|---|---|---|---|---|---|");
for (const row of rows) console.log(lineOf(row));

const differences = rows.flatMap((row) => row.differences);
for (const difference of differences) console.log(`\n${JSON.stringify(difference)}`);
if (differences.length > 0)
  console.log(`\n${addKept(differences)} kept in test/oracle/kept.json; npm run fix formats it`);
process.exitCode = differences.length > 0 ? 1 : 0;

function lineOf({ kind, cases: all, invalid, named, rounding, differences: { length } }: Row): string {
  const told = (counts: Map<string, number>): string =>
    [...counts].map(([name, count]) => `${count} ${name}`).join("; ") || "0";
  return `| ${kind} | ${all} | ${invalid} | ${length === 0 ? "all" : "no"} | ${told(named)} | ${told(rounding)} | ${length} |`;
}
