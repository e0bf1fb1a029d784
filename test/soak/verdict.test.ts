/**
 * A soak's verdicts, on readings made up to be right or wrong in one thing.
 */
import { describe, expect, test } from "vitest";
import { heapPercentPerHour, judge, type Reading } from "./verdict.ts";

const steady = (minutes: number): Reading[] =>
  Array.from({ length: minutes + 1 }, (_, minute) => ({
    seconds: minute * 60,
    heapBytes: 40e6,
    residentBytes: 120e6,
    sockets: 30,
    calm: { lagMillis: 32, idleLagMillis: 20 },
    whole: { lagMillis: 90, idleLagMillis: 20 },
    decisionsPerSecond: 40,
  }));
const fine = { exitCode: 0, crashes: [] };
const failing = (readings: readonly Reading[], ending: Parameters<typeof judge>[1] = fine): string[] =>
  judge(readings, ending)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what.split(",")[0] ?? "");

test("the slope is that of least squares, per hour and of the mean", () => {
  const readings = [100, 102, 104].map((heapBytes, hour) => ({ seconds: hour * 3600, heapBytes }));
  expect(heapPercentPerHour(readings)).toBeCloseTo(1.96, 2);
});

describe("a soak", () => {
  test("that is the same all the time is fine, long or short", () => {
    expect(failing(steady(120))).toEqual([]);
    expect(failing(steady(2))).toEqual([]);
  });

  test("whose heap creeps by 2 % an hour is not, once it is long enough to tell", () => {
    const creeping = (minutes: number): Reading[] =>
      steady(minutes).map((reading) => ({ ...reading, heapBytes: 40e6 * (1 + reading.seconds / 180_000) }));
    expect(failing(creeping(120))).toEqual(["heap"]);
    expect(failing(creeping(10))).toEqual([]);
  });

  test.each([
    ["heap after a forced collection", { heapBytes: 42.1e6 }],
    ["decisions per second", { decisionsPerSecond: 0 }],
  ])("with too much or too little at its end fails by its %s", (what, part) => {
    expect(failing([...steady(9), { ...(steady(10)[10] as Reading), ...part }])).toEqual([what]);
  });

  test.each([
    ["heap after a forced collection", { heapBytes: 52.1e6 }],
    ["open sockets", { sockets: 72 }],
    ["decisions per second", { decisionsPerSecond: 0 }],
  ])("of two minutes fails by its %s, too", (what, part) => {
    // a reading comes when it comes: the first a little before half-time
    const [first, last] = [steady(1)[1] as Reading, { ...(steady(2)[2] as Reading), seconds: 121 }];
    expect(failing([first, last])).toEqual([]);
    expect(failing([first, { ...last, heapBytes: 51e6, sockets: 71 }])).toEqual([]);
    expect(failing([first, { ...last, ...part }])).toEqual([what]);
  });

  test("that leaks a socket a minute fails, and one with a burst of them does not", () => {
    const holding = (sockets: (minute: number) => number): Reading[] =>
      steady(30).map((reading, minute) => ({ ...reading, sockets: sockets(minute) }));
    expect(failing(holding((minute) => 30 + minute))).toEqual(["open sockets"]);
    expect(failing(holding((minute) => (minute % 5 === 0 ? 60 : 30)))).toEqual([]);
  });

  test("whose loop is late without a fault fails, unless in one span of twenty; with one it is only told", () => {
    const late = (count: number): Reading[] =>
      steady(41).map((reading, index) =>
        index >= 42 - count ? { ...reading, calm: { lagMillis: 51, idleLagMillis: 45 } } : reading,
      );
    expect(failing(late(2))).toEqual([]);
    expect(failing(late(3))).toEqual(["event-loop delay p99 without a fault"]);
  });

  test("that crashed, or did not end when told to, fails", () => {
    expect(failing(steady(4), { exitCode: 1, crashes: ["Error: unhandled"] })).toEqual([
      "crashes and unhandled rejections",
      "exit code after SIGTERM",
    ]);
  });
});
