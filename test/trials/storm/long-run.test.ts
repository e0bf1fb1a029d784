/**
 * A long run of one process: what the operator remembers is bounded, so its heap is as large after a day of changing
 * load as after a few hours.
 */
import { expect, test } from "vitest";
import { minutes } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { operate, policy } from "../../sim/operating.ts";
import { workload } from "../../../src/sim/model/blueprint.ts";
import { smallWorld } from "../../sim/stage.ts";
import { heapNow, MEBI } from "./heap.ts";

const HOUR = minutes(60);
/** From here on nothing new should be remembered: every window and every history has been full. */
const SETTLED_AFTER = 4;
const HOURS = 24;
/** Events and writes of the simulated cluster itself are kept: some hundred bytes each. */
const GROWTH_MAX = MEBI;

function busyWorld(seed: number): SimulatedWorld {
  const simulated = smallWorld({ seed });
  const shapes = [
    { kind: "daily", low: 0.5, high: 5, period: minutes(7 * 60), phase: seed / 10 },
    { kind: "noisy", level: 2, spread: 0.4 },
  ] as const;
  for (const [at, cpu] of shapes.entries()) {
    const name = `web-${at}`;
    simulated.model.addWorkload(workload({ name, replicas: 5, cpu }), "settled");
    simulated.model.apply(policy({ name }));
  }
  return simulated;
}

test("a simulated day leaves the heap as it was after its first hours", async () => {
  const seed = 1;
  const simulated = busyWorld(seed);
  const { time, model } = simulated;
  const heaps: number[] = [];
  const operator = operate(simulated);
  const records = operator.records as DecisionRecord[];
  let decisions = 0;
  for (let hour = 0; hour < HOURS; hour += 2) {
    await time.advance(minutes(2 * 60));
    // The test's own memory of decisions is none of the operator's.
    decisions += records.splice(0).length;
    heaps.push(heapNow());
  }
  await operator.end();
  // Two hours' heaps differ by what happens to be going on: the lowest of many tells what is kept.
  const settled = heaps.slice(SETTLED_AFTER / 2);
  const middle = settled.length / 2;
  const [before, after] = [Math.min(...settled.slice(0, middle)), Math.min(...settled.slice(middle))];
  const inMebi = heaps.map((heap) => (heap / MEBI).toFixed(1)).join(" ");
  console.log(
    `long run, seed ${seed}: ${(time.now() / HOUR).toFixed(0)} h, ${decisions} decisions, ${model.writes().length} writes, heap in MiB every two hours: ${inMebi}`,
  );
  expect(after - before).toBeLessThanOrEqual(GROWTH_MAX);
});
