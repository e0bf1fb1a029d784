import { expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import { smallWorld, Watched } from "./stage.ts";
import { wish } from "../builders.ts";

const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

async function withWeb() {
  const simulated = smallWorld();
  simulated.model.addWorkload(
    workload({ name: "web", replicas: 3, cpu: { kind: "steady", level: 1 } }),
    "settled",
  );
  const scale = await simulated.time.settle(simulated.world.api.readScale("default", target));
  if (scale.kind !== "read") expect.fail(scale.kind);
  return { ...simulated, basis: scale.value };
}

test("writing the number that stands there changes no version and is no write", async () => {
  const { world, time, model, basis } = await withWeb();
  const outcome = await time.settle(world.api.writeScale("default", target, basis, wish(3)));
  expect(outcome).toEqual({ kind: "written", resourceVersion: basis.resourceVersion });
  expect(model.writes()).toEqual([]);
});

test("a written number raises the generation in our name, and its write is kept for whoever judges", async () => {
  const simulated = await withWeb();
  const { world, time, model, basis } = simulated;
  const deployments = new Watched(simulated, "deployments");
  await time.settle(world.api.writeScale("default", target, basis, wish(5)));
  await time.advance(seconds(1));
  expect(deployments.all()).toMatchObject([
    { replicas: 5, meta: { generation: 2 }, scaledBy: { manager: "plimsoll" } },
  ]);
  expect(model.writes()).toMatchObject([{ namespace: "default", target, from: 3, to: 5 }]);
});

test.each([-1, 2.5])("%d replicas are refused, and nothing changes", async (replicas) => {
  const { world, time, model, basis } = await withWeb();
  expect(await time.settle(world.api.writeScale("default", target, basis, wish(replicas)))).toMatchObject({
    kind: "refused",
    status: 422,
  });
  expect(model.replicas("default", "web").wanted).toBe(3);
});

test("a status is seen by whoever follows policies, a moment later", async () => {
  const simulated = await withWeb();
  const { world, time, model } = simulated;
  model.apply({ kind: "ScalePolicy", metadata: { name: "web" }, spec: {} });
  const policies = new Watched(simulated, "scalepolicies");
  await time.advance(seconds(1));
  const meta = policies.all()[0]!.meta;
  const status = {
    observedGeneration: 1,
    conditions: [],
    recentActs: [],
    display: { metrics: "", requests: "" },
  };
  await time.settle(world.api.writeStatus(meta, status));
  await time.advance(seconds(1));
  expect(policies.all()).toMatchObject([{ status, meta: { uid: meta.uid, generation: 1 } }]);
});

test("a Lease is heard of after a moment, and no more by whoever stopped listening", async () => {
  const { world, time } = smallWorld();
  const heard: string[] = [];
  const stop = new AbortController();
  const record = {
    holder: "a",
    duration: seconds(15),
    acquiredAt: time.wall(),
    renewedAt: time.wall(),
    transitions: 0,
  };
  const watching = world.api.watchLease((lease) => heard.push(lease.record.holder), stop.signal);
  await time.settle(world.api.createLease(record, stop.signal));
  expect(heard).toEqual([]);
  await time.advance(seconds(1));
  expect(heard).toEqual(["a"]);
  stop.abort();
  await time.settle(watching);
  const basis = await time.settle(world.api.readLease(new AbortController().signal));
  if (basis.kind !== "read") expect.fail(basis.kind);
  await time.settle(
    world.api.updateLease(basis.value, { ...record, holder: "b" }, new AbortController().signal),
  );
  await time.advance(seconds(1));
  expect(heard).toEqual(["a"]);
});
