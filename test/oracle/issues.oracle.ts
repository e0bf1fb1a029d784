/**
 * The stock answers of test/scenarios/issues are upstream's own: each metric that the stock HPA of a story evaluates is
 * a case, and upstream's replica calculator answers it as was assumed when the story was played. So every step of the
 * story, and its end, is what it would be with upstream's calculator in its place.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStories } from "../scenarios/issues/story.ts";
import { playStock } from "../trials/issues/play.ts";
import { isUpstreams } from "./compare.ts";
import type { Upstream } from "./upstream.ts";
import { buildUpstream, startUpstream } from "./upstream.ts";

const CASES_MIN = 3_000;
const stories = readStories().filter(({ scenario }) => scenario.stock.some(({ mark }) => mark === "oracle"));
let upstream: Upstream;
let count = 0;

beforeAll(async () => {
  const built = await buildUpstream();
  if (built.kind === "missing") throw new Error(built.reason);
  upstream = startUpstream(built.program);
}, 240_000);
afterAll(() => {
  upstream.close();
  console.log(
    `oracle: ${stories.length} issue scenarios, ${count} questions of their stock HPA answered by upstream`,
  );
});

test.each(stories)("$issue, $file: the stock answer is upstream's", async ({ file, scenario }) => {
  const { problems, cases } = await playStock(scenario);
  expect(problems).toEqual([]);
  const answers = await Promise.all(cases.map(({ asked }) => upstream.ask("replicas", asked)));
  for (const [at, { asked, answered }] of cases.entries())
    expect(
      isUpstreams(answered, answers[at]!),
      `${file}: ${JSON.stringify({ asked, answered, upstream: answers[at] })}`,
    ).toBe(true);
  count += cases.length;
});

test("as many questions were asked as are claimed", () => {
  expect(count).toBeGreaterThanOrEqual(CASES_MIN);
});
