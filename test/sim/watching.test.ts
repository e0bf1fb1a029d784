import { expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { smallWorld, Watched } from "./stage.ts";

const web = workload({ name: "web", replicas: 2, cpu: { kind: "steady", level: 1 } });

test("following begins with a listing that says where it stands", async () => {
  const world = smallWorld();
  world.model.addWorkload(web, "settled");
  const pods = new Watched(world, "pods");
  await world.time.advance(seconds(1));
  expect(pods.events.map(({ kind }) => kind)).toEqual(["listing-began", "listed", "listed", "listing-ended"]);
  const versions = pods.all().map(({ meta }) => Number(meta.resourceVersion));
  const end = pods.events.at(-1);
  expect(end?.kind === "listing-ended" && Number(end.resourceVersion)).toBeGreaterThanOrEqual(
    Math.max(...versions),
  );
  expect(pods.heardCount).toBe(1);
});

test("changes come in the order of their versions, none twice and none lost", async () => {
  const world = smallWorld();
  world.model.addWorkload(web, "settled");
  const pods = new Watched(world, "pods");
  for (const replicas of [9, 3, 7, 1, 5]) {
    await world.time.advance(seconds(7));
    world.model.scale("default", "web", replicas);
  }
  await world.time.advance(minutes(1));
  const versions = pods.events.flatMap((event) =>
    event.kind === "changed" || event.kind === "deleted" ? [Number(event.resourceVersion)] : [],
  );
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(new Set(versions).size).toBe(versions.length);
  expect(pods.all().filter(({ meta }) => !meta.deleting)).toHaveLength(5);
});

test("a change is seen a moment after it happened, not at once", async () => {
  const world = smallWorld();
  world.model.addWorkload(web, "settled");
  const deployments = new Watched(world, "deployments");
  await world.time.advance(seconds(1));
  world.model.scale("default", "web", 3);
  await world.time.advance(millis(4));
  expect(deployments.all()[0]?.replicas).toBe(2);
  await world.time.advance(millis(40));
  expect(deployments.all()[0]?.replicas).toBe(3);
});

test("a quiet kind says about once a minute that it is alive", async () => {
  const world = smallWorld();
  const policies = new Watched(world, "scalepolicies");
  await world.time.advance(minutes(10));
  expect(policies.events.filter(({ kind }) => kind === "progressed").length).toBeGreaterThanOrEqual(9);
  expect(policies.heardCount).toBeGreaterThanOrEqual(10);
});

test("whoever stops following hears nothing more", async () => {
  const world = smallWorld();
  world.model.addWorkload(web, "settled");
  const pods = new Watched(world, "pods");
  await world.time.advance(seconds(1));
  world.model.scale("default", "web", 5);
  await world.time.settle(pods.stop());
  const count = pods.events.length;
  await world.time.advance(minutes(5));
  expect(pods.events).toHaveLength(count);
});

test("a fault may delay what is told of one kind", async () => {
  const faults: Fault[] = [
    { name: "slow watch", delay: (kind) => (kind === "deployments" ? seconds(30) : undefined) },
  ];
  const world = smallWorld({ faults });
  world.model.addWorkload(web, "settled");
  const [deployments, pods] = [new Watched(world, "deployments"), new Watched(world, "pods")];
  await world.time.advance(seconds(29));
  expect([deployments.events.length, pods.all().length]).toEqual([0, 2]);
  await world.time.advance(seconds(2));
  expect(deployments.all()).toHaveLength(1);
});

test("a policy keeps its generation while its spec stays, and its uid through any edit", async () => {
  const world = smallWorld();
  const manifest = (maxReplicas: number) => ({
    kind: "ScalePolicy",
    metadata: { name: "web" },
    spec: { targetRef: web.target, horizontal: { maxReplicas } },
  });
  world.model.apply(manifest(5));
  const first = world.model.policy("default", "web");
  world.model.apply(manifest(5));
  expect(world.model.policy("default", "web")).toBe(first);
  world.model.apply(manifest(6));
  expect(world.model.policy("default", "web")?.meta).toMatchObject({ uid: first?.meta.uid, generation: 2 });
  world.model.deletePolicy("default", "web");
  world.model.apply(manifest(5));
  expect(world.model.policy("default", "web")?.meta.uid).not.toBe(first?.meta.uid);
});

test("the same seed gives the same story, another seed another", async () => {
  const story = async (seed: number): Promise<string> => {
    const world = smallWorld({ seed });
    world.model.addWorkload(web, "settled");
    const pods = new Watched(world, "pods");
    world.model.rollOut("default", "web", {});
    await world.time.advance(minutes(2));
    return JSON.stringify(pods.events);
  };
  expect(await story(4)).toBe(await story(4));
  expect(await story(4)).not.toBe(await story(5));
});
