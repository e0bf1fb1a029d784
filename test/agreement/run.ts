/**
 * `npm run agreement -- [--minutes N]`: our decisions beside a real HPA's on what it read, and our live Shadow beside it, as
 * a table. Fails when a sync came out otherwise and no rail says why.
 */
import { openForMinutes } from "../control-plane/for-minutes.ts";
import type { Verdict } from "./replay.ts";
import { runAgreement } from "./session.ts";
import { summarize, tableOf } from "./table.ts";

const { minutes, plane, head } = await openForMinutes({ usual: 4, least: 1 });
try {
  const { verdicts, live } = await runAgreement(plane, minutes * 60);
  const summary = summarize(verdicts);
  console.log(`${head}\n`);
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
