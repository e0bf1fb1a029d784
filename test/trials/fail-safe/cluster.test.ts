/**
 * Fail-safe rows about nodes, the API server, clocks and the operator's own life, over the whole operator.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { elapsed, millis, minutes, seconds } from "../../../src/base/units.ts";
import type { Lease, LeasePort } from "../../../src/reconcile/port.ts";
import type { WriteOutcome } from "../../../src/base/outcome.ts";
import { chanceOf } from "../../../src/sim/chance.ts";
import type { ApiCall, Fault } from "../../../src/sim/ports/fault.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { operate, statusOf, steady, wantedOf } from "../../sim/operating.ts";
import type { Scene } from "./stage.ts";
import { AT_ONCE, decreasesIn, perform, PERIOD, setScene, tellTally, WARM } from "./stage.ts";

tellTally("cluster");

test(nameOf("F15"), async () => {
  const scene = setScene({ replicas: 9, cores: 2.43 });
  const { model, time } = scene;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.killNode("node-2");
    await time.advance(seconds(80 + 2 * 16));
    expect(wantedOf(model), "six ready pods at 81 % ask for 8 or 9, and 3 are lost").toBeGreaterThanOrEqual(
      11,
    );
    await time.advance(minutes(5));
    expect(decreasesIn(model.writes()), "the five minutes until its pods are deleted").toEqual([]);
  });
});

/** Counts every call, and refuses half of them while it is on. */
class Overload implements Fault {
  readonly name = "half of all answers are 429";
  readonly #chance = chanceOf(1, "overload");
  readonly #spares: (verb: ApiCall["verb"]) => boolean;
  calls = 0;
  on = false;

  constructor(spares: (verb: ApiCall["verb"]) => boolean) {
    this.#spares = spares;
  }

