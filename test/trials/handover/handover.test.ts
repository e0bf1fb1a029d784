/**
 * Two replicas, and whatever may befall them and their Lease: nobody writes after its own deadline while another holds
 * the Lease, somebody leads again in time, and at a steady load no count changes for it.
 */
import { afterAll, expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { type Millis, millis, minutes, seconds } from "../../../src/base/units.ts";
import { settledWorld, steady, wantedOf } from "../../sim/operating.ts";
import { type Disturbance, DISTURBANCES, RATES, TAKE_OVER } from "./disturbances.ts";
import { Pair } from "./pair.ts";

/** At different points between two renewals. */
const OFFSETS = [0, 0.4, 0.8, 1.2, 1.6].map(seconds);
const HANDOVERS_MIN = 200;
const STEADY = minutes(10);

const tally = { trials: 0, terms: 0, writes: 0, beside: 0, afterDeadline: 0, steadyWrites: 0 };
const tookOver: Millis[] = [];
afterAll(() => {
  const { trials, terms, writes, beside, afterDeadline, steadyWrites } = tally;
  const sorted = tookOver.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    ((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / 1000).toFixed(1);
  console.log(
    `handovers: ${trials} trials, ${terms} times the Lease changed hands; ${writes} writes under a moving load, ` +
      `${afterDeadline} by a non-holder after its deadline, ${beside} before it (the Lease was taken away unforeseen); ` +
      `${steadyWrites} writes at a steady load; take-over p50 ${at(0.5)} s, p95 ${at(0.95)} s, at most ${at(1)} s`,
  );
});

type Rates = Readonly<{ leader: number; standby: number }>;

/** A pair of which the first has led for two minutes and a window. */
async function begin(offset: Millis, { leader, standby }: Rates = { leader: 1, standby: 1 }): Promise<Pair> {
  const pair = new Pair(settledWorld({ replicas: 6, cores: 1.74 }));
  pair.start("first", leader);
  await pair.time.advance(seconds(1));
  pair.start("second", standby);
  await pair.time.advance(millis(minutes(2) + offset));
  expect(pair.leader().identity).toBe("first");
  return pair;
}

/** Load that asks for more every 8 s, so that whoever leads has something to write. */
function move({ model, time }: Pair): void {
  for (let n = 1; n <= 10; n += 1)
    time.after(millis(n * seconds(8)), () => model.setLoad("default", "web", steady(1.74 + n)));
}

async function disturb(pair: Pair, disturbance: Disturbance): Promise<void> {
  const before = pair.terms.length;
  const began = pair.time.now();
  await disturbance.befall(pair);
  const ended = pair.time.now();
  const { takeOver, keeps } = disturbance;
  await pair.time.advance(seconds(25));
  if (keeps === true) expect(pair.terms.length, "the leader keeps the Lease").toBe(before);
  if (takeOver === undefined) return;
  const since = takeOver.since === "beginning" ? began : ended;
  const { at } = must(
    pair.terms.find((term, n) => n >= before && term.at >= began),
    "somebody took over",
  );
  tookOver.push(millis(Math.max(0, at - since)));
  expect(at - since, "somebody leads in time").toBeLessThanOrEqual(takeOver.within);
}

function judge(pair: Pair, { isUnforeseen }: Pick<Disturbance, "isUnforeseen">): void {
  tally.trials += 1;
  tally.terms += pair.terms.length - 1;
  tally.beside += pair.besideHolder.length;
  tally.afterDeadline += pair.afterDeadline.length;
  expect(pair.errors).toEqual([]);
  expect(pair.afterDeadline).toEqual([]);
  if (isUnforeseen !== true) expect(pair.besideHolder).toEqual([]);
}

test.each(DISTURBANCES)("$what, at a steady load: no count changes for ten minutes", async (disturbance) => {
  for (const offset of OFFSETS) {
    const pair = await begin(offset);
    await disturb(pair, disturbance);
    await pair.time.advance(STEADY);
    tally.steadyWrites += pair.writes.length;
    await pair.end();
    judge(pair, disturbance);
    expect(pair.writes).toEqual([]);
  }
});

test.each(DISTURBANCES)(
  "$what, while the load rises: only the holder writes, and the count follows",
  async (disturbance) => {
    for (const offset of OFFSETS) {
      const pair = await begin(offset);
      move(pair);
      await disturb(pair, disturbance);
      await pair.time.advance(minutes(4));
      const { model } = pair;
      tally.writes += pair.writes.length;
      await pair.end();
      judge(pair, disturbance);
      if (disturbance.isBlind === true) continue;
      expect(pair.writes.length).toBeGreaterThan(0);
      expect(wantedOf(model), "11.74 cores at 60 % of 500m are 40").toBeGreaterThanOrEqual(36);
    }
  },
);

/**
 * Rates that differ by more than the lease duration over the renew deadline are beyond what any Lease can carry; a
 * killed leader needs none of it.
 */
test.each(RATES)("$what, and the leader is killed: followed in time", async (rates) => {
  for (const offset of OFFSETS) {
    const pair = await begin(offset, rates);
    move(pair);
    await disturb(pair, {
      what: rates.what,
      befall: async () => pair.kill(),
      takeOver: { since: "beginning", within: TAKE_OVER },
    });
    tally.writes += pair.writes.length;
    await pair.end();
    judge(pair, {});
  }
});

test("there were 200 handovers and more, and nobody wrote after its deadline", () => {
  expect(tally.terms).toBeGreaterThanOrEqual(HANDOVERS_MIN);
  expect(tally.writes).toBeGreaterThan(HANDOVERS_MIN);
  expect(tally.afterDeadline).toBe(0);
  expect(tally.steadyWrites).toBe(0);
});
