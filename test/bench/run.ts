/**
 * `npm run bench [NAME…]`: the named benchmarks, one after the other, as Markdown tables. Times on shared machines are
 * noise; where a goal is a ratio both sides run in one process of this command.
 *
 *   npm run bench                                                   every short one
 *   npm run bench -- peers --pods 1000 --policies 100 --seconds 240 --replicas 1
 *   npm run bench -- scale
 */
import { readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { markdownTable } from "../../generate/markdown.ts";
import type { Bench, Table } from "./bench.ts";

const folder = new URL("./", import.meta.url);
const number = { type: "string" } as const;
const { values, positionals: wanted } = parseArgs({
  options: { pods: number, policies: number, seconds: number, replicas: number },
  allowPositionals: true,
});
const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const all = readdirSync(folder).filter((file) => file.endsWith(".bench.ts"));
const files = all.filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));
if (files.length === 0 || Object.values(options).some((value) => !(value >= 1))) {
  const names = all.map((file) => file.replace(".bench.ts", "")).join(", ");
  console.error(`benchmarks: ${names}; --pods, --policies, --seconds and --replicas take numbers`);
  process.exit(2);
}

const memory = Math.round(totalmem() / 1024 ** 3);
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}\n`,
);
for (const file of files) {
  const bench = (await import(new URL(file, folder).href)) as Bench;
  if (bench.onlyByName === true && wanted.length === 0) continue;
  console.log(`## ${bench.name}\n`);
  const made = await bench.run(options);
  for (const table of isTables(made) ? made : [made]) print(table);
}

function isTables(made: Table | readonly Table[]): made is readonly Table[] {
  return Array.isArray(made[0]);
}

function print(table: Table): void {
  const columns = Object.keys(table[0] ?? {});
  const cells = table.map((row) => columns.map((column) => row[column] ?? ""));
  console.log(`${markdownTable(columns, cells)}\n`);
}
