/** A fault counts when it takes effect: when a call, a watch or a kubelet's answer meets it. */
import { expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import { chanceOf } from "../../src/sim/chance.ts";
import type { FaultPlan, Ground } from "../../src/sim/faults/fault-row.ts";
import { schedule } from "../../src/sim/faults/faults.ts";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import { Processes } from "../../src/sim/processes.ts";
import { deployment, policy, settledWorld, steady } from "./operating.ts";
import { Watched } from "./stage.ts";

/** 6 replicas at the mark, one process, and faults that begin after eight quiet minutes. */
function aStage(...plans: readonly Pick<FaultPlan, "kind" | "on">[]) {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = simulated;
  const operators = new Processes(simulated, ({ world }, identity, signal) =>
    runOperator({ world, setup: { ...SIMULATED_SETUP, identity }, log: () => undefined, signal }),
  );
  const ground: Ground = {
    model,
    time,
    faults,
    random: chanceOf(1, "faults"),
    operators,
    nodes: model.nodeNames(),
    workloads: [{ blueprint: deployment({ replicas: 6, cores: 1.8 }), policy: policy() }],
  };
  const bitten: string[] = [];
  for (const plan of plans)
    schedule(ground, { ...plan, from: minutes(8), until: minutes(18) }, ({ kind, on }) =>
      bitten.push(`${kind} ${on}`),
    );
  operators.start();
  return { ...simulated, operators, bitten };
}

test("a fault of a call that nobody makes took no effect", async () => {
  const { time, bitten } = aStage({ kind: "answer-refused", on: "write-scale" });
  await time.advance(minutes(20));
  expect(bitten).toEqual([]);
});

test("a fault of a rare call waits for it, and is over soon after", async () => {
  const { time, model, faults, bitten } = aStage({ kind: "answer-refused", on: "write-scale" });
  await time.advance(minutes(12));
  expect(faults).toHaveLength(1);
  model.setLoad("default", "web", steady(4));
  await time.advance(minutes(3));
  expect(bitten).toEqual(["answer-refused write-scale"]);
  expect(faults).toHaveLength(0);
});

test("two crashes that wait do not call each other off", async () => {
  const { time, model, operators, bitten } = aStage(
    { kind: "crash-not-sent", on: "write-scale" },
    { kind: "crash-answered", on: "update-lease" },
  );
  await time.advance(minutes(9));
  model.setLoad("default", "web", steady(4));
  await time.advance(minutes(5));
  expect(bitten.toSorted()).toEqual(["crash-answered update-lease", "crash-not-sent write-scale"]);
  expect(operators.started).toBe(3);
});

test.each(["crash-not-sent", "answer-lost"])(
  "%s at create-lease takes the Lease away first",
  async (kind) => {
    const { time, bitten } = aStage({ kind, on: "create-lease" });
    await time.advance(minutes(10));
    expect(bitten).toEqual([`${kind} create-lease`]);
  },
);

test("an expired watch is listed again once and at once, while it is quiet too", async () => {
  const stage = aStage({ kind: "expired-watch", on: "horizontalpodautoscalers" });
  const watched = new Watched(stage, "horizontalpodautoscalers");
  await stage.time.advance(minutes(20));
  expect(stage.bitten).toHaveLength(1);
  expect(watched.events.filter(({ kind }) => kind === "listing-began")).toHaveLength(2);
});

test("a broken watch is not mended before it can be", async () => {
  const stage = aStage({ kind: "lost-watch", on: "deployments" });
  const watched = new Watched(stage, "deployments");
  await stage.time.advance(minutes(9));
  stage.model.scale("default", "web", 9);
  await stage.time.advance(seconds(60));
  expect(watched.all()[0]?.replicas).toBe(6);
  await stage.time.advanceTo(millis(minutes(18) + seconds(5)));
  expect(watched.all()[0]?.replicas).not.toBe(6);
});
