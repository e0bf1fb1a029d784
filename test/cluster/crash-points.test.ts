/**
 * Suite R1 with real processes: killed by SIGKILL at each kind of write, at each of its three moments, by the proxy that sees
 * the request. The next process reaches the state that one without a crash would have reached.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import type { Match, Moment } from "./fault-proxy/rule.ts";
import { eventually, openWorld, type Started, type World } from "./fault-proxy/world.ts";
import { countsWritten, writesWithoutLease } from "./fault-proxy/writers.ts";

const SITES: Readonly<Record<string, Match>> = {
  "making the Lease": { verb: "create", resource: "leases" },
  "renewing the Lease": { verb: "update", resource: "leases" },
  "writing a scale": { verb: "update", resource: "deployments/scale" },
  "writing a status": { verb: "patch", resource: "scalepolicies/status" },
  "making an event": { verb: "create", resource: "events" },
};
const MOMENTS: Readonly<Record<string, Moment>> = {
  "before it was handed on": "seen",
  "after it was done, before the answer": "answered",
  "after the answer": "told",
};
/** Short, so that whoever follows does so soon. */
const LEASE_MILLIS = 5_000;
const SHORT_LEASE = [
  `--leader-elect-lease-duration=${LEASE_MILLIS / 1000}s`,
  "--leader-elect-renew-deadline=3s",
  "--leader-elect-retry-period=1s",
];

let plane: ControlPlane;
let kills = 0;

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
});
afterAll(() => {
  console.log(`crash points: ${kills} processes killed at a write, every successor reached the end state`);
  expect(kills).toBe(Object.keys(SITES).length * Object.keys(MOMENTS).length);
});

describe.concurrent.each(Object.entries(SITES))("killed when %s", (_, match) => {
  test(
    "at each of three moments: the next one finishes, raises once and for all, and lowers nothing",
    { timeout: 400_000 },
    async () => {
      const world = await openWorld(plane, "crash");
      try {
        for (const [moment, at] of Object.entries(MOMENTS))
          await crashAndFollow(world, match, { moment, at });
        expect(writesWithoutLease(world.proxy.log, LEASE_MILLIS)).toEqual([]);
      } finally {
        await world.close();
      }
    },
  );
});

type When = Readonly<{ moment: string; at: Moment }>;

/** The test may have ended it first, as soon as the write was met: an answer is cut a moment later. */
function kill({ pid }: Started): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function crashAndFollow(world: World, match: Match, { moment, at }: When): Promise<void> {
  const name = `web-${at}`;
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases/plimsoll`;
  if (match.verb === "create" && match.resource === "leases") await plane.request("DELETE", lease);
  await world.workload(name, "95m", { max: 4 });
  const dead: Started[] = [];
  const died = world.proxy.add({
    match,
    fault: { do: "cut", at, act: () => dead.forEach(kill) },
    times: 1,
  });
  const victim = await world.start({ args: SHORT_LEASE });
  dead.push(victim);
  await eventually(`${moment}: it came to this write`, () => died.met() === 1);
  expect(await victim.stop("SIGKILL")).toBeNull();
  kills += 1;
  const next = await world.start({ args: SHORT_LEASE });
  await eventually(`${moment}: raised`, async () => (await world.here.replicas(`deployment/${name}`)) === 4);
  await eventually(
    `${moment}: said`,
    async () => (await world.here.status(name)).horizontal?.currentReplicas === 4,
  );
  const counts = countsWritten(world.proxy.log, name);
  // by way of 3, where only one of two pods had been measured
  expect(counts, moment).toEqual(counts.toSorted((a, b) => a - b));
  expect([counts.at(-1), Math.max(...counts)], moment).toEqual([4, 4]);
  await next.stop("SIGTERM");
}
