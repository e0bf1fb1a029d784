import { describe, expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import { smallWorld, Watched } from "./stage.ts";
import { wish } from "../builders.ts";

const web = (over: Partial<Parameters<typeof workload>[0]> = {}) =>
  workload({ name: "web", replicas: 4, cpu: { kind: "steady", level: 1 }, ...over });
const ready = (pod: Pod): boolean => pod.readiness?.status === "True" && !pod.meta.deleting;

describe("a Deployment", () => {
  test("that has settled is there with ready pods, spread over the nodes, from the first moment", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const pods = new Watched(world, "pods");
    const sets = new Watched(world, "replicasets");
    const deployments = new Watched(world, "deployments");
    await world.time.advance(seconds(1));
    expect(pods.all().filter(ready)).toHaveLength(4);
    expect(new Set(pods.all().map(({ node }) => node))).toHaveProperty("size", 3);
    const [set] = sets.all();
    expect(pods.all().every(({ meta }) => meta.owner?.uid === set?.meta.uid)).toBe(true);
    expect(set?.meta.owner).toMatchObject({ kind: "Deployment", name: "web" });
    expect(deployments.all()).toMatchObject([
      { replicas: 4, status: { replicas: 4, readyReplicas: 4, observedGeneration: 1 } },
    ]);
    expect(pods.all().every(({ startTime }) => world.time.wall() - (startTime ?? 0) >= minutes(60))).toBe(
      true,
    );
  });

  test("grows by pods that are placed, run, and become ready, one after the other", async () => {
    const world = smallWorld();
    world.model.addWorkload(web({ replicas: 1, startup: seconds(20) }), "settled");
    const pods = new Watched(world, "pods");
    await world.time.advance(seconds(1));
    world.model.scale("default", "web", 3);
    await world.time.advance(seconds(30));
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 3, pods: 3, ready: 3 });
    const name = pods.all().at(-1)?.meta.name;
    const life = pods.events.flatMap((event) =>
      event.kind === "changed" && event.object.meta.name === name ? [stateOf(event.object)] : [],
    );
    expect(life).toEqual([
      "Pending",
      "Pending placed",
      "Pending placed taken",
      "Running placed taken",
      "Running placed taken ready",
    ]);
  });

  test("replaces a pod that ended, whose object stays", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const pods = new Watched(world, "pods");
    await world.time.advance(seconds(1));
    world.model.endPods("default", "web", { count: 1, phase: "Succeeded" });
    await world.time.advance(minutes(1));
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 4, pods: 5, ready: 4 });
    expect(pods.all().filter(({ phase }) => phase === "Succeeded")).toHaveLength(1);
  });

  test("leaves the load to the others while some of its pods fail their probes", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    world.model.setReady("default", "web", { count: 3, ready: false });
    expect(world.model.replicas("default", "web").ready).toBe(1);
    world.model.setReady("default", "web", { count: 2, ready: true });
    expect(world.model.replicas("default", "web").ready).toBe(3);
  });

  test("that is paused is scaled, and not rolled out", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    world.model.setPaused("default", "web", true);
    world.model.rollOut("default", "web", {});
    world.model.scale("default", "web", 6);
    const sets = new Watched(world, "replicasets");
    await world.time.advance(minutes(2));
    const sizes = sets.all().map(({ revision, replicas }) => ({ revision, replicas }));
    expect(sizes.toSorted((a, b) => a.revision - b.revision)).toEqual([
      { revision: 1, replicas: 6 },
      { revision: 2, replicas: 0 },
    ]);
    world.model.setPaused("default", "web", false);
    await world.time.advance(minutes(2));
    expect(sets.all().find(({ revision }) => revision === 2)?.replicas).toBe(6);
  });

  test("shrinks by pods that stop serving at once and are gone after their grace", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const pods = new Watched(world, "pods");
    await world.time.advance(seconds(1));
    world.model.scale("default", "web", 1);
    await world.time.advance(millis(500));
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 1, pods: 4, ready: 1 });
    expect(pods.all().filter(({ meta }) => meta.deleting)).toHaveLength(3);
    await world.time.advance(seconds(5));
    expect(pods.all()).toHaveLength(1);
  });

  test("rolls out without ever having fewer ready pods or more pods than it may", async () => {
    const world = smallWorld();
    world.model.addWorkload(web({ replicas: 8 }), "settled");
    const sets = new Watched(world, "replicasets");
    const deployments = new Watched(world, "deployments");
    await world.time.advance(seconds(1));
    world.model.rollOut("default", "web", {});
    for (let second = 0; second < 120; second += 1) {
      await world.time.advance(seconds(1));
      const status = deployments.all()[0]?.status;
      expect(status?.readyReplicas).toBeGreaterThanOrEqual(6);
      expect(status?.replicas).toBeLessThanOrEqual(10);
    }
    expect(sets.all().map(({ revision, replicas }) => [revision, replicas])).toEqual([
      [1, 0],
      [2, 8],
    ]);
    expect(deployments.all()[0]).toMatchObject({
      status: { updatedReplicas: 8, readyReplicas: 8, replicas: 8 },
    });
    expect(deployments.all()[0]?.stuckSince).toBeUndefined();
  });

  test("whose release is broken keeps its old pods and is stuck after ten minutes, until it is mended", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const deployments = new Watched(world, "deployments");
    await world.time.advance(seconds(1));
    world.model.rollOut("default", "web", { neverReady: true });
    await world.time.advance(minutes(9));
    expect(deployments.all()[0]).toMatchObject({ stuckSince: undefined, status: { readyReplicas: 3 } });
    await world.time.advance(minutes(2));
    expect(deployments.all()[0]?.stuckSince).toBeDefined();
    world.model.rollOut("default", "web", { neverReady: false });
    await world.time.advance(minutes(2));
    expect(deployments.all()[0]).toMatchObject({
      stuckSince: undefined,
      status: { updatedReplicas: 4, readyReplicas: 4 },
    });
  });

  test("beyond the quota of its namespace says ReplicaFailure, and goes on when there is room", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const deployments = new Watched(world, "deployments");
    world.model.setPodQuota("default", 5);
    world.model.scale("default", "web", 8);
    await world.time.advance(minutes(1));
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 8, pods: 5, ready: 5 });
    expect(deployments.all()[0]?.replicaFailure?.message).toMatch(/quota/);
    world.model.setPodQuota("default", undefined);
    await world.time.advance(minutes(1));
    expect(world.model.replicas("default", "web")).toMatchObject({ pods: 8, ready: 8 });
    expect(deployments.all()[0]?.replicaFailure).toBeUndefined();
  });

  test("takes its ReplicaSets and pods with it", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const [pods, sets] = [new Watched(world, "pods"), new Watched(world, "replicasets")];
    await world.time.advance(seconds(1));
    world.model.removeWorkload("default", "web");
    await world.time.advance(seconds(1));
    expect([pods.all(), sets.all()]).toEqual([[], []]);
  });

  test("remembers who scaled it", async () => {
    const world = smallWorld();
    world.model.addWorkload(web(), "settled");
    const deployments = new Watched(world, "deployments");
    world.model.scale("default", "web", 5);
    await world.time.advance(seconds(1));
    expect(deployments.all()[0]).toMatchObject({
      replicas: 5,
      scaledBy: { manager: "kubectl" },
      meta: { generation: 2 },
    });
  });
});

