/**
 * Suite R9 with real processes: a leader that is stopped for a while, killed or told to end, and a Lease that somebody
 * deletes or edits. Nobody writes without holding the Lease, as a proxy before the API server saw it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { handOver, leads, type Pair, settle, startPair } from "./fault-proxy/handover.ts";
import type { Logged } from "./fault-proxy/proxy.ts";
import { eventually, openWorld, type World } from "./fault-proxy/world.ts";
import { countsWritten, grantsOf, handoversOf, writesOf, writesWithoutLease } from "./fault-proxy/writers.ts";

/** Many processes begin at once. */
const PATIENT = { timeout: 400_000 };

let plane: ControlPlane;
let handovers = 0;
let writes = 0;

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
});
afterAll(() => {
  console.log(`leadership: ${handovers} handovers, ${writes} writes, 0 by a process that held no Lease`);
  expect(handovers).toBeGreaterThanOrEqual(7);
});

async function inWorld(prefix: string, act: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld(plane, prefix);
  try {
    await act(world);
    expect(writesWithoutLease(world.proxy.log)).toEqual([]);
    handovers += handoversOf(world.proxy.log);
    writes += writesOf(world.proxy.log).length;
  } finally {
    await world.close();
  }
}

describe.concurrent("a leader that is stopped", PATIENT, () => {
  test.each([
    { seconds: 5, least: 0 },
    { seconds: 15, least: 0 },
    // the standby may be slow on a busy machine
    { seconds: 20, least: 0 },
    { seconds: 60, least: 1 },
  ])("for $seconds s writes nothing of its old term when it wakes", async ({ seconds, least }) => {
    await inWorld("pause", async (world) => {
      const { leader } = await startPair(world);
      await settle(world, "web");
      process.kill(leader.pid, "SIGSTOP");
      await world.here.load("web", "95m");
      await sleep(seconds * 1000);
      process.kill(leader.pid, "SIGCONT");
      await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
      expect(handoversOf(world.proxy.log)).toBeGreaterThanOrEqual(least);
      expect(leader.lines.filter(({ level }) => level === "fatal")).toEqual([]);
    });
  });
});

describe.concurrent("a leader that ends", PATIENT, () => {
  test.each([
    { signals: ["SIGKILL", "SIGKILL", "SIGTERM"] as const, pair: 1 },
    { signals: ["SIGKILL", "SIGKILL", "SIGTERM"] as const, pair: 2 },
  ])("by $signals is followed by its standby, which decides (pair $pair)", async ({ signals }) => {
    await inWorld("handover", async (world) => {
      let pair: Pair = await startPair(world);
      for (const [nth, signal] of signals.entries()) {
        const successor = pair.standby;
        const { next } = await handOver(pair, { signal, name: `web-${nth}` });
        expect(leads(pair, successor)).toBe(true);
        pair = next;
      }
      expect(handoversOf(world.proxy.log)).toBeGreaterThanOrEqual(signals.length);
      expect(tooEarly(world)).toEqual([]);
    });
  });
});

/** By the Lease's own stamps, nobody takes one over that was neither released nor had run out. */
function tooEarly({ proxy }: World): number[] {
  const records = proxy.log.filter(isGrant).map(({ user, said }) => ({ user, ...recordIn(said) }));
  const waits = records.flatMap(({ user, acquired }, nth) => {
    const before = records[nth - 1];
    const isOwn = before === undefined || before.user === user || before.isReleased;
    return isOwn ? [] : [acquired - before.renewed];
  });
  return waits.filter((wait) => wait < LEASE_MILLIS);
}

const LEASE_MILLIS = 15_000;
const isGrant = ({ resource, verb, status }: Logged): boolean =>
  resource === "leases" && (verb === "update" || verb === "create") && status !== undefined && status < 300;

function recordIn(said: unknown): { acquired: number; renewed: number; isReleased: boolean } {
  const { spec } = said as { spec: { acquireTime: string; renewTime: string; holderIdentity?: string } };
  return {
    acquired: Date.parse(spec.acquireTime),
    renewed: Date.parse(spec.renewTime),
    isReleased: spec.holderIdentity === undefined,
  };
}

describe.concurrent("a Lease that somebody else touches", PATIENT, () => {
  test("and deletes, is held by one of the two again, and the work goes on", async () => {
    await inWorld("deleted", async (world) => {
      await startPair(world);
      await settle(world, "web");
      await plane.kubectl("delete", "lease", "plimsoll", "-n", world.namespace);
      await world.here.load("web", "95m");
      await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
      expect((await world.lease())?.spec.holderIdentity).toBeDefined();
    });
  });

  test("and gives to a stranger, is nobody's of ours until it has run out: until then nothing is written", async () => {
    await inWorld("edited", async (world) => {
      await startPair(world);
      await settle(world, "web");
      const path = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases/plimsoll`;
      const editedAt = performance.now();
      await plane.request("PATCH", path, { body: { spec: { holderIdentity: "a-stranger" } } });
      const refused = ({ resource, verb, status, seenAt }: Logged): boolean =>
        resource === "leases" && verb === "update" && status === 409 && seenAt > editedAt;
      await eventually("the leader is refused", () => world.proxy.log.some(refused));
      await world.here.load("web", "95m");
      await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
      const grant = grantsOf(world.proxy.log).find(({ seenAt }) => seenAt > editedAt);
      const raise = writesOf(world.proxy.log).find(
        ({ resource, name }) => resource === "deployments/scale" && name === "web",
      );
      expect(grant!.at).toBeLessThanOrEqual(raise!.seenAt);
      expect((await world.lease())?.spec.holderIdentity).not.toBe("a-stranger");
    });
  });
});

test("the check itself sees a write of a process that lost the Lease, of one whose Lease ran out, and of one that had none", () => {
  const lease = (user: string, at: number): Logged => ({
    ...NOTHING,
    user,
    verb: "update",
    resource: "leases",
    seenAt: at,
    answeredAt: at + 1,
    status: 200,
    said: { spec: { holderIdentity: user } },
  });
  const write = (user: string, at: number): Logged => ({
    ...NOTHING,
    user,
    verb: "update",
    resource: "deployments/scale",
    seenAt: at,
  });
  const log = [
    write("a", 1),
    lease("a", 10),
    write("a", 20),
    write("b", 30),
    write("a", 15_011),
    lease("b", 16_000),
    write("a", 16_100),
    write("b", 16_200),
  ];
  expect(writesWithoutLease(log).map(({ user, seenAt }) => [user, seenAt])).toEqual([
    ["a", 1],
    ["b", 30],
    ["a", 15_011],
    ["a", 16_100],
  ]);
});

const NOTHING = {
  namespace: "",
  name: "",
  method: "PUT",
  path: "",
  query: "",
  said: undefined,
  fault: undefined,
};
