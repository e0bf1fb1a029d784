/**
 * What may go wrong, row by row: when, what Plimsoll does, what one sees of it, and which tests hold it to that.
 * docs/fail-safe.md is generated from these tables, and tests take their names from them.
 *
 * Invariant: a row is tested, or says what it waits for; a test that it names exists (rows.test.ts).
 */
import { CLUSTER_ROWS } from "./rows-cluster.ts";
import { METRIC_ROWS } from "./rows-metrics.ts";
import { OBJECT_ROWS } from "./rows-objects.ts";
import { LATER_ROWS, PLATFORM_ROWS } from "./rows-platform.ts";

/** A test under the name that it has in its file; of a table of tests, or a group, the title as it is written. */
export type TestRef = Readonly<{ file: string; name: string }>;

export type Row = Readonly<{
  /** F01 to F57, or the number of a threat. */
  row: string;
  /** When. */
  condition: string;
  /** What Plimsoll does then: the rest of a sentence, and of its own test's name. */
  does: string;
  /** Where it shows, for whoever was woken. */
  shows: string;
  /** The file with the test that bears this row's name. */
  own?: string;
  /** Tests that were there under other names. */
  also?: readonly TestRef[];
  /** What is not tested because it cannot happen yet. */
  notYet?: string;
}>;

export type Section = Readonly<{ title: string; rows: readonly Row[] }>;

export const SECTIONS: readonly Section[] = [
  { title: "Metrics are missing, late or wrong", rows: METRIC_ROWS },
  { title: "Nodes, the API server, and the operator itself", rows: CLUSTER_ROWS },
  { title: "Objects, and others who write them", rows: OBJECT_ROWS },
  { title: "Large clusters and the platform", rows: PLATFORM_ROWS },
  { title: "Not yet possible", rows: LATER_ROWS },
];

export const FAIL_SAFE: readonly Row[] = SECTIONS.flatMap(({ rows }) => rows);