describe("a StatefulSet", () => {
  const db = workload({
    name: "db",
    target: { apiVersion: "apps/v1", kind: "StatefulSet", name: "db" },
    replicas: 2,
    cpu: { kind: "steady", level: 1 },
  });

  test("grows from the bottom and shrinks from the top, one pod at a time", async () => {
    const world = smallWorld();
    world.model.addWorkload(db, "settled");
    const pods = new Watched(world, "pods");
    await world.time.advance(seconds(1));
    world.model.scale("default", "db", 4);
    await world.time.advance(seconds(12));
    expect([...pods.objects.keys()]).toEqual(["default/db-0", "default/db-1", "default/db-2"]);
    await world.time.advance(seconds(40));
    expect(world.model.replicas("default", "db")).toEqual({ wanted: 4, pods: 4, ready: 4 });
    world.model.scale("default", "db", 1);
    await world.time.advance(seconds(1));
    expect(world.model.replicas("default", "db")).toEqual({ wanted: 1, pods: 4, ready: 3 });
    await world.time.advance(seconds(20));
    expect([...pods.objects.keys()]).toEqual(["default/db-0"]);
  });

  test("rolls out from the top, never more than one pod away", async () => {
    const world = smallWorld();
    world.model.addWorkload(db, "settled");
    const sets = new Watched(world, "statefulsets");
    await world.time.advance(seconds(1));
    world.model.rollOut("default", "db", {});
    for (let second = 0; second < 60; second += 1) {
      await world.time.advance(seconds(1));
      expect(world.model.replicas("default", "db").ready).toBeGreaterThanOrEqual(1);
    }
    expect(sets.all()).toMatchObject([{ status: { updatedReplicas: 2, readyReplicas: 2 } }]);
  });
});

