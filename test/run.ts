/**
 * `npm test`: the static checks, then the lanes. Everything runs even after a failure, every step says its time, and the
 * last line is the sum alone. A step that fails without a failing test counts as one failure.
 *
 *   npm test                          everything
 *   npm test -- --lane unit           one lane, without the static checks
 *   npm test -- --lane cluster FILE   of one lane the files whose path contains FILE
 *   npm test -- --kubernetes 1.34     the cluster lane against an older Kubernetes (docs/versions.md)
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LANES } from "./lanes.ts";
import type { Lane } from "./lanes.ts";
import { addTallies, NOTHING, tallyOf } from "./tally.ts";
import type { Report, Tally } from "./tally.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");

const CHECKS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", "tsc"],
  ["lint", "oxlint", "--type-aware"],
  ["format", "prettier", "--check", "--log-level", "warn", "."],
];

const { values, positionals } = parseArgs({
  options: { lane: { type: "string", multiple: true }, kubernetes: { type: "string" } },
  allowPositionals: true,
});
if (values.kubernetes !== undefined) process.env["PLIMSOLL_KUBERNETES"] = values.kubernetes;
const wanted = values.lane ?? (values.kubernetes === undefined ? undefined : ["cluster"]);
const lanes = LANES.filter(({ name }) => wanted?.includes(name) ?? true);
if (lanes.length === 0 || lanes.length < (wanted?.length ?? 0)) {
  console.error(`--lane takes ${LANES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

const skipped: string[] = [];
let total: Tally = NOTHING;
if (wanted === undefined)
  for (const [name, ...command] of CHECKS)
    total = addTallies(total, await step(name, async () => failureUnless((await run(...command)) === 0)));
for (const lane of lanes) total = addTallies(total, await runLane(lane));

for (const line of skipped) console.log(line);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runLane(lane: Lane): Promise<Tally> {
  const mustRun = Boolean(process.env["CI"]) && (lane.isMandatory?.() ?? true);
  const { tally, missing } = await step(`lane ${lane.name} (${lane.what})`, async () => {
    const reason = await lane.prepare();
    if (reason !== undefined && mustRun) return { missing: reason, tally: failureUnless(false) };
    return { missing: reason, tally: await runProject(lane.name) };
  });
  if (missing !== undefined) {
    const verdict = mustRun ? "FAILED: in CI this lane must run" : "SKIPPED";
    skipped.push(`lane ${lane.name}: ${verdict}. ${missing}`);
  }
  return tally;
}

async function runProject(project: string): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-report-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const code = await run("vitest", "run", "--project", project, ...reporters, ...positionals);
    const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
    const tally = report === undefined ? NOTHING : tallyOf(report);
    return code !== 0 && tally.failed === 0 ? addTallies(tally, failureUnless(false)) : tally;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failureUnless(good: boolean): Tally {
  return { ...NOTHING, failed: good ? 0 : 1 };
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const result = await work();
  console.log(`== ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** One of our own tools, run by our own Node, whatever started us. */
async function run(command = "", ...args: string[]): Promise<number> {
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) };
  const child = spawn(join(bin, command), args, { cwd: root, env, stdio: "inherit" });
  return new Promise((settle, fail) => child.on("error", fail).on("close", (code) => settle(code ?? 1)));
}
