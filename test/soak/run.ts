/**
 * `npm run soak -- [--minutes N]`: the operator for hours in a cluster that is never at rest and breaks once a minute. Prints
 * a line a minute and a table at the end; fails when a figure does not hold.
 */
import { markdownTable } from "../../generate/markdown.ts";
import { openForMinutes } from "../control-plane/for-minutes.ts";
import { runSoak, SIZE } from "./session.ts";

const { minutes, plane, head } = await openForMinutes({ usual: 120, least: 2 });
try {
  const soaked = await runSoak(plane, {
    seconds: minutes * 60,
    size: SIZE,
    say: (line) => console.log(line),
  });
  const { loads, deletes, rollouts, scales } = soaked.churned;
  console.log(`\n${head}`);
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
