import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import { createClock } from "../../src/real/clock.ts";

const clock = createClock();

test("a sleep lasts at least as long as was asked, on the monotonic clock", async () => {
  const start = clock.mono();
  await clock.sleep(millis(20.5), new AbortController().signal);
  expect(clock.mono() - start).toBeGreaterThanOrEqual(20.5);
});

test.each([0, -5])("a sleep of %i ends at once", async (duration) => {
  await clock.sleep(millis(duration), new AbortController().signal);
});

test("even a sleep of 0 lets what waits in the event loop go first", async () => {
  let wentFirst = false;
  setImmediate(() => (wentFirst = true));
  await clock.sleep(millis(0), new AbortController().signal);
  expect(wentFirst).toBe(true);
});

test("a sleep leaves nothing behind at its signal", async () => {
  const { signal } = new AbortController();
  await clock.sleep(millis(1), signal);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a sleep of a year neither ends at once nor outlives its signal", async () => {
  const caller = new AbortController();
  let ended = false;
  const sleeping = clock.sleep(millis(366 * 86_400_000), caller.signal).then(() => (ended = true));
  await clock.sleep(millis(10), new AbortController().signal);
  expect(ended).toBe(false);
  caller.abort();
  await sleeping;
});

test("a signal that has aborted already means no sleep", async () => {
  await clock.sleep(millis(60_000), AbortSignal.abort());
});
