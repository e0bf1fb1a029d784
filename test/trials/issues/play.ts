/** Plays a story of test/scenarios/issues under each of the two autoscalers, each in a world of its own. */
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { runOperator } from "../../../src/compose.ts";
import type { Problem } from "../../../src/sim/scenario/line.ts";
import { runScenario } from "../../../src/sim/scenario/run.ts";
import type { Scenario } from "../../../src/sim/scenario/scenario.ts";
import type { Asked } from "./stock-hpa.ts";
import { runStockHpa } from "./stock-hpa.ts";

/** What differs from the `expect` lines under Plimsoll. */
export function playOurs(
  scenario: Scenario,
  complain: (message: string) => void,
): Promise<readonly Problem[]> {
  return runScenario(scenario, async (world, observe, signal) => {
    const log: Parameters<typeof runOperator>[0]["log"] = (level, message, fields) => {
      if (level === "error") complain(`${message} ${JSON.stringify(fields)}`);
    };
    await runOperator({ world, setup: SIMULATED_SETUP, log, observe, signal });
  });
}

/** What differs from the `stock` lines that can be played under a stock HPA, and every case that it came upon. */
export async function playStock(
  scenario: Scenario,
): Promise<Readonly<{ problems: readonly Problem[]; cases: readonly Asked[] }>> {
  const cases: Asked[] = [];
  const expectations = scenario.stock.filter(({ mark }) => mark !== "cited");
  const problems = await runScenario({ ...scenario, expectations }, (world, _, signal) =>
    runStockHpa(world, (asked) => cases.push(asked), signal),
  );
  return { problems, cases };
}
