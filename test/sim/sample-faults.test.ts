/** Faults of a kubelet's answers: what each makes of a series, and that two of them leave nothing behind. */
import { expect, test } from "vitest";
import { chanceOf } from "../../src/sim/chance.ts";
import { millis, minutes } from "../../src/base/units.ts";
import type { FaultRow, Ground } from "../../src/sim/faults/fault-row.ts";
import { createOvertaking, SAMPLE_FAULTS } from "../../src/sim/faults/sample-faults.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import { garbled } from "../../src/sim/ports/fault.ts";
import { nodeName } from "../../src/base/ids.ts";
import { policy, steady } from "./operating.ts";
import { smallWorld } from "./stage.ts";

const NODE = nodeName("node-1");

function aGround(): Ground {
  const { model, time } = smallWorld();
  const blueprint = workload({ name: "web", replicas: 2, ...steady(1) });
  model.addWorkload(blueprint, "settled");
  const operators = { alive: () => [], crashAt: () => () => undefined, restart() {}, kill() {} };
  return {
    model,
    time,
    faults: [],
    random: chanceOf(1, "faults"),
    operators,
    nodes: [NODE],
    workloads: [{ blueprint, policy: policy() }],
  };
}

/** A counter that grows by 15 core-seconds every 15 s. */
const answerAt = (round: number): string =>
  `container_cpu_usage_seconds_total{container="app",namespace="default",pod="web-1"} ${100 + 15 * round} ${1_772_438_400_000 + 15_000 * round}`;

function begin({ victims, begin, kind }: FaultRow, ground: Ground): () => void {
  const [on = ""] = victims(ground);
  return begin(ground, { kind, from: millis(0), until: minutes(1), on }, () => undefined);
}

const pairs = SAMPLE_FAULTS.flatMap((one) =>
  SAMPLE_FAULTS.map((other) => [one.kind, other.kind, one, other] as const),
);

test.each(pairs)("once %s and %s beside it are over, counters grow as they do", (_, __, one, other) => {
  const ground = aGround();
  const tell = (round: number): string => garbled(ground.faults, NODE, answerAt(round));
  const ends = [begin(one, ground), begin(other, ground)];
  for (let round = 0; round < 6; round += 1) tell(round);
  for (const end of ends) end();
  const [before, after] = [tell(6), tell(7)].map((answer) => Number(answer.split(" ").at(-2)));
  expect((after ?? NaN) - (before ?? NaN)).toBe(15);
});

test("answers that overtake each other come in another order, and none of them twice in a row", () => {
  const told = createOvertaking();
  expect(["1", "2", "3", "4", "5", "6", "7"].map(told).join(" ")).toBe("1 2 1 4 3 6 5");
});
