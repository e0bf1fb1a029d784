/**
 * Where one term of leadership, one process or one policy ends and the next begins: what is due is not
 * forgotten, and nothing is remembered that did not happen.
 */
import { expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { type EpochMillis, minutes, seconds } from "../../src/base/units.ts";
import type { World } from "../../src/reconcile/world.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { deployment, operate, policy, settledWorld, statusOf, steady, wantedOf } from "./operating.ts";
import { smallWorld } from "./stage.ts";

const gone: Fault = {
  name: "the API server is gone",
  call: () => ({ kind: "instead", failure: { kind: "unreachable", message: "no answer" } }),
};

test("a policy whose round hung when leadership was lost is looked at within 2 s of regaining it", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { world, model, time, faults } = simulated;
  let hanging = false;
  const readScale: World["api"]["readScale"] = async (...of) => {
    if (!hanging) return world.api.readScale(...of);
    await time.sleep(seconds(30));
    return { kind: "unreachable", message: "no answer within 30 s" };
  };
  let tookOverAt: EpochMillis | undefined;
  const operator = operate(simulated, {
    api: { readScale },
    log: (_, message) => {
      if (message === "leading: this replica decides and acts") tookOverAt = time.wall();
    },
  });
  await time.advance(minutes(8));
  model.setLoad("default", "web", steady(6));
  hanging = true;
  await time.advance(seconds(150));
  faults.push(gone);
  await time.advance(seconds(40));
  faults.pop();
  hanging = false;
  const wellAgainAt = time.wall();
  await time.advance(minutes(1));

  expect(tookOverAt).toBeGreaterThan(wellAgainAt);
  const looks = operator.records.map(({ at }) => at).filter((at) => at >= must(tookOverAt, "it leads again"));
  expect(looks[0]! - tookOverAt!).toBeLessThanOrEqual(seconds(2));
  expect(wantedOf(model)).toBeGreaterThan(6);
  await operator.end();
});

test("F55 told to end among many decreases, every one that was written is remembered, and none is repeated", async () => {
  const simulated = smallWorld();
  const { model, time } = simulated;
  const names = Array.from({ length: 40 }, (_, n) => `web-${n}`);
  const onePodInTenMinutes = {
    stabilizationWindowSeconds: 0,
    policies: [{ type: "Pods", value: 1, periodSeconds: 600 }],
  };
  for (const name of names) {
    model.addWorkload(deployment({ name, replicas: 6, cores: 1.8 }), "settled");
    model.apply(policy({ name, behavior: { scaleDown: onePodInTenMinutes } }));
  }
  const first = operate(simulated, { identity: "first" });
  await time.advance(minutes(12));
  for (const name of names) model.setLoad("default", name, steady(1.2));
  for (let n = 0; n < 300 && model.writes().length < 15; n += 1) await time.advance(seconds(0.2));
  await first.end();

  const written = model.writes().map(({ target }) => target.name);
  expect(written.length, "some, and not all").toSatisfy((count) => count >= 15 && count < names.length);
  expect(new Set(written).size).toBe(written.length);
  const removedOf = (name: string): number =>
    (statusOf(model, name).horizontal?.history?.buckets ?? []).reduce(
      (sum, { removed = 0 }) => sum + removed,
      0,
    );
  expect(Object.fromEntries(written.map((name) => [name, removedOf(name)]))).toEqual(
    Object.fromEntries(written.map((name) => [name, 1])),
  );

  const second = operate(simulated, { identity: "second" });
  await time.advance(minutes(3));
  const all = model.writes().map(({ target }) => target.name);
  expect(all.length, "the others go on").toBeGreaterThan(written.length);
  expect(new Set(all).size, "one pod of each in ten minutes").toBe(all.length);
  await second.end();
});

test("a Shadow policy that wanted more than there is has, after a restart, no act and no scale event", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 }, { mode: "Shadow" });
  const { model, time } = simulated;
  const first = operate(simulated, { identity: "first" });
  await time.advance(minutes(8));
  model.setLoad("default", "web", steady(3.2));
  await time.advance(minutes(4));
  expect(statusOf(model).horizontal?.desiredReplicas, "what it would do").toBeGreaterThan(6);
  await first.end();

  const second = operate(simulated, { identity: "second" });
  await time.advance(minutes(1));
  expect(statusOf(model).recentActs).toEqual([]);
  const remembered = second.records.flatMap(({ verdict }) =>
    verdict.kind === "planned" ? [verdict.question.memory.scaleEvents] : [],
  );
  expect(remembered.length).toBeGreaterThan(0);
  expect(remembered.flat()).toEqual([]);
  expect(model.writes()).toEqual([]);
  await second.end();
});

test("a policy that is deleted and made again inherits neither its namesake's acts nor its history", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  model.scale("default", "web", 7);
  await time.advance(minutes(8));
  expect(statusOf(model).recentActs).not.toEqual([]);

  const madeAnewAt = time.wall();
  model.deletePolicy("default", "web");
  model.apply(policy());
  for (const length of [15, 15, 30, 60]) {
    await time.advance(seconds(length));
    const { recentActs, horizontal } = statusOf(model);
    expect(recentActs).toEqual([]);
    const history = must(horizontal?.history, "it has a history of its own");
    expect(Date.parse(history.completeSince)).toBeGreaterThanOrEqual(madeAnewAt);
  }
  await operator.end();
});
