/**
 * Suite R4 with the whole operator: each outcome at each place meets a running process, many at once. It goes on by itself,
 * scales afterwards what it should have scaled, and lowers nothing.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { KINDS } from "../../src/cluster/port.ts";
import { controlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { EXPIRED_EVENT, OUTCOME_NAMES, OUTCOMES } from "./fault-proxy/outcomes.ts";
import type { Applied, Fault, Match } from "./fault-proxy/rule.ts";
import { openWorld, policiesNotAt, type Started, type World } from "./fault-proxy/world.ts";
import { countsWritten, writesWithoutLease } from "./fault-proxy/writers.ts";
import { WAIT } from "./manifests.ts";

const PLACES: Readonly<Record<string, Match>> = {
  "reading a scale": { verb: "get", resource: "deployments/scale" },
  "writing a scale": { verb: "update", resource: "deployments/scale" },
  "writing a status": { verb: "patch", resource: "scalepolicies/status" },
};
/** Its policy is not found, so it is left alone for five minutes, whatever the watch shows. */
const MISSED = "404-2";
/** More than one, so that a second try meets it too; but what was cut mid-body was done, and needs none. */
const TIMES = 2;

type Cell = Readonly<{ name: string; place: string; outcome: string; rule: Applied }>;

let world: World;
let operator: Started;
let ofWorkloads: Cell[] = [];
let ofLease: Cell[] = [];
let ofWatches: Cell[] = [];

beforeAll(async () => {
  const plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
  world = await openWorld(plane, "outcomes");
  ofWorkloads = Object.entries(PLACES).flatMap(([place, match], nth) =>
    OUTCOME_NAMES.map((outcome) => {
      const name = `${outcome.toLowerCase().replaceAll(" ", "-")}-${nth}`;
      return cellOf({
        name,
        place,
        outcome,
        match: { ...match, name },
        fault: OUTCOMES[outcome],
        times: outcome === "cut mid-body" || name === MISSED ? 1 : TIMES,
      });
    }),
  );
  ofLease = OUTCOME_NAMES.map((outcome) => {
    const match = { verb: "update", resource: "leases" } as const;
    return cellOf({
      name: outcome,
      place: "renewing the Lease",
      outcome,
      match,
      fault: OUTCOMES[outcome],
      times: 1,
    });
  });
  const watchFaults: [string, Fault][] = [
    ["cut mid-body", OUTCOMES["cut mid-body"]],
    ["410 as an event", EXPIRED_EVENT],
  ];
  ofWatches = KINDS.flatMap((kind) =>
    watchFaults.map(([outcome, fault]) =>
      cellOf({
        name: kind,
        place: `listing ${kind}`,
        outcome,
        match: { verb: "watch", resource: kind },
        fault,
        times: 1,
      }),
    ),
  );
  await world.workloads(
    ofWorkloads.map(({ name }) => name),
    "95m",
    { max: 3 },
  );
  // a fleet of which every member rises at once is what the brakes are for
  operator = await world.start({ args: ["--brake-increases=false", "--brake-writes=false"] });
});
afterAll(() => world.close());

type CellParts = Readonly<{
  name: string;
  place: string;
  outcome: string;
  match: Match;
  fault: Fault;
  times: number;
}>;

function cellOf({ match, fault, times, ...cell }: CellParts): Cell {
  return { ...cell, rule: world.proxy.add({ match, fault, times }) };
}

const isMet = ({ rule }: Cell): boolean => rule.met() === rule.rule.times;
const unmet = (cells: readonly Cell[]) =>
  cells.filter((cell) => !isMet(cell)).map(({ place, outcome }) => `${place}: ${outcome}`);

const LONG = { timeout: 110_000, interval: 500 };

test("each outcome at each place was met", async () => {
  await expect.poll(() => unmet([...ofWorkloads, ...ofLease, ...ofWatches]), LONG).toEqual([]);
});

test("every workload is scaled afterwards, and its status says so, but for a policy that was not found", async () => {
  const unfinished = async () => (await policiesNotAt(world, 3)).filter((name) => name !== MISSED);
  await expect.poll(unfinished, LONG).toEqual([]);
});

test("nothing was lowered, nobody wrote without the Lease, and the process is well", async () => {
  const written = new Set(ofWorkloads.flatMap(({ name }) => countsWritten(world.proxy.log, name)));
  expect([...written]).toEqual([3]);
  expect(writesWithoutLease(world.proxy.log)).toEqual([]);
  await expect.poll(async () => (await operator.get("/readyz")).status, WAIT).toBe(200);
  expect(operator.lines.filter(({ level }) => level === "fatal")).toEqual([]);
  const cells = [...ofWorkloads, ...ofLease, ...ofWatches].filter(isMet).length;
  console.log(`API errors before a whole operator: ${cells} cells, all went on afterwards, nothing lowered`);
  expect(cells).toBe(54 + 18 + 14);
});
