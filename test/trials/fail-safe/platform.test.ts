/**
 * Fail-safe rows about many policies at once: what holds a fleet together when everything moves.
 */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../../src/base/units.ts";
import type { ScaleWrite } from "../../../src/sim/ports/api.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { deployment, policy, statusOf, steady, wantedOf } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";
import { AT_ONCE, decreasesIn, perform, tellTally, WARM } from "./stage.ts";
import type { Scene } from "./stage.ts";

tellTally("platform");

const named = (count: number): string[] => Array.from({ length: count }, (_, n) => `web-${n}`);

function fleet(count: number, options: Parameters<typeof policy>[0] = {}): Omit<Scene, "skew"> {
  const faults: Fault[] = [];
  const simulated = smallWorld({ faults, nodes: 20 });
  for (const name of named(count)) {
    simulated.model.addWorkload(deployment({ name, replicas: 10, cores: 3 }), "settled");
    simulated.model.apply(policy({ name, ...options }));
  }
  return { ...simulated, faults };
}

test(nameOf("F51"), async () => {
  const costOf = async (
    count: number,
  ): Promise<Readonly<{ decisions: number; calls: number; pods: number }>> => {
    const scene = fleet(count);
    let calls = 0;
    scene.faults.push({ name: "counts", call: () => void (calls += 1) });
    const cost = { decisions: 0, calls: 0, pods: 0 };
    await perform(scene, async ({ records }) => {
      await scene.time.advance(minutes(10));
      for (const { verdict } of records)
        if (verdict.kind === "planned") cost.pods += verdict.question.evidence.pods.length;
      cost.decisions = records.length;
      cost.calls = calls;
    });
    return cost;
  };
  const [few, many] = [await costOf(15), await costOf(30)];
  console.log(`F51: 15 policies ${JSON.stringify(few)}, 30 policies ${JSON.stringify(many)}`);
  for (const what of ["decisions", "calls", "pods"] as const)
    expect(many[what], what).toBeLessThanOrEqual(2.1 * few[what]);
});

/** The most that happened within any `length`, in milliseconds. */
function mostWithin(
  writes: readonly ScaleWrite[],
  length: number,
  weight: (write: ScaleWrite) => number,
): number {
  return Math.max(
    0,
    ...writes.map(({ at: from }) =>
      writes.filter(({ at }) => at >= from && at < from + length).reduce((sum, one) => sum + weight(one), 0),
    ),
  );
}

test(nameOf("F52"), async () => {
  const scene = fleet(60, { behavior: AT_ONCE });
  const { model, time } = scene;
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    for (const node of model.nodeNames()) model.setNodeSilent(node, true);
    for (const name of named(60)) model.setLoad("default", name, steady(0.3));
    await time.advance(minutes(12));
    expect(model.writes()).toEqual([]);
    for (const node of model.nodeNames()) model.setNodeSilent(node, false);
    await time.advance(seconds(32));
    expect(model.writes(), "the first complete rounds only raise").toEqual([]);
    await time.advance(minutes(15));
    const removed = mostWithin(model.writes(), minutes(10), ({ from, to }) => from - to);
    const perSecond = mostWithin(model.writes(), seconds(1), () => 1);
    console.log(
      `F52: ${model.writes().length} decreases, ${removed} replicas in 10 min, ${perSecond} writes a second`,
    );
    expect(decreasesIn(model.writes()).length).toBeGreaterThan(0);
    expect(removed, "20 % of 600").toBeLessThanOrEqual(120);
    expect(perSecond).toBeLessThanOrEqual(20);
    expect(records.length).toBeGreaterThan(60);
  });
});

test(nameOf("F53"), async () => {
  const scene = fleet(12, { maxReplicas: 200 });
  const { model, time } = scene;
  await perform(scene, async () => {
    await time.advance(WARM);
    for (const name of named(12)) model.setLoad("default", name, steady(60));
    await time.advance(minutes(9));
    const total = named(12).reduce((sum, name) => sum + wantedOf(model, name), 0);
    console.log(`F53: 120 replicas became ${total} in 9 min, where the metrics ask for 2400`);
    expect(total, "each has doubled, and no more").toBe(240);
    const braked = named(12).filter((name) =>
      statusOf(model, name).conditions.some(({ reason }) => reason === "ClusterBrake"),
    );
    expect(braked).toHaveLength(12);
    expect(model.events().filter(({ reason }) => reason === "ClusterBrake").length).toBeGreaterThan(0);
  });
});
