import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMillis, millis, minutes, seconds } from "../../src/base/units.ts";
import { VirtualTime, createClock } from "../../src/sim/clock.ts";
import { runPaced } from "../../src/sim/pace.ts";
import { Sleepers } from "../../src/sim/sleepers.ts";

const START = epochMillis(Date.UTC(2026, 2, 2, 8));
const never = new AbortController().signal;

describe("virtual time", () => {
  test("jumps to whoever is due next, and wakes them in order", async () => {
    const time = new VirtualTime(START);
    const woken: string[] = [];
    const sleeper = async (name: string, ...naps: number[]): Promise<void> => {
      for (const nap of naps) {
        await time.sleep(seconds(nap));
        woken.push(`${name}@${time.now() / 1000}`);
      }
    };
    void sleeper("slow", 10, 10);
    void sleeper("quick", 4, 4, 4);
    await time.advanceTo(seconds(12));
    expect(woken).toEqual(["quick@4", "quick@8", "slow@10", "quick@12"]);
    expect(time.now()).toBe(12_000);
    expect(time.wall()).toBe(START + 12_000);
  });

  test("lets everything that a sleeper sets off come to rest before the next one wakes", async () => {
    const time = new VirtualTime(START);
    const seen: string[] = [];
    time.after(seconds(1), () => {
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => seen.push("consequence"));
    });
    time.after(seconds(1), () => seen.push("next"));
    await time.advance(seconds(1));
    expect(seen).toEqual(["consequence", "next"]);
  });

  test("an aborted sleep ends at once and holds nobody up", async () => {
    const time = new VirtualTime(START);
    const stop = new AbortController();
    const asleep = time.sleep(minutes(60), stop.signal).then(() => time.now());
    time.after(seconds(5), () => stop.abort());
    expect(await time.settle(asleep)).toBe(5_000);
    expect(await time.settle(time.sleep(minutes(60), stop.signal).then(() => time.now()))).toBe(5_000);
  });

  test("waiting for what can never come is a bug, and says so", async () => {
    const time = new VirtualTime(START);
    await expect(time.settle(new Promise(() => undefined))).rejects.toThrow(/has a sleeper/);
  });

  test("a failure of the awaited work comes through", async () => {
    const time = new VirtualTime(START);
    const work = time.sleep(seconds(1)).then(() => Promise.reject(new Error("as expected")));
    await expect(time.settle(work)).rejects.toThrow("as expected");
  });

  test("the operator's clocks may be wrong, apart from each other, while the truth goes on", async () => {
    const time = new VirtualTime(START);
    const skew = { wall: 0, mono: 0 };
    const clock = createClock(time, skew);
    const before = { wall: clock.wall(), mono: clock.mono() };
    skew.wall = 3_600_000;
    await time.advance(seconds(2));
    expect(clock.wall() - before.wall).toBe(3_602_000);
    expect(clock.mono() - before.mono).toBe(2_000);
    skew.mono = 500;
    expect(clock.mono() - before.mono).toBe(2_500);
    expect(time.wall()).toBe(START + 2_000);
  });

  test("sleeping goes by the truth", async () => {
    const time = new VirtualTime(START);
    const clock = createClock(time, { wall: -1e9, mono: 1e6 });
    await time.settle(clock.sleep(seconds(3), never));
    expect(time.now()).toBe(3_000);
  });
});

test("sleepers are taken by due time, and at one moment in the order of asking", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (dues) => {
      const sleepers = new Sleepers();
      for (const due of dues) sleepers.add(millis(due), () => undefined);
      const taken = dues.map(() => sleepers.take());
      const expected = dues.map((due, sequence) => ({ due, sequence })).toSorted((a, b) => a.due - b.due);
      expect(taken.map((each) => ({ due: each?.due, sequence: each?.sequence }))).toEqual(expected);
      expect(sleepers.take()).toBeUndefined();
    }),
  );
});

describe("paced time", () => {
  test("ends where it should, with everything done on the way", async () => {
    const time = new VirtualTime(START);
    let count = 0;
    const tick = (): void => {
      count += 1;
      time.after(seconds(1), tick);
    };
    tick();
    await runPaced(time, { speed: 100_000, until: minutes(10), signal: never });
    expect(time.now()).toBe(600_000);
    expect(count).toBe(601);
  });

  test("an abort ends it in the middle", async () => {
    const time = new VirtualTime(START);
    const stop = new AbortController();
    time.after(seconds(30), () => stop.abort());
    await runPaced(time, { speed: 10_000, until: undefined, signal: stop.signal });
    expect(time.now()).toBe(30_000);
  });
});
