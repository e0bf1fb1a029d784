/**
 * Suite R9 with real processes: a leader that is stopped for a while, killed or told to end, or whose way to its Lease is
 * slow, and a Lease that somebody deletes or edits. Nobody writes without holding the Lease, as a proxy before the API
 * server saw it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { handOver, leads, type Pair, settle, startPair } from "./fault-proxy/handover.ts";
import type { Logged } from "./fault-proxy/proxy.ts";
import { eventually, openWorld, type World } from "./fault-proxy/world.ts";
import {
  countsWritten,
  type Grant,
  grantsOf,
  handoversOf,
  writesOf,
  writesWithoutLease,
} from "./fault-proxy/writers.ts";

const HANDOVERS_MIN = 20;
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
  expect(handovers).toBeGreaterThanOrEqual(HANDOVERS_MIN);
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
    { signals: ["SIGKILL", "SIGTERM", "SIGTERM", "SIGKILL"] as const, pair: 1 },
    { signals: ["SIGTERM", "SIGKILL", "SIGKILL", "SIGTERM"] as const, pair: 2 },
    { signals: ["SIGKILL", "SIGTERM", "SIGKILL", "SIGTERM"] as const, pair: 3 },
    { signals: ["SIGTERM", "SIGTERM", "SIGKILL", "SIGKILL"] as const, pair: 4 },
    { signals: ["SIGKILL", "SIGTERM", "SIGTERM", "SIGTERM"] as const, pair: 5 },
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

describe.concurrent("a leader whose requests for its Lease take", PATIENT, () => {
  test.each([{ seconds: 1 }, { seconds: 6 }, { seconds: 12 }])(
    "$seconds s each keeps it or loses it, and nobody writes meanwhile who does not hold it",
    async ({ seconds }) => {
      await inWorld("latency", async (world) => {
        const { leader, standby } = await startPair(world);
        await settle(world, "web");
        world.proxy.add({
          match: { verb: "update", resource: "leases", user: leader.user },
          fault: { do: "delay", millis: seconds * 1000 },
        });
        const slowAt = performance.now();
        const isGrantLater = ({ seenAt }: Grant): boolean => seenAt > slowAt;
        // one that gives up after five seconds cannot renew within ten
        if (seconds > 5)
          await eventually("the other has it", () => {
            return grantsOf(world.proxy.log).some(
              (grant) => isGrantLater(grant) && grant.user === standby.user,
            );
          });
        else
          await eventually("it is renewed", () => grantsOf(world.proxy.log).filter(isGrantLater).length >= 3);
        await world.here.load("web", "95m");
        await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
        expect(leader.lines.filter(({ level }) => level === "fatal")).toEqual([]);
      });
    },
  );
});

describe.concurrent("a Lease that somebody else touches", PATIENT, () => {
  test("and deletes, is held by one of the two again, and the work goes on", async () => {
    await inWorld("deleted", async (world) => {
      await startPair(world);
      await settle(world, "web");
      await plane.kubectl("delete", "lease", "plimsoll", "-n", world.namespace);
      await world.here.load("web", "95m");
      await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
      // The holder learns of it when it renews next.
      await eventually("held again", async () => (await world.lease())?.spec.holderIdentity !== undefined);
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
