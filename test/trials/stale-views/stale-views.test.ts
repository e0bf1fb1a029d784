/**
 * The view of one kind stands still, goes back in time, or is that of an API server that is behind: nothing goes down on
 * what is not so any more, and once the view is right again, so is the count. A view is judged to be old by our own last
 * write, and for half a minute after it: then it is taken for lost, and the live scale decides (invariant I2-view).
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