test("a custom kind owns its pods by uid and is scaled as the others", async () => {
  const world = smallWorld();
  const target = { apiVersion: "example.com/v1", kind: "Fleet", name: "game" };
  world.model.addWorkload(
    workload({ name: "game", target, replicas: 2, cpu: { kind: "steady", level: 1 } }),
    "settled",
  );
  const pods = new Watched(world, "pods");
  const scale = await world.time.settle(world.world.api.readScale("default", target));
  if (scale.kind !== "read") expect.fail(scale.kind);
  await world.time.settle(world.world.api.writeScale("default", target, scale.value, wish(3)));
  await world.time.advance(seconds(30));
  expect(pods.all().map(({ meta }) => meta.owner)).toEqual(
    Array.from({ length: 3 }, () => ({ ...target, uid: scale.value.uid })),
  );
  expect(world.model.writes()).toMatchObject([{ from: 2, to: 3 }]);
});

describe("a dead node", () => {
  test("loses its pods' work at once, its Ready after 40 s, and its pods after five more minutes", async () => {
    const world = smallWorld();
    world.model.addWorkload(web({ replicas: 3 }), "settled");
    const [nodes, pods] = [new Watched(world, "nodes"), new Watched(world, "pods")];
    await world.time.advance(seconds(1));
    world.model.killNode("node-2");
    const ready2 = () => nodes.objects.get("/node-2")?.ready?.status;
    expect(world.model.replicas("default", "web").ready).toBe(2);
    await world.time.advance(seconds(39));
    expect(ready2()).toBe("True");
    await world.time.advance(seconds(2));
    expect(ready2()).toBe("Unknown");
    expect(pods.all().filter(ready)).toHaveLength(2);
    await world.time.advance(minutes(6));
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 3, pods: 4, ready: 3 });
    world.model.reviveNode("node-2");
    await world.time.advance(seconds(30));
    expect(ready2()).toBe("True");
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 3, pods: 3, ready: 3 });
  });

  test("that comes back soon starts its pods again, with counters from zero", async () => {
    const world = smallWorld();
    world.model.addWorkload(web({ replicas: 3 }), "settled");
    const pods = new Watched(world, "pods");
    await world.time.advance(seconds(1));
    const before = pods.all().find(({ node }) => node === "node-2");
    world.model.killNode("node-2");
    await world.time.advance(minutes(2));
    world.model.reviveNode("node-2");
    await world.time.advance(seconds(40));
    const after = pods.all().find(({ node }) => node === "node-2");
    expect(after?.meta.uid).toBe(before?.meta.uid);
    expect(after?.runningSince).toBeGreaterThan(before?.runningSince ?? 0);
    expect(world.model.replicas("default", "web")).toEqual({ wanted: 3, pods: 3, ready: 3 });
  });
});

test("a pod that fits nowhere waits, and is placed when a node joins", async () => {
  const world = smallWorld({ nodes: 1 });
  world.model.addWorkload(web({ replicas: 40 }), "settled");
  const pods = new Watched(world, "pods");
  await world.time.advance(minutes(1));
  expect(pods.all().filter(({ node }) => node === undefined)).toHaveLength(8);
  world.model.addNode({ name: "node-2", cores: 16, memory: 64e9 });
  await world.time.advance(minutes(1));
  expect(world.model.replicas("default", "web").ready).toBe(40);
});

function stateOf(pod: Pod): string {
  return [
    pod.phase,
    pod.node === undefined ? [] : ["placed"],
    pod.startTime === undefined ? [] : ["taken"],
    pod.readiness?.status === "True" ? ["ready"] : [],
  ]
    .flat()
    .join(" ");
}
