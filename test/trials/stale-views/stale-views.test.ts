/**
 * The view of one kind stands still, goes back in time, or is that of an API server that is behind: nothing goes down on
 * what is not so any more, and once the view is right again, so is the count.
 */
import { testFlaws } from "../story/plans.ts";

const LENGTHS = [1, 5, 50];

testFlaws(
  "stale views",
  [
    { what: "freeze", most: 3, lengths: LENGTHS },
    { what: "rewind", most: 3, lengths: LENGTHS },
    { what: "restart", most: 1, lengths: LENGTHS },
  ],
  600,
);
