/**
 * `npm run agreement -- [--minutes N]`: our decisions beside a real HPA's on what it read, and our live Shadow beside it, as
 * a table. Fails when a sync came out otherwise and no rail says why.
 */
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import type { Verdict } from "./replay.ts";
import { runAgreement } from "./session.ts";
import { summarize, tableOf } from "./table.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "4" } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) {
  console.error("--minutes takes a number from 1");
  process.exit(2);
}
const found = await findControlPlane();
if (found.kind === "missing") {
  console.error(found.reason);
  process.exit(2);
}

const plane = await startControlPlane(found.binaries);
try {
  const { verdicts, live } = await runAgreement(plane, minutes * 60);
  const summary = summarize(verdicts);
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
  console.log(`${new Date().toISOString().slice(0, 10)}, ${minutes} minutes, ${machine}\n`);
  console.log(tableOf(summary, live));
  for (const verdict of summary.different) console.log(`\ndifferent: ${JSON.stringify(told(verdict))}`);
  process.exitCode = summary.different.length === 0 ? 0 : 1;
} finally {
  await plane.stop();
}

function told({ tick, answer, answers }: Verdict): object {
  const { samples, ...rest } = tick;
  const read = samples.map((each) => each && Object.fromEntries(each));
  const { bare, whole } = answers;
  return { tick: rest, samples: read, answer, bare, whole: { to: whole.plan.to, moves: whole.plan.moves } };
}
