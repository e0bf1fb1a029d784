/**
 * `npm run bench [NAME…]`: the named benchmarks, one after the other, as Markdown tables. Times on shared machines are
 * noise; where a goal is a ratio both sides run in one process of this command.
 */
import { readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { markdownTable } from "../../generate/markdown.ts";

type Bench = Readonly<{
  name: string;
  run(): Promise<readonly Readonly<{ what: string; figure: string }>[]>;
}>;

const folder = new URL("./", import.meta.url);
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".bench.ts"))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));
if (files.length === 0) {
  const names = readdirSync(folder).filter((file) => file.endsWith(".bench.ts"));
  console.error(
    `no such benchmark; there are ${names.map((file) => file.replace(".bench.ts", "")).join(", ")}`,
  );
  process.exit(2);
}

const memory = Math.round(totalmem() / 1024 ** 3);
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}\n`,
);
for (const file of files) {
  const bench = (await import(new URL(file, folder).href)) as Bench;
  console.log(`## ${bench.name}\n`);
  const rows = await bench.run();
  console.log(
    `${markdownTable(
      ["what", "figure"],
      rows.map(({ what, figure }) => [what, figure]),
    )}\n`,
  );
}
