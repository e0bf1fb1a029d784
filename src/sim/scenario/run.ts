/**
 * Plays a scenario under an operator and compares what is seen with what is expected.
 *
 * Invariant: the operator is whatever `operate` runs; nothing here knows how it decides.
 */
import { formatDuration } from "../../base/duration.ts";
import type { Millis } from "../../base/units.ts";
import { millis, seconds } from "../../base/units.ts";
import type { Expectation } from "./expectation.ts";
import { differenceOf } from "./expectation.ts";
import { Host, type Operate } from "./host.ts";
import type { Problem } from "./line.ts";
import type { Scenario } from "./scenario.ts";

/** How often a span of time is looked at. */
const LOOK_EVERY: Millis = seconds(15);

/** What differed from the expectations, once for each line; empty: the scenario holds. */
export async function runScenario(scenario: Scenario, operate: Operate): Promise<readonly Problem[]> {
  const host = new Host(scenario, operate);
  const problems = new Map<number, Problem>();
  const look = (at: Millis, expectation: Scenario["expectations"][number]): void => {
    const difference = differenceOf(expectation, host.sightOf(expectation.about));
    const { line } = expectation;
    if (difference !== undefined && !problems.has(line))
      problems.set(line, { line, message: `at ${formatDuration(at)} ${difference}` });
  };
  const steps = [
    ...scenario.actions.map((action) => ({ at: action.at, take: () => host.act(action) })),
    ...scenario.expectations.flatMap((expectation) =>
      momentsOf(expectation).map((at) => ({ at, take: async () => look(at, expectation) })),
    ),
  ];
  for (const { at, take } of steps.toSorted((a, b) => a.at - b.at)) {
    await host.advanceTo(at);
    await take();
  }
  await host.stop();
  return [...problems.values()];
}

function momentsOf({ from, to }: Expectation): Millis[] {
  const moments: Millis[] = [];
  for (let at: number = from; at <= to; at += LOOK_EVERY) moments.push(millis(at));
  return moments;
}
