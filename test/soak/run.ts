/**
 * `npm run soak -- [--minutes N]`: the operator for hours in a cluster that is never at rest and breaks once a minute. Prints
 * a line a minute and a table at the end; fails when a figure does not hold.
 */
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { markdownTable } from "../../generate/markdown.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { runSoak, SIZE } from "./session.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "120" } } });
const minutes = Number(values.minutes);
if (!(minutes >= 2)) {
  console.error("--minutes takes a number from 2");
  process.exit(2);
}
const found = await findControlPlane();
if (found.kind === "missing") {
  console.error(found.reason);
  process.exit(2);
}

const plane = await startControlPlane(found.binaries);
try {
  const soaked = await runSoak(plane, {
    seconds: minutes * 60,
    size: SIZE,
    say: (line) => console.log(line),
  });
  const { loads, deletes, rollouts, scales } = soaked.churned;
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
  console.log(`\n${new Date().toISOString().slice(0, 10)}, ${minutes} minutes, ${machine}`);
  console.log(
    `${SIZE.workloads} policies, ${SIZE.pods} pods; ${loads} changes of load, ${deletes} pods deleted, ${rollouts} rollouts, ` +
      `${scales} scaled by hand, ${soaked.faults.length} faults of ${new Set(soaked.faults).size} kinds\n`,
  );
  console.log(
    markdownTable(
      ["what", "figure", "goal", "holds"],
      soaked.verdicts.map(({ what, figure, goal, holds }) => [what, figure, goal, holds ? "yes" : "no"]),
    ),
  );
  process.exitCode = soaked.verdicts.every(({ holds }) => holds) ? 0 : 1;
} finally {
  await plane.stop();
}
