/** Counting a test run from vitest's JSON report. A file that could not be loaded is one failure: its tests never ran. */
export type Tally = Readonly<{ passed: number; failed: number; skipped: number }>;
export type Report = Readonly<{
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: readonly Readonly<{
    status: string;
    assertionResults: readonly Readonly<{ status: string }>[];
  }>[];
}>;

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

export function tallyOf(report: Report): Tally {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}
