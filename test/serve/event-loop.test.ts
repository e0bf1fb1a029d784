/**
 * When the event loop counts as stalled.
 */
import { expect, test } from "vitest";
import { monoMillis } from "../../src/base/units.ts";
import { LoopDelays, TICK_PERIOD, watchEventLoop } from "../../src/serve/event-loop.ts";

/** The loop comes round every 250 ms for `lasting` ms, but for stalls: begin → length. */
function running(lasting: number, stalls: Readonly<Record<number, number>> = {}): LoopDelays {
  const delays = new LoopDelays(monoMillis(0));
  for (let now = 0; now <= lasting; now += TICK_PERIOD + (stalls[now] ?? 0)) delays.tick(monoMillis(now));
  return delays;
}

test.each([
  { when: "it runs smoothly", lasting: 60_000, stalls: {}, stalled: false },
  { when: "it has just started and stalls", lasting: 12_000, stalls: { 1000: 9000 }, stalled: false },
  { when: "it stalled once", lasting: 60_000, stalls: { 35_000: 5000 }, stalled: false },
  {
    when: "it stalls in each of the last three spans",
    lasting: 60_250,
    stalls: { 35_000: 2000, 45_000: 1000, 55_000: 3000 },
    stalled: true,
  },
  {
    when: "its stalls are short",
    lasting: 60_250,
    stalls: { 35_000: 900, 45_000: 900, 55_000: 900 },
    stalled: false,
  },
  {
    when: "one span without a stall is among them",
    lasting: 60_250,
    stalls: { 35_000: 2000, 55_000: 3000 },
    stalled: false,
  },
  {
    when: "a single stall of 40 s has just ended",
    lasting: 60_250,
    stalls: { 20_000: 40_000 },
    stalled: true,
  },
  { when: "that stall is ten seconds ago", lasting: 80_000, stalls: { 20_000: 40_000 }, stalled: false },
])("stalled is $stalled when $when", ({ lasting, stalls, stalled }) => {
  expect(running(lasting, stalls).stalled()).toBe(stalled);
});

test("watching keeps no process alive", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const stop = new AbortController();
  const watch = watchEventLoop(stop.signal, () => undefined);
  expect(watch.stalled()).toBe(false);
  expect(timers()).toBe(before);
  stop.abort();
});

test("a stall is told when it is over, with its length", async () => {
  const stop = new AbortController();
  const told: { message: string; seconds: unknown }[] = [];
  watchEventLoop(stop.signal, (_, message, fields) => told.push({ message, seconds: fields?.["seconds"] }));
  for (const until = performance.now() + 1300; performance.now() < until;) /* hold the loop */ ;
  await expect.poll(() => told).toHaveLength(1);
  stop.abort();
  expect(told[0]?.message).toMatch(/^the event loop stalled/);
  expect(told[0]?.seconds).toBeGreaterThanOrEqual(1);
});
