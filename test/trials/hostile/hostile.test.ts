/**
 * Peers that do not know of us, or do not care: no fight is longer than the budget of writes allows, the status
 * says what goes on, and when the peer has left, all is as it should be.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes, seconds } from "../../../src/base/units.ts";
import type { WriteOutcome } from "../../../src/base/outcome.ts";
import type { Lease, LeasePort, LeaseRecord } from "../../../src/reconcile/port.ts";
import type { ScaleWrite } from "../../../src/sim/ports/api.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { operate, settledWorld, statusOf, steady, wantedOf } from "../../sim/operating.ts";
import { BUDGET, DEMAND, type Peer, PEERS, REST } from "./peers.ts";

const SCENARIOS_MIN = 12;
const tally = { scenarios: 0, acts: 0, writes: 0, busiest: 0 };
afterAll(() => {
  const { scenarios, acts, writes, busiest } = tally;
  console.log(
    `hostile peers: ${scenarios} scenarios, ${acts} acts of others, ${writes} writes of ours, ` +
      `at most ${busiest} to one object in ten minutes`,
  );
});

/** The most writes to one object within any ten minutes. */
function busiestIn(writes: readonly ScaleWrite[]): number {
  const within = ({ at, uid }: ScaleWrite): number =>
    writes.filter((other) => other.uid === uid && other.at >= at && other.at < at + minutes(10)).length;
  return Math.max(0, ...writes.map(within));
}

/** A status that says nothing new is written every 90 s. */
const RENEWED_WITHIN = minutes(2);
const FIGHT = minutes(25);
const PEACE = minutes(12);

/**
 * Lets the peer act for 25 minutes, while the load wants 18 replicas; answers the reasons that were shown, and who was said
 * to have acted.
 */
async function fight(
  world: SimulatedWorld,
  peer: Pick<Peer, "act" | "every" | "isUndone">,
): Promise<ReadonlySet<string>> {
  const { model, time } = world;
  const shown = new Set<string>();
  let [stoodFor, longest] = [0, 0];
  for (let beat = 0; beat * peer.every < FIGHT; beat += 1) {
    peer.act(world, beat);
    tally.acts += 1;
    await time.advance(peer.every);
    stoodFor = peer.isUndone?.(world) === false ? stoodFor + peer.every : 0;
    longest = Math.max(longest, stoodFor);
    if (model.policy("default", "web")?.status === undefined) continue;
    const { conditions, recentActs } = statusOf(model);
    for (const { reason } of conditions) shown.add(reason);
    for (const { why } of recentActs) if (why.startsWith("set by ")) shown.add(why);
  }
  expect(longest, "mischief stands until the status is renewed").toBeLessThanOrEqual(RENEWED_WITHIN);
  for (const { reason } of model.events()) shown.add(reason);
  return shown;
}

function count(writes: readonly ScaleWrite[]): void {
  tally.scenarios += 1;
  tally.writes += writes.length;
  tally.busiest = Math.max(tally.busiest, busiestIn(writes));
}

let undisturbed: ReadonlySet<string>;
beforeAll(async () => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const operator = operate(world);
  await world.time.advance(minutes(7));
  world.model.setLoad("default", "web", steady(DEMAND));
  undisturbed = await fight(world, { every: seconds(5), act: () => undefined });
  tally.acts = 0;
  await operator.end();
});

test.each(PEERS)("$name: bounded, told, and over when it is over", async (peer) => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time } = world;
  const errors: string[] = [];
  peer.prepare?.(world);
  const operator = operate(world, {
    log: (level, message) => void (level === "error" && errors.push(message)),
  });
  await time.advance(minutes(7));
  expect(model.writes(), "at the mark nothing is written").toEqual([]);
  model.setLoad("default", "web", steady(DEMAND));
  const shown = await fight(world, peer);
  const writes = [...model.writes()];
  peer.leave?.(world);
  await time.advance(PEACE);
  await operator.end();
  count(writes);
  expect(errors).toEqual([]);
  expect(busiestIn(writes)).toBeLessThanOrEqual(peer.writesMax);
  if (peer.shows !== undefined) {
    expect([...shown]).toContain(peer.shows);
    expect([...undisturbed], "shown without the peer too").not.toContain(peer.shows);
  }
  expect(wantedOf(model), "after it has left").toBeGreaterThanOrEqual(REST.fewest);
  expect(wantedOf(model), "after it has left").toBeLessThanOrEqual(REST.most);
});

/** A Lease that nobody else knows, as a second installation has it. */
function ownLease(): LeasePort {
  let lease: Lease | undefined;
  const store = (record: LeaseRecord): WriteOutcome => {
    lease = { resourceVersion: String(Number(lease?.resourceVersion ?? 0) + 1), record };
    return { kind: "written", resourceVersion: lease.resourceVersion };
  };
  const absent = { kind: "absent", message: "it does not exist" } as const;
  return {
    readLease: () => Promise.resolve(lease === undefined ? absent : { kind: "read", value: lease }),
    createLease: (record) => Promise.resolve(store(record)),
    updateLease: (_, record) => Promise.resolve(store(record)),
    watchLease: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  };
}

test("a second copy of us with the same Lease: bounded, and both leave the status honest", async () => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time } = world;
  const copies = ["first", "second"].map((identity) => operate(world, { identity }));
  await time.advance(minutes(7));
  model.setLoad("default", "web", steady(DEMAND));
  await time.advance(minutes(6));
  model.setLoad("default", "web", steady(1.8));
  await time.advance(minutes(12));
  const writes = [...model.writes()];
  const { conditions } = statusOf(model);
  for (const copy of copies) await copy.end();
  count(writes);
  expect(busiestIn(writes)).toBeLessThanOrEqual(BUDGET);
  expect(wantedOf(model)).toBe(6);
  expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
});

test("a second copy of us with a Lease of its own: both hold, say so, and one goes on when the other is gone", async () => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time } = world;
  const first = operate(world, { identity: "first" });
  const second = operate(world, { identity: "second", installation: "theirs/plimsoll", api: ownLease() });
  await time.advance(minutes(7));
  model.setLoad("default", "web", steady(DEMAND));
  await time.advance(minutes(6));
  const { conditions } = statusOf(model);
  expect(model.writes()).toEqual([]);
  expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", reason: "OtherInstallation" }));
  await first.end();
  await time.advance(minutes(7));
  const writes = [...model.writes()];
  await second.end();
  count(writes);
  expect(wantedOf(model)).toBeGreaterThanOrEqual(REST.fewest);
  expect(busiestIn(writes)).toBeLessThanOrEqual(BUDGET);
});

test("there are 12 scenarios and more", () => {
  expect(tally.scenarios).toBeGreaterThanOrEqual(SCENARIOS_MIN);
  expect(tally.busiest).toBeLessThanOrEqual(BUDGET + 1);
});
