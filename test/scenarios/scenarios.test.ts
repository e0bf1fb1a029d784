/**
 * Stories over time, one per `*.scenario` file: the whole operator over the simulated world. The forms of
 * the lines are described in src/sim/scenario/.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import type { Operate } from "../../src/sim/scenario/host.ts";
import { runScenario } from "../../src/sim/scenario/run.ts";
import { parseScenario } from "../../src/sim/scenario/scenario.ts";

const folder = new URL(".", import.meta.url);
const stories = readdirSync(folder)
  .filter((file) => file.endsWith(".scenario"))
  .map((file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    return { file, text, title: /^# (.*)$/m.exec(text)?.[1] ?? file };
  });

test("every story says in its first line what it tells", () => {
  expect(stories.length).toBeGreaterThanOrEqual(8);
  for (const { file, title } of stories) expect(title, file).not.toBe(file);
});

test.each(stories)("$title ($file)", async ({ file, text }) => {
  const outcome = parseScenario(text);
  if (outcome.kind === "invalid") expect.fail(linesOf(file, outcome.problems));
  const errors: string[] = [];
  const operate: Operate = async (world, observe, signal) => {
    const log: Parameters<typeof runOperator>[0]["log"] = (level, message, fields) => {
      if (level === "error") errors.push(`${message} ${JSON.stringify(fields)}`);
    };
    await runOperator({ world, setup: SIMULATED_SETUP, log, observe, signal });
  };
  const problems = await runScenario(outcome.scenario, operate);
  expect.soft(errors).toEqual([]);
  if (problems.length > 0) expect.fail(linesOf(file, problems));
});

function linesOf(file: string, problems: readonly { line: number; message: string }[]): string {
  return problems.map(({ line, message }) => `${file}:${line}: ${message}`).join("\n");
}
