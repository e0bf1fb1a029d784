/**
 * Beside a real HPA: four minutes of agreement on a control plane of their own, which pass while switching from an HPA and
 * back is tested on the lane's.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Run, runAgreement } from "../agreement/session.ts";
import { type Summary, summarize, tableOf } from "../agreement/table.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane, type StartedControlPlane } from "../control-plane/start.ts";
import { describeSwitching } from "./switching.suite.ts";

const SECONDS = 240;
const PATIENCE_MILLIS = 400_000;

let plane: StartedControlPlane;
let running: Promise<Run>;

beforeAll(async () => {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  plane = await startControlPlane(found.binaries);
  running = runAgreement(plane, SECONDS);
  running.catch(() => undefined); // told where it is waited for
});
afterAll(() => plane.stop());

describeSwitching();

describe("on exactly what a real HPA read", () => {
  let summary: Summary;

  beforeAll(async () => {
    const { verdicts, live } = await running;
    summary = summarize(verdicts);
    console.log(`agreement, ${SECONDS / 60} minutes:\n${tableOf(summary, live)}`);
  }, PATIENCE_MILLIS);

  test("the run is what it claims: 24 workloads, 6 tolerance crossings each, pods that start, a rollout", () => {
    expect(summary).toMatchObject({ workloads: 24 });
    expect(summary.fewestCrossings).toBeGreaterThanOrEqual(6);
    expect(summary.syncs).toBeGreaterThan(800);
    expect(summary.changes).toBeGreaterThan(72);
    expect(Math.min(summary.withStarting, summary.rolling)).toBeGreaterThan(0);
  });

  test("our decision is the HPA's in at least 99 % of the syncs, and where it is not, a rail says why", () => {
    const moved = [...summary.moved.values()].reduce((sum, count) => sum + count, 0);
    expect(summary.different.map(({ tick, answer, answers }) => ({ tick, answer, answers }))).toEqual([]);
    expect(summary.equal / (summary.syncs - moved)).toBeGreaterThanOrEqual(0.99);
    expect(moved / summary.syncs).toBeLessThan(0.05);
    expect(summary.ambiguous / summary.syncs).toBeLessThan(0.01);
  });

  test("every utilization that the HPA's status tells is ours, to the percent", () => {
    expect(summary.percentTold).toBeGreaterThan(100);
    expect(summary.percentEqual).toBe(summary.percentTold);
  });
});