  call({ verb }: ApiCall): ReturnType<NonNullable<Fault["call"]>> {
    this.calls += 1;
    if (!this.on || this.#spares(verb) || this.#chance.next() < 0.5) return undefined;
    const retryAfter = seconds(1 + Math.floor(this.#chance.next() * 32));
    return { kind: "instead", failure: { kind: "throttled", retryAfter, message: "too many requests" } };
  }
}

/** The calls of 10 min in which load changes each minute, and how often leading ended. */
async function callsUnder(
  overload: Overload,
  on: boolean,
): Promise<Readonly<{ calls: number; ends: number }>> {
  const scene = setScene();
  const { model, time, faults } = scene;
  faults.push(overload);
  const counted = { calls: 0, ends: 0 };
  const log = (_: string, message: string): void => {
    if (message.startsWith("no longer leading")) counted.ends += 1;
  };
  await perform(
    scene,
    async () => {
      await time.advance(WARM);
      overload.on = on;
      const before = overload.calls;
      for (let minute = 0; minute < 10; minute += 1) {
        model.setLoad("default", "web", steady(minute % 2 === 0 ? 5 : 3));
        await time.advance(minutes(1));
      }
      counted.calls = overload.calls - before;
      expect(wantedOf(model), "it goes on scaling").toBeGreaterThan(10);
      overload.on = false;
    },
    { log },
  );
  return counted;
}

test.each([
  // As deploy/plimsoll.yaml's FlowSchema has it: the Lease is served at a level of its own.
  {
    name: nameOf("F17"),
    what: "all but of the Lease",
    spares: (verb: string) => verb.endsWith("lease"),
    ends: 1,
  },
  {
    name: "where the Lease has no level of its own it may be lost at times, and requests still stay at most a fifth above the usual number",
    what: "those of the Lease too",
    spares: () => false,
    ends: 10,
  },
])("$name", async ({ what, spares, ends }) => {
  const usual = await callsUnder(new Overload(spares), false);
  const busy = await callsUnder(new Overload(spares), true);
  console.log(`F17, ${what}: ${usual.calls} calls usually, ${busy.calls} with half of them refused`);
  expect(busy.calls).toBeLessThanOrEqual(1.2 * usual.calls);
  expect(busy.ends, "the last is the end of the run").toBeLessThanOrEqual(ends);
});

test(nameOf("F19"), async () => {
  const scene = setScene({ policy: { behavior: AT_ONCE } });
  const { model, time, faults } = scene;
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    faults.push({ name: "the watch of pods is dead", delay: (kind) => (kind === "pods" ? minutes(60) : undefined) }); // prettier-ignore
    await time.advance(minutes(3));
    model.setLoad("default", "web", steady(1));
    await time.advance(minutes(20));
    expect(model.writes()).toEqual([]);
    expect(must(records.at(-1), "decisions go on").verdict).toMatchObject({
      plan: { conditions: expect.arrayContaining([expect.objectContaining({ reason: "MissingEvidence" })]) },
    });
  });
});

/** A Lease that one installation has for itself. */
function ownLease({ time }: Scene): LeasePort {
  let lease: Lease | undefined;
  let revision = 0;
  const store = async (record: Lease["record"]): Promise<WriteOutcome> => {
    lease = { resourceVersion: String((revision += 1)), record };
    return { kind: "written", resourceVersion: lease.resourceVersion };
  };
  return {
    readLease: async () =>
      lease === undefined ? { kind: "absent", message: "not found" } : { kind: "read", value: lease },
    createLease: async (record) => store(record),
    updateLease: async (_, record) => store(record),
    watchLease: (_, signal) => time.sleep(minutes(10_000), signal),
  };
}

test(nameOf("F22"), async () => {
  const scene = setScene({ policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  const able = () => statusOf(model).conditions.find(({ type }) => type === "AbleToScale");
  const told = () => model.events().filter(({ reason }) => reason === "OtherInstallation");
  await perform(scene, async (operator) => {
    await time.advance(WARM);
    const second = operate(scene, {
      identity: "second",
      installation: "theirs/plimsoll",
      api: ownLease(scene),
    });
    await time.advance(millis(2 * PERIOD));
    expect(able()).toMatchObject({ status: "False", reason: "OtherInstallation" });
    expect(told().length, "each of the two says so once").toBe(2);
    for (const cores of [6, 1]) {
      model.setLoad("default", "web", steady(cores));
      await time.advance(minutes(15));
      expect(model.writes(), "both hold, however long").toEqual([]);
    }
    for (const { records } of [operator, second])
      expect(must(records.at(-1), "both decide").verdict).toMatchObject({
        effect: { kind: "withheld", because: "OtherInstallation" },
      });

    await second.end();
    model.setLoad("default", "web", steady(3.6));
    await time.advance(minutes(6));
    expect(model.writes()[0], "the one that stays goes on, and not down first").toMatchObject({
      from: 10,
      to: 12,
    });
    expect(able()?.status).toBe("True");
  });
});

test("F22: one installation that follows another takes no notice of what that left behind", async () => {
  const scene = setScene();
  const { model, time } = scene;
  const before = operate(scene, {
    identity: "before",
    installation: "theirs/plimsoll",
    api: ownLease(scene),
  });
  await time.advance(WARM);
  await before.end();
  expect(statusOf(model).installation).toBe("theirs/plimsoll");
  await perform(scene, async () => {
    await time.advance(minutes(1));
    model.setLoad("default", "web", steady(6));
    await time.advance(minutes(2));
    expect(wantedOf(model)).toBeGreaterThan(10);
    expect(model.events().filter(({ reason }) => reason === "OtherInstallation")).toEqual([]);
  });
});

const DAY = 86_400_000;
test.each([
  { jump: "a second ahead", by: 1_000 },
  { jump: "a second back (a leap second)", by: -1_000 },
  { jump: "5 minutes ahead", by: 300_000 },
  { jump: "5 minutes back", by: -300_000 },
  { jump: "a day ahead", by: DAY },
  { jump: "a day back", by: -DAY },
  { jump: "20 years ahead", by: 20 * 365.25 * DAY },
  { jump: "20 years back", by: -20 * 365.25 * DAY },
  { jump: "back to 1970", by: -1_772_438_400_000 },
])(`${nameOf("F23")} ($jump)`, async ({ by }) => {
  const scene = setScene();
  const { model, time, skew } = scene;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.setLoad("default", "web", steady(1));
    await time.advance(minutes(1));
    skew.wall += by;
    await time.advance(seconds(Math.abs(by) > 30_000 ? 295 : 230));
    expect(model.writes()).toEqual([]);
    await time.advance(minutes(15));
    if (Math.abs(by) <= 300_000) expect(wantedOf(model), "and then the decrease comes").toBeLessThan(10);
    else expect(model.writes(), "stamps that far off are no samples").toEqual([]);
  });
});

test("F24: for two periods after a stall nothing is decreased, and load is answered as always", async () => {
  const after = async (cores: number): Promise<number> => {
    const scene = setScene({ policy: { behavior: AT_ONCE } });
    const { model, time, skew, world } = scene;
    let moved: number | undefined;
    await perform(scene, async () => {
      await time.advance(WARM);
      model.setLoad("default", "web", steady(cores));
      await time.advance(seconds(4));
      expect(model.writes(), "samples come later").toEqual([]);
      skew.mono += 1_200;
      const start = world.clock.mono();
      for (let n = 0; n < 600 && moved === undefined; n += 1) {
        await time.advance(millis(100));
        if (model.writes().length > 0) moved = elapsed(start, world.clock.mono());
      }
    });
    return must(moved, "it moved within a minute");
  };
  expect(await after(1)).toBeGreaterThanOrEqual(seconds(30));
  expect(await after(6)).toBeLessThanOrEqual(seconds(20));
});

test(nameOf("F24"), async () => {
  const scene = setScene();
  const { model, time, skew, world } = scene;
  const run = { stalls: 0, renewed: true, early: 0 };
  const api: Parameters<typeof operate>[1] = {
    api: {
      readScale: async (...of) => {
        const answer = await world.api.readScale(...of);
        if (run.stalls > 0) return answer;
        run.stalls += 1;
        run.renewed = false;
        skew.mono += 12_000;
        return answer;
      },
      updateLease: async (...of) => {
        const outcome = await world.api.updateLease(...of);
        run.renewed ||= outcome.kind === "written";
        return outcome;
      },
      writeScale: async (...of) => {
        if (!run.renewed) run.early += 1;
        return world.api.writeScale(...of);
      },
    },
  };
  await perform(
    scene,
    async ({ records }) => {
      await time.advance(WARM);
      model.setLoad("default", "web", steady(6));
      await time.advance(minutes(3));
      expect(run).toMatchObject({ stalls: 1, renewed: true, early: 0 });
      const effects = records.map(({ verdict }) => (verdict.kind === "planned" ? verdict.effect.kind : ""));
      expect(effects, "the stalled one was not sent").toContain("doubted");
      expect(wantedOf(model)).toBeGreaterThan(10);
    },
    api,
  );
});

const gone: Fault = {
  name: "the process is gone",
  call: () => ({ kind: "instead", failure: { kind: "unreachable", message: "the process is gone" } }),
};

/** When the load rises and falls, in seconds; the mark asks for 20 and 7 replicas. */
const RISE = 8 * 60;
const FALL = 14 * 60;

type Story = Readonly<{ raisedAt: number; loweredAt: number; end: number }>;

/** 32 minutes with a rise and a fall of load, killed and started again at `killAt`. */
async function story(killAt: number | undefined): Promise<Story> {
  const scene = setScene({ policy: { maxReplicas: 30 } });
  const { model, time, faults } = scene;
  const start = time.wall();
  const mishaps: readonly Readonly<{ at: number; happen(): Promise<void> }>[] = [
    { at: RISE, happen: async () => model.setLoad("default", "web", steady(6)) },
    { at: FALL, happen: async () => model.setLoad("default", "web", steady(2)) },
    { at: killAt ?? Infinity, happen: restart },
  ].toSorted((a, b) => a.at - b.at);
  let operator = operate(scene, { identity: "first" });
  async function restart(): Promise<void> {
    faults.push(gone);
    await operator.end();
    faults.length = 0;
    operator = operate(scene, { identity: "second" });
  }
  for (const { at, happen } of mishaps.filter(({ at: moment }) => moment < Infinity)) {
    await time.advanceTo(seconds(at));
    await happen();
  }
  await time.advanceTo(minutes(32));
  await operator.end();
  const moments = model.writes().map(({ at, from, to }) => ({ at: (at - start) / 1000, up: to > from }));
  return {
    raisedAt: moments.find(({ up }) => up)?.at ?? Infinity,
    loweredAt: moments.find(({ up }) => !up)?.at ?? Infinity,
    end: wantedOf(model),
  };
}

test(nameOf("F26"), async () => {
  const RUNS = 100;
  const undisturbed = await story(undefined);
  const chance = chanceOf(1, "kills");
  let [latestRise, soonestFall, latestFall] = [0, Infinity, 0];
  for (let run = 0; run < RUNS; run += 1) {
    const { raisedAt, loweredAt, end } = await story(120 + chance.next() * 26 * 60);
    expect(end).toBe(undisturbed.end);
    latestRise = Math.max(latestRise, raisedAt - undisturbed.raisedAt);
    soonestFall = Math.min(soonestFall, loweredAt - FALL);
    latestFall = Math.max(latestFall, loweredAt - undisturbed.loweredAt);
  }
  const whole = Math.round;
  console.log(
    `F26: ${RUNS} kills; the rise at most ${whole(latestRise)} s later, the fall ${whole(soonestFall)} s after load fell at the soonest, ${whole(latestFall)} s later than undisturbed at most`,
  );
  expect(latestRise, "the Lease of the dead one, and two rounds").toBeLessThanOrEqual(75);
  expect(soonestFall, "a full window, as without a restart").toBeGreaterThanOrEqual(285);
  expect(latestFall, "a gap leaves the window").toBeLessThanOrEqual(300 + 75);
});
