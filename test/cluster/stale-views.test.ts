/**
 * Suite R2 with real processes: the view of one kind is kept as it was, by a watch that goes silent, and by a listing of an
 * older state after a restart. What a decision rests on is then older than our own last write, so nothing is lowered; and it
 * is lowered as soon as the view is new again.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import type { Applied } from "./fault-proxy/rule.ts";
import { eventually, openWorld, type Started, type World } from "./fault-proxy/world.ts";
import { countsWritten, scaleWrites } from "./fault-proxy/writers.ts";
import { AT_REST } from "./manifests.ts";

const KINDS = ["deployments", "pods"] as const;
const NAMES = ["a", "b", "c", "d", "e", "f"];
/** Rounds of decisions are a second apart; shorter than a view may be old without being called so. */
const LOOKING_SECONDS = 15;

let plane: ControlPlane;
let plans = 0;

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
});
afterAll(() => {
  console.log(
    `stale views: ${plans} workloads decided on with an old view of one kind, 0 lowered before it was new`,
  );
  expect(plans).toBe(KINDS.length * 2 * NAMES.length);
});

describe.concurrent.each(KINDS)("an old view of %s", (kind) => {
  test(
    "lowers nothing, whether its watch is silent or its listing is of an older state",
    { timeout: 400_000 },
    async () => {
      const world = await openWorld(plane, "stale");
      try {
        await world.workloads(NAMES, AT_REST, { max: 4, window: 1 });
        const first = await world.start();
        await eventually("all are at rest", () =>
          every(async (name) => (await world.here.condition(name, "ScalingActive"))?.status === "True"),
        );
        const listing = world.proxy.firstListing(kind);
        if (listing === undefined) throw new Error(`nobody listed ${kind}`);

        const frozen = world.proxy.add({ match: { verb: "watch", resource: kind }, fault: { do: "freeze" } });
        await raise(world);
        await lowersNothingUntilLifted(world, frozen);

        await raise(world);
        const replayed = world.proxy.add({
          match: { verb: "watch", resource: kind },
          fault: { do: "replay", listing },
        });
        await first.stop("SIGTERM");
        await leading(await world.start(), world);
        expect(replayed.met()).toBeGreaterThanOrEqual(1);
        await lowersNothingUntilLifted(world, replayed);
      } finally {
        await world.close();
      }
    },
  );
});

const every = async (holds: (name: string) => Promise<boolean>): Promise<boolean> =>
  (await Promise.all(NAMES.map(holds))).every(Boolean);
const last = (world: World, name: string): number | undefined => countsWritten(world.proxy.log, name).at(-1);
const allAt = (world: World, replicas: number): boolean =>
  NAMES.every((name) => last(world, name) === replicas);

/** Pods that go meanwhile are no reason to give up. */
async function load({ namespace }: World, cpu: string): Promise<void> {
  const isSet = () =>
    plane.setUsage({ namespace, cpu }).then(
      () => true,
      () => false,
    );
  await eventually(`each pod uses ${cpu}`, isSet);
}

async function raise(world: World): Promise<void> {
  await load(world, "95m");
  await eventually("all are raised", () => allAt(world, 4));
}

async function leading({ user }: Started, { proxy }: World): Promise<void> {
  const isRenewed = () =>
    proxy.log.some(
      (each) =>
        each.user === user && each.resource === "leases" && each.verb === "update" && each.status === 200,
    );
  await eventually("the next one leads", isRenewed);
}

/** How long a target that lags behind our own write is waited for; then its live scale is decided on in its place. */
const UNSEEN_MILLIS = 30_000;

/** Decreases that came sooner after our own last increase than an old view allows. */
function loweredEarly({ proxy }: World, name: string): number[] {
  const writes = scaleWrites(proxy.log, name);
  return writes.flatMap(({ seenAt, replicas }, nth) => {
    const before = writes[nth - 1];
    const since = before === undefined ? Infinity : seenAt - before.seenAt;
    return before !== undefined && replicas < before.replicas && since < UNSEEN_MILLIS ? [since] : [];
  });
}

/** Load goes away: with an old view that is no reason to lower, with a new one it is. */
async function lowersNothingUntilLifted(world: World, rule: Applied): Promise<void> {
  await load(world, "10m");
  await sleep(LOOKING_SECONDS * 1000);
  const liveScaleMayDecide = rule.rule.fault.do === "freeze" && rule.rule.match.resource === "deployments";
  for (const name of NAMES)
    if (liveScaleMayDecide) expect(loweredEarly(world, name), name).toEqual([]);
    else expect(last(world, name), name).toBe(4);
  plans += NAMES.length;
  rule.lift();
  await eventually("all are lowered", () => allAt(world, 2));
}
