/**
 * `npm run storm -- --seeds N`: many storms, on all cores. Prints how it goes and, at the end, the table of docs/storms.md.
 * It can be stopped at any time; `--resume` goes on where it was. A seed that fails is made smaller and kept in
 * test/sim/regressions/, where every test run plays it first.
 *
 *   npm run storm -- --seeds 10000              seeds 1 to 10,000, one simulated hour each
 *   npm run storm -- --seeds 10000 --resume     the rest of them
 *   npm run storm -- --from 283 --seeds 1       one seed, again
 *   npm run storm -- --seeds 20 --days 30       long runs: one workload, a fault every few hours
 */
import { fork } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { keep, readKept } from "./kept.ts";
import { shrink } from "./shrink.ts";
import { runStorm, type StormResult } from "./storm.ts";
import { addStorm, noStorms, sentenceOf, tableOf, tableOfDays, type Totals } from "./totals.ts";
import { drawWeather } from "./weather.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "300" },
    from: { type: "string", default: "1" },
    days: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    resume: { type: "boolean", default: false },
  },
});
const hours = values.days === undefined ? 1 : 24 * Number(values.days);
const from = Number(values.from);
const until = from + Number(values.seeds);
const workers = Number(values.workers);
if (![hours, from, until, workers].every((number) => number > 0)) {
  console.error("storm: --seeds, --from, --days and --workers take numbers above 0");
  process.exit(2);
}

/** What is done of a run: totals of every seed below `next`. */
type State = { hours: number; from: number; next: number; totals: Totals };
const folder = new URL("../../../node_modules/.cache/plimsoll/", import.meta.url);
const file = new URL("storm.json", folder);
const state: State = (values.resume ? readState() : undefined) ?? {
  hours,
  from,
  next: from,
  totals: noStorms(),
};

const failedAgain = await playKept();
const began = performance.now();
const early = new Map<number, StormResult>();
let done = 0;
await Promise.all(Array.from({ length: workers }, (_, at) => runWorker(at)));
console.log(`\n${sentenceOf(state.totals)}; ${pace()}\n\n${tableOf(state.totals)}`);
if (state.totals.long.length > 0) console.log(`\n${tableOfDays(state.totals)}`);
for (const seed of state.totals.failed) await keepSmall(seed);
process.exitCode = state.totals.failed.length + failedAgain > 0 ? 1 : 0;

/** Storms that failed once, before all others. How many do so again. */
async function playKept(): Promise<number> {
  let failed = 0;
  const kept = readKept();
  for (const { name, title, weather } of kept) {
    const { problems } = await runStorm(weather);
    for (const problem of problems) console.log(`${name} (${title}): ${problem}`);
    failed += Math.sign(problems.length);
  }
  console.log(`${kept.length} storms that failed once, ${failed} of them again`);
  return failed;
}

/** Each worker plays every n-th seed. */
function runWorker(at: number): Promise<void> {
  const share = [hours, state.next + at, until, workers].map(String);
  const worker = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), share);
  worker.on("message", (message) => take(message as StormResult));
  return new Promise((settle, fail) =>
    worker.on("exit", (code) => (code === 0 ? settle() : fail(new Error(`a worker ended with ${code}`)))),
  );
}

/** Results are added in the order of their seeds, so that a stopped run knows what it has. */
function take(result: StormResult): void {
  done += 1;
  early.set(result.seed, result);
  for (const problem of result.problems) console.log(`seed ${result.seed}: ${problem}`);
  for (let next = early.get(state.next); next !== undefined; next = early.get(state.next)) {
    early.delete(state.next);
    addStorm(state.totals, next);
    state.next += 1;
  }
  if (done % 50 > 0) return;
  console.error(
    `${state.next - from} of ${until - from} seeds, ${state.totals.failed.length} failed, ${pace()}`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(state));
}

function pace(): string {
  return `${(done / ((performance.now() - began) / 1000)).toFixed(2)} seeds a second`;
}

function readState(): State | undefined {
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as State;
    return known.hours === hours && known.from === from ? known : undefined;
  } catch {
    return undefined;
  }
}

async function keepSmall(seed: number): Promise<void> {
  const small = await shrink(
    drawWeather(seed, { hours }),
    async (weather) => (await runStorm(weather)).problems,
  );
  const { problems } = await runStorm(small);
  const file = keep(problems[0] ?? "", small);
  console.log(
    file === undefined ? `seed ${seed} is a long run, and not kept` : `seed ${seed} is kept as ${file}`,
  );
}
