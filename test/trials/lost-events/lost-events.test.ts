/**
 * One event of a watch is lost, becomes one with the next, comes after a later one, or comes as 410: the end is that of
 * a watch that tells everything. A deletion that becomes one with what is made anew under the name is among them.
 */
import { testFlaws } from "../story/plans.ts";

const ONE = [1];

testFlaws(
  "lost events",
  [
    { what: "drop", most: 3, lengths: ONE },
    { what: "merge", most: 3, lengths: ONE },
    { what: "reorder", most: 3, lengths: ONE },
    { what: "expire", most: 3, lengths: ONE },
  ],
  300,
);
