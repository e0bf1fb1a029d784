/**
 * Requests that are lost or late: swallowed on their way, done and never answered, or handed on when the one who asked has
 * given up. A process that waits for one answer goes on with everything else, does in the end what it should have done, and
 * does nothing twice.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import type { Applied, Fault, Match } from "./fault-proxy/rule.ts";
import { openWorld, policiesNotAt, type Started, type World } from "./fault-proxy/world.ts";
import { countsWritten, scaleWrites, writesWithoutLease } from "./fault-proxy/writers.ts";
import { WAIT } from "./manifests.ts";

const PLACES: Readonly<Record<string, Match>> = {
  "reading a scale": { verb: "get", resource: "deployments/scale" },
  "writing a scale": { verb: "update", resource: "deployments/scale" },
  "writing a status": { verb: "patch", resource: "scalepolicies/status" },
};
const FATES: Readonly<Record<string, Fault>> = {
  "lost on its way": { do: "drop", at: "seen" },
  "done and never answered": { do: "drop", at: "answered" },
  "late by two seconds": { do: "delay", millis: 2_000 },
  // whoever asks has given up by then
  "late by 35 seconds": { do: "delay", millis: 35_000 },
};
const NEIGHBOURS = ["neighbour-1", "neighbour-2", "neighbour-3"];
/** Whoever asks waits 30 s for its answer, and some are asked for once more. */
const LONG = { timeout: 110_000, interval: 500 };

type Cell = Readonly<{ name: string; fate: string; place: string; rule: Applied }>;

let world: World;
let operator: Started;
let cells: Cell[] = [];

beforeAll(async () => {
  const plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
  world = await openWorld(plane, "lost");
  cells = Object.entries(PLACES).flatMap(([place, match]) =>
    Object.entries(FATES).map(([fate, fault]) => {
      const name = `${place} ${fate}`.replaceAll(" ", "-");
      return { name, fate, place, rule: world.proxy.add({ match: { ...match, name }, fault, times: 1 }) };
    }),
  );
  // one renewal that is done without an answer; two in a row would cost it the Lease
  const renewal = { verb: "update", resource: "leases" } as const;
  world.proxy.add({ match: renewal, fault: { do: "drop", at: "answered" }, times: 1 });
  await world.workloads([...cells.map(({ name }) => name), ...NEIGHBOURS], "95m", { max: 3 });
  // a fleet of which every member rises at once is what the brakes are for
  operator = await world.start({ args: ["--brake-increases=false", "--brake-writes=false"] });
});
afterAll(() => world.close());

const firstWrite = (name: string): number => scaleWrites(world.proxy.log, name)[0]?.seenAt ?? Infinity;

test("what is waited for holds up nobody else: all others are scaled before the first one is asked for again", async () => {
  await expect.poll(() => NEIGHBOURS.filter((name) => firstWrite(name) === Infinity), WAIT).toEqual([]);
  await expect.poll(() => cells.filter(({ rule }) => rule.met() === 0), LONG).toEqual([]);
  const lost = cells.filter(({ place, fate }) => place === "reading a scale" && fate === "lost on its way");
  const asked = ({ name }: Cell) =>
    world.proxy.log.filter((each) => each.resource === "deployments/scale" && each.name === name);
  await expect.poll(() => lost.every((cell) => asked(cell).length > 1), LONG).toBe(true);
  const again = Math.min(...lost.map((cell) => asked(cell)[1]!.seenAt));
  for (const name of NEIGHBOURS) expect(firstWrite(name), name).toBeLessThan(again);
});

test("every workload is scaled in the end, and its status says so", async () => {
  await expect.poll(() => policiesNotAt(world, 3), LONG).toEqual([]);
});

test("nothing was lowered, nothing was written twice but what was lost, and nobody wrote without the Lease", async () => {
  for (const { name, place, fate } of cells) {
    const counts = countsWritten(world.proxy.log, name);
    expect(new Set(counts), name).toEqual(new Set([3]));
    const isLost = place === "writing a scale" && fate !== "late by two seconds";
    expect(counts.length, name).toBeLessThanOrEqual(isLost ? 2 : 1);
  }
  expect(writesWithoutLease(world.proxy.log)).toEqual([]);
  expect(operator.lines.filter(({ level }) => level === "fatal")).toEqual([]);
  await expect.poll(async () => (await operator.get("/readyz")).status, WAIT).toBe(200);
  console.log(
    `lost and late answers: ${cells.length} cells, ${NEIGHBOURS.length} neighbours not held up, all went on afterwards`,
  );
  expect(cells).toHaveLength(12);
});
