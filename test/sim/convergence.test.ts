import fc from "fast-check";
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import { smallWorld, Watched } from "./stage.ts";

const TARGETS = [
  { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
  { apiVersion: "apps/v1", kind: "StatefulSet", name: "db" },
  { apiVersion: "example.com/v1", kind: "Fleet", name: "game" },
];

type Step = (world: SimulatedWorld) => void;
const names = fc.constantFrom(...TARGETS.map(({ name }) => name));
const nodes = fc.constantFrom("node-1", "node-2", "node-3");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(names, fc.nat({ max: 8 })).map(
    ([name, replicas]): Step =>
      ({ model }) =>
        model.scale("default", name, replicas),
  ),
  names.map(
    (name): Step =>
      ({ model }) =>
        model.rollOut("default", name, {}),
  ),
  nodes.map(
    (node): Step =>
      ({ model }) =>
        model.killNode(node),
  ),
  nodes.map(
    (node): Step =>
      ({ model }) =>
        model.reviveNode(node),
  ),
  fc.integer({ min: 1, max: 12 }).map(
    (pods): Step =>
      ({ model }) =>
        model.setPodQuota("default", pods),
  ),
);

test("whatever was done to the cluster, once left in peace it becomes what is wanted, and stays so", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.tuple(step, fc.integer({ min: 0, max: 400 })), { maxLength: 8 }),
      async (seed, steps) => {
        const world = smallWorld({ seed });
        for (const target of TARGETS)
          world.model.addWorkload(
            workload({ name: target.name, target, replicas: 3, cpu: { kind: "steady", level: 1 } }),
            "settled",
          );
        const pods = new Watched(world, "pods");
        for (const [take, pause] of steps) {
          take(world);
          await world.time.advance(seconds(pause));
        }
        for (const node of world.model.nodeNames()) world.model.reviveNode(node);
        world.model.setPodQuota("default", undefined);
        await world.time.advance(minutes(15));
        for (const { name } of TARGETS) {
          const { wanted, ...counts } = world.model.replicas("default", name);
          expect(counts, name).toEqual({ pods: wanted, ready: wanted });
        }
        const settled = pods.events.length;
        await world.time.advance(minutes(5));
        expect(pods.events.slice(settled).filter(({ kind }) => kind !== "progressed")).toEqual([]);
        expect(pods.all().every(({ node, phase }) => node !== undefined && phase === "Running")).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});
