/**
 * Requests that are written: stories of a day and more, for nothing is written before there is a day of history.
 * Samples come once a minute, which is as often as histories take them.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seconds } from "../../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { runOperator } from "../../../src/compose.ts";
import type { Operate } from "../../../src/sim/scenario/host.ts";
import { runScenario } from "../../../src/sim/scenario/run.ts";
import { parseScenario } from "../../../src/sim/scenario/scenario.ts";

const setup = { ...SIMULATED_SETUP, decision: { ...SIMULATED_SETUP.decision, resolution: seconds(60) } };

test.each(["in-place", "template"])("%s", async (name) => {
  const text = readFileSync(new URL(`${name}.scenario`, import.meta.url), "utf8");
  const outcome = parseScenario(text);
  if (outcome.kind === "invalid") expect.fail(JSON.stringify(outcome.problems));
  const errors: string[] = [];
  const operate: Operate = async (world, observe, signal) => {
    const log: Parameters<typeof runOperator>[0]["log"] = (level, message, fields) => {
      if (level === "error") errors.push(`${message} ${JSON.stringify(fields)}`);
    };
    await runOperator({ world, setup, log, observe, signal });
  };
  expect(await runScenario(outcome.scenario, operate)).toEqual([]);
  expect(errors).toEqual([]);
});
