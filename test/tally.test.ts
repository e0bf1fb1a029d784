import { expect, test } from "vitest";
import { tallyOf } from "./tally.ts";

const counts = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
const file = (status: string, ...assertions: string[]) => ({
  status,
  assertionResults: assertions.map((each) => ({ status: each })),
});

test("todo and skipped tests are both counted as skipped", () => {
  expect(tallyOf({ ...counts, testResults: [] })).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

test.each([
  ["a file that does not load", file("failed"), 1],
  ["a file whose hook failed after its tests passed", file("failed", "passed"), 1],
  ["a file with a failed test, which is counted already", file("failed", "passed", "failed"), 0],
  ["a file that passed", file("passed", "passed"), 0],
])("%s adds %o failures", (_what, result, added) => {
  expect(tallyOf({ ...counts, testResults: [result] }).failed).toBe(counts.numFailedTests + added);
});
