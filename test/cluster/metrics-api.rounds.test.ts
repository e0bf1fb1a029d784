/**
 * The same kubelets read by a real metrics-server and by us: what both serve is the same to the last digit, round by round,
 * but where docs/metrics-api.md names a difference. A hundred rounds are a command (test/same-answers/run.ts).
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { KINDS } from "../same-answers/named.ts";
import { runSameAnswers } from "../same-answers/session.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";

const ROUNDS = 10;
/** Those of one pod, and of a whole node: malformed, failing, without its own lines, without stamps. */
const NAMED = KINDS.length + 4;

let plane: ControlPlane;
beforeAll(async () => {
  plane = await ownControlPlane();
});
afterAll(endOwnControlPlane);

test("ten rounds of metrics-server's answers are ours, field by field, and each named difference shows", { timeout: 400_000 }, async () => {
  const { objects, fields, named, findings } = await runSameAnswers(plane, { rounds: ROUNDS, seed: 1 });
  expect(findings).toEqual([]);
  expect(named.size).toBe(NAMED);
  console.log(`${ROUNDS} rounds: ${objects} objects, ${fields} equal fields, ${[...named.values()].reduce((sum, count) => sum + count, 0)} named differences`);
  expect(objects).toBeGreaterThan(200);
}); // prettier-ignore
