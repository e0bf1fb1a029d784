/**
 * Two minutes of the soak that `npm run soak` runs for hours, on a control plane of its own: with a fault a minute there is
 * little to break, but what it measures is measured, and its verdicts can fail.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane, type StartedControlPlane } from "../control-plane/start.ts";
import { runSoak, SIZE, type Soaked } from "../soak/session.ts";

const SECONDS = 120;
const PATIENCE_MILLIS = 420_000;

let plane: StartedControlPlane;
let soaked: Soaked;

beforeAll(async () => {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  plane = await startControlPlane(found.binaries);
  soaked = await runSoak(plane, { seconds: SECONDS, size: SIZE });
  const { loads, deletes, rollouts, scales } = soaked.churned;
  console.log(
    `soak: ${SIZE.workloads} policies, ${SIZE.pods} pods, ${SECONDS} s, ${loads} changes of load, ${deletes} pods deleted, ` +
      `${rollouts} rollouts, ${scales} scaled by hand, faults: ${soaked.faults.join("; ")}`,
  );
}, PATIENCE_MILLIS);
afterAll(() => plane.stop());

test("the cluster was never at rest, and broke once a minute", () => {
  const { loads, deletes, rollouts, scales } = soaked.churned;
  expect(Math.min(loads, deletes, rollouts, scales)).toBeGreaterThan(0);
  expect(soaked.faults).toHaveLength(SECONDS / 60);
});

test("heap and sockets are as large at the end as before, it decided all the time, and nothing crashed", () => {
  for (const { what, figure, goal } of soaked.verdicts) console.log(`soak: ${what}: ${figure} (${goal})`);
  // how late its event loop is, beside the rest of this lane, is only told
  const broken = soaked.verdicts.filter(({ holds, ofMachine = false }) => !holds && !ofMachine);
  expect(broken).toEqual([]);
});
