import { beforeEach, describe, expect, test } from "vitest";
import type { Meter } from "../../src/base/meter.ts";
import { seconds } from "../../src/base/units.ts";
import { ELECTION_TIMES } from "../../src/reconcile/election/candidacy.ts";
import { createElection, type Election } from "../../src/reconcile/election/driver.ts";
import type { LeasePort } from "../../src/reconcile/port.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { never } from "../sim/stage.ts";
import { createSimulatedWorld, type SimulatedWorld } from "../../src/sim/world.ts";

const nothing: Meter = {
  count: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  forget: () => undefined,
};
const cutOff: Fault = {
  name: "no way to the API server",
  call: () => ({ kind: "instead", failure: { kind: "unreachable", message: "no answer" } }),
};

let simulated: SimulatedWorld;
let faults: Fault[];
let logged: string[];
beforeEach(() => {
  faults = [];
  logged = [];
  simulated = createSimulatedWorld({ seed: 1, faults });
});

type Running = Election & Readonly<{ stop: AbortController; ended: Promise<void>; changes: boolean[] }>;

function run(identity: string, lease: LeasePort = simulated.world.api): Running {
  const { world } = simulated;
  const election = createElection(
    {
      clock: world.clock,
      random: world.random,
      lease,
      meter: nothing,
      log: (_, message) => logged.push(message),
      signal: never,
    },
    { identity, times: ELECTION_TIMES },
  );
  const stop = new AbortController();
  const changes: boolean[] = [];
  const ended = election.run((leading) => changes.push(leading), stop.signal);
  return {
    leading: () => election.leading(),
    timeLeft: () => election.timeLeft(),
    epoch: () => election.epoch(),
    term: () => election.term(),
    run: (changed, signal) => election.run(changed, signal),
    release: () => election.release(),
    stop,
    ended,
    changes,
  };
}

const after = (s: number) => simulated.time.advance(seconds(s));

describe("the election", () => {
  test("a first candidate leads at once, and a second never beside it", async () => {
    const first = run("first");
    await after(1);
    const second = run("second");
    for (let s = 0; s < 120; s += 1) {
      await after(1);
      expect([first.leading(), second.leading()]).toEqual([true, false]);
    }
  });

  test("a standby follows a leader that lets go within a second", async () => {
    const first = run("first");
    await after(1);
    const second = run("second");
    await after(10);
    first.stop.abort();
    await simulated.time.settle(first.ended);
    await simulated.time.settle(first.release());
    await after(1);
    expect([first.leading(), second.leading()]).toEqual([false, true]);
    expect(second.epoch()).toBe(1);
  });

  test("a standby follows a leader that died within the lease duration and one retry", async () => {
    const first = run("first");
    await after(10);
    const second = run("second");
    await after(5);
    first.stop.abort();
    await after(13);
    expect(second.leading(), "not before the Lease has run out").toBe(false);
    await after(5);
    expect(second.leading()).toBe(true);
  });

  test("F21 a leader that is cut off stops leading within the renew deadline, and leads again when the way is free", async () => {
    const only = run("only");
    await after(5);
    faults.push(cutOff);
    await after(10);
    expect(only.leading()).toBe(false);
    await after(300);
    expect(only.changes).toEqual([true, false]);
    faults.pop();
    await after(5);
    expect(only.leading(), "its own old Lease is nobody else's").toBe(true);
    expect(only.changes).toEqual([true, false, true]);
    expect(only.epoch(), "a new term").toBe(1);
  });

  test("a leader whose writes are done and never answered does not keep the Lease from its standby", async () => {
    const { api } = simulated.world;
    let isDeaf = false;
    const first = run("first", {
      ...api,
      async updateLease(...write) {
        const outcome = await api.updateLease(...write);
        return isDeaf ? { kind: "unreachable", message: "no answer" } : outcome;
      },
    });
    await after(5);
    const second = run("second");
    await after(5);
    isDeaf = true;
    let bothLed = false;
    for (let s = 0; s < 60; s += 1) {
      await after(1);
      bothLed ||= first.leading() && second.leading();
    }
    expect([first.leading(), second.leading(), bothLed]).toEqual([false, true, false]);
  });

  test("a problem is told when it begins and when it ends, however long it lasts", async () => {
    run("only");
    await after(5);
    faults.push(cutOff);
    await after(600);
    faults.pop();
    await after(10);
    expect(logged.filter((line) => /cannot be/.test(line)).length).toBeLessThanOrEqual(2);
    expect(logged.filter((line) => /in reach again/.test(line))).toHaveLength(1);
  });
});
