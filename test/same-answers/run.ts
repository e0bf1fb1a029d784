/**
 * `node test/same-answers/run.ts [--rounds 100] [--seed 1]`: what metrics-server and we answer about the same kubelets, as a
 * table. Fails when an object differs without a name for it.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { markdownTable } from "../../generate/markdown.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { runSameAnswers } from "./session.ts";

const number = { type: "string" } as const;
const { values } = parseArgs({
  options: { rounds: { ...number, default: "100" }, seed: { ...number, default: "1" } },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
const found = await findControlPlane();
if (!(rounds >= 2) || !Number.isInteger(seed) || found.kind === "missing") {
  console.error(
    found.kind === "missing" ? found.reason : "--rounds takes a number from 2, --seed a whole one",
  );
  process.exit(2);
}
const plane = await startControlPlane(found.binaries);
try {
  const sum = await runSameAnswers(plane, { rounds, seed, say: (line) => console.error(line) });
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${rounds} rounds, seed ${seed}, ${cpus().length} cores, Node ${process.version}\n`,
  );
  const rows = [
    ["objects compared", sum.objects.toLocaleString("en")],
    ["their fields, all equal", sum.fields.toLocaleString("en")],
    ["objects that differ without a name for it", String(sum.findings.length)],
    ...[...sum.named].map(([why, count]) => [why, String(count)]),
  ];
  console.log(markdownTable(["what", "figure"], rows));
  for (const finding of sum.findings) console.log(`\n${finding}`);
  process.exitCode = sum.findings.length === 0 ? 0 : 1;
} finally {
  await plane.stop();
}
