/**
 * Looking up a fail-safe row: the name of its own test is what the row says.
 *
 * Invariant: a name begins with the row's number, so that whoever reads docs/fail-safe.md finds its test.
 */
import { must } from "../../src/base/assert.ts";
import { FAIL_SAFE } from "./rows.ts";
import { THREATS } from "./threats.ts";

/** `F09 kubelets repeat old numbers: …`, for the test that is the row's own. */
export function nameOf(row: string): string {
  const found = must(
    [...FAIL_SAFE, ...THREATS].find((one) => one.row === row),
    `${row} is a row`,
  );
  return `${found.row} ${found.condition}: ${found.does}`;
}
