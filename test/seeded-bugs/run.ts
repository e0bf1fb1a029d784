/**
 * `npm run seeded-bugs [BUG…] [-- --every-suite]`: puts each seeded bug into a scratch copy, runs the trials until one is
 * red, and prints which suite caught which bug. With `--every-suite` all suites run on each bug. Fails when more than one
 * bug is missed, when a patch does not fit any more, and when a suite is red without a bug.
 */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { markdownTable } from "../../generate/markdown.ts";
import { assert } from "../../src/base/assert.ts";
import { type Bug, readBugs } from "./bug.ts";
import { createScratch, type Scratch } from "./scratch.ts";

/** Of all bugs, those that may stay unseen. */
const MISSED_MAX = 1;

const { values, positionals } = parseArgs({
  options: { "every-suite": { type: "boolean", default: false } },
  allowPositionals: true,
});
const trials = readdirSync(new URL("../trials/", import.meta.url), { withFileTypes: true });
/** Storms are last: they find most, and take longest. */
const suites = trials
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted((one, other) => Number(one === "storm") - Number(other === "storm"));
const bugs = readBugs().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
assert(bugs.length > 0, `there is a bug called ${positionals.join(" or ")}`);

type Verdict = Readonly<{ bug: Bug; caughtBy: readonly string[] }>;

const scratches = Array.from({ length: availableParallelism() }, createScratch);
try {
  await inParallel(suites, async (suite, scratch) => {
    const { green, output } = await scratch.run(`test/trials/${suite}/`);
    assert(green, `${suite} is green without a bug:\n${output.slice(-4000)}`);
    console.error(`${suite}: green without a bug`);
  });
  const verdicts = await inParallel(bugs, verdictOn);
  console.log(tableOf(verdicts));
  const missed = verdicts.filter(({ caughtBy }) => caughtBy.length === 0);
  console.log(`\n${bugs.length} seeded bugs, ${bugs.length - missed.length} caught`);
  process.exitCode = missed.length > MISSED_MAX ? 1 : 0;
} finally {
  for (const scratch of scratches) scratch.remove();
}

async function verdictOn(bug: Bug, scratch: Scratch): Promise<Verdict> {
  const caughtBy = await scratch.withBug(bug, () => suitesThatSee(scratch));
  console.error(`${bug.name}: ${caughtBy.join(", ") || "MISSED"}`);
  return { bug, caughtBy };
}

async function suitesThatSee(scratch: Scratch): Promise<readonly string[]> {
  const caughtBy: string[] = [];
  for (const suite of suites) {
    const { green } = await scratch.run(`test/trials/${suite}/`);
    if (!green) caughtBy.push(suite);
    if (!green && !values["every-suite"]) break;
  }
  return caughtBy;
}

/** One task per scratch copy at a time; results in the order of the tasks. */
async function inParallel<Task, Result>(
  tasks: readonly Task[],
  work: (task: Task, scratch: Scratch) => Promise<Result>,
): Promise<readonly Result[]> {
  const waiting = [...tasks.entries()];
  const results: Result[] = [];
  const workers = scratches.map(async (scratch) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await work(next[1], scratch);
  });
  await Promise.all(workers);
  return results;
}

function tableOf(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ bug, caughtBy }) => [bug.kind, bug.what, caughtBy.join(", ") || "**missed**"]);
  return markdownTable(["class", "bug", "caught by"], rows);
}
