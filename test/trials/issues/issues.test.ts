/**
 * Every story of test/scenarios/issues under the whole operator, and under a stock HPA beside it: each does what its
 * lines say. What the stock HPA's calculator answers here, upstream's own code is asked in test/oracle.
 */
import { afterAll, expect, test } from "vitest";
import type { Check } from "../../../src/sim/scenario/expectation.ts";
import type { Problem } from "../../../src/sim/scenario/line.ts";
import { readStories, type Story } from "../../scenarios/issues/story.ts";
import { playOurs, playStock } from "./play.ts";

const STORIES_MIN = 65;
const stories = readStories();
/** Whether a stock HPA can be played at all where the story speaks of one. */
const isPlayable = ({ scenario }: Story): boolean => scenario.stock.some(({ mark }) => mark !== "cited");
const counts = { ours: 0, stock: 0 };

test.each(stories)("$issue: $title", async ({ file, scenario }) => {
  const errors: string[] = [];
  const problems = await playOurs(scenario, (message) => errors.push(message));
  expect(errors).toEqual([]);
  expect(linesOf(file, problems)).toBe("");
  counts.ours += 1;
});

test.each(stories.filter(isPlayable))(
  "$issue, $file: what it says of a stock HPA",
  async ({ file, scenario }) => {
    const { problems, cases } = await playStock(scenario);
    expect(linesOf(file, problems)).toBe("");
    if (scenario.stock.some(({ mark }) => mark === "oracle")) expect(cases.length).toBeGreaterThan(0);
    counts.stock += 1;
  },
);

test("every story says what a stock HPA makes of it, and what of that is expected of Plimsoll", () => {
  for (const { file, verdict, scenario } of stories) {
    expect(scenario.stock.length, file).toBeGreaterThan(0);
    const differing = scenario.stock.filter(
      (stock) => checksOf(stock) !== checksOf(counterpartOf(stock, scenario)),
    );
    if (verdict === "equal") expect(differing, `${file} says equal`).toEqual([]);
    else expect(differing.length, `${file} says better`).toBeGreaterThan(0);
  }
});

test("no two stories have one title, and there are as many as are claimed", () => {
  expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length);
  expect(stories.length).toBeGreaterThanOrEqual(STORIES_MIN);
});

afterAll(() => {
  const better = stories.filter(({ verdict }) => verdict === "better").length;
  const issues = new Set(stories.flatMap(({ issue, also }) => [issue, ...also])).size;
  console.log(
    `issue scenarios: ${counts.ours} played by Plimsoll, ${counts.stock} by a stock HPA; ` +
      `${better} better, ${stories.length - better} equal; ${issues} issues`,
  );
});

/** The `expect` line about the same workload at the same time. */
function counterpartOf(
  { about, from, to }: Story["scenario"]["stock"][number],
  { expectations }: Story["scenario"],
): Readonly<{ checks: readonly Check[] }> | undefined {
  return expectations.find((each) => each.about === about && each.from === from && each.to === to);
}

function checksOf(line: Readonly<{ checks: readonly Check[] }> | undefined): string {
  return (line?.checks ?? []).map(({ field, operator, value }) => field + operator + value).join(" ");
}

const linesOf = (file: string, problems: readonly Problem[]): string =>
  problems.map(({ line, message }) => `${file}:${line}: ${message}`).join("\n");
