/**
 * Every defect of a kubelet's answer, on every shape of decision: nothing is decreased on incomplete evidence,
 * each cell ends at the count that its table says, and what was wrong is forgotten when it ends.
 */
import { afterAll, expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { milliUnits, minutes, seconds } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import { MEBI, workload } from "../../../src/sim/model/blueprint.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { operate, policy, steady, wantedOf } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";
import { type Defect, DEFECTS, type Lie } from "./defects.ts";
import { countsOf, LOADS, NODES, type Range, REPLICAS, SHAPES, type Shape } from "./shapes.ts";

const CELLS_MIN = 240;
const tally = { cells: 0, decisions: 0, decreases: 0, incomplete: 0 };
afterAll(() => {
  const { cells, decisions, decreases, incomplete } = tally;
  console.log(
    `metric defects: ${DEFECTS.length} defects × ${SHAPES.length} shapes = ${cells} cells, ${decisions} decisions, ` +
      `${incomplete} of them on incomplete evidence, ${decreases} decreases on those`,
  );
});

/** One liar a node, on the first `hit` of them. */
function lieOn(hit: number, { name, create }: Defect): Fault {
  const lies = new Map<string, Lie>(Array.from({ length: hit }, (_, n) => [`node-${n + 1}`, create()]));
  return {
    name,
    scrape(node) {
      const lie = lies.get(node);
      return typeof lie === "object" ? lie : undefined;
    },
    garble(node, answer) {
      const lie = lies.get(node);
      return typeof lie === "function" ? lie(answer) : answer;
    },
  };
}

/** Two containers a pod, one pod a node, no window that would hold a decrease. */
function worldOf({ metric }: Shape, faults: Fault[]): SimulatedWorld {
  const simulated = smallWorld({ nodes: NODES, faults });
  const container = (name: string, cpu: number, share: number) => {
    const requests = { cpu: milliUnits(cpu), memory: milliUnits(64 * MEBI * 1000) };
    return { name, requests, limits: {}, share };
  };
  const containers = [container("app", 450, 0.9), container("helper", 50, 0.1)];
  const { cores } = LOADS.stays;
  simulated.model.addWorkload(
    workload({ name: "web", ...steady(cores), replicas: REPLICAS, containers }),
    "settled",
  );
  const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
  simulated.model.apply(policy({ metrics: [metric], behavior }));
  return simulated;
}

/** Decisions that knew of their own gaps, and those of them that went down. */
function countIn(records: readonly DecisionRecord[]): void {
  for (const { verdict } of records) {
    if (verdict.kind !== "planned") continue;
    const { plan, question } = verdict;
    const { lacking, expectedCount } = question.evidence;
    const isIncomplete =
      lacking.length * 10 > expectedCount || plan.proposal.metrics.some(({ kind }) => kind === "invalid");
    tally.decisions += 1;
    if (isIncomplete) tally.incomplete += 1;
    if (isIncomplete && plan.to < plan.from) tally.decreases += 1;
  }
}

/** Until all samples from before the defect have aged. */
const BLINDED = seconds(90);
const SETTLED = minutes(5);
const MENDED_MAX = minutes(14);

async function runCell(defect: Defect, shape: Shape): Promise<Readonly<{ during: number; after: number }>> {
  const faults: Fault[] = [];
  const simulated = worldOf(shape, faults);
  const { model, time } = simulated;
  const { cores, ...needed } = LOADS[shape.load];
  const operator = operate(simulated);
  await time.advance(minutes(2));
  expect(model.writes(), "at the mark nothing is written").toEqual([]);
  faults.push(lieOn(shape.hit, defect));
  await time.advance(BLINDED);
  model.setLoad("default", "web", steady(cores));
  await time.advance(SETTLED);
  const during = wantedOf(model);
  faults.length = 0;
  const mendedBy = time.now() + MENDED_MAX;
  while (!isIn(needed, wantedOf(model)) && time.now() < mendedBy) await time.advance(seconds(30));
  const after = wantedOf(model);
  await operator.end();
  countIn(operator.records);
  expect(must(operator.records.at(-1), "decisions were made").verdict.kind).toBe("planned");
  return { during, after };
}

const isIn = ({ fewest, most }: Range, count: number): boolean => count >= fewest && count <= most;

function expectIn(range: Range, count: number, what: string): void {
  expect(isIn(range, count), `${what}: ${count} in [${range.fewest}, ${range.most}]`).toBe(true);
}

const rows = DEFECTS.flatMap((defect) =>
  SHAPES.map((shape) => ({ defect, shape, row: defect.row, what: defect.name, when: shape.name })),
);

test.each(rows)("$row: $what ($when)", async ({ defect, shape }) => {
  const { during, after } = await runCell(defect, shape);
  tally.cells += 1;
  const outcome = shape.expected[defect.effect];
  expectIn(countsOf(outcome, shape.load), during, `${outcome}, while it lasts`);
  expectIn(LOADS[shape.load], after, "what is true, once it has ended");
});

test(`there are ${CELLS_MIN} cells and more, and none of them decreased on incomplete evidence`, () => {
  expect(tally.cells).toBeGreaterThanOrEqual(CELLS_MIN);
  expect(tally.incomplete).toBeGreaterThan(500);
  expect(tally.decreases).toBe(0);
});
