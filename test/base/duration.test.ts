import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/base/duration.ts";
import { millis } from "../../src/base/units.ts";

describe("durations", () => {
  test.each([
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["500ms", 500],
    ["0", 0],
    ["0s", 0],
    ["15s", 15_000],
    ["2h45m", 9_900_000],
    [".5s", 500],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "90", "s", "-5s", "1d", "1m 30s", "15 s", "1e3s", "15s!"])("'%s' is no duration", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([
    [0, "0s"],
    [250, "250ms"],
    [90_000, "1m30s"],
    [300_000, "5m"],
    [3_600_000, "1h"],
    [95_400, "1m35s"],
  ])("%i ms is written %s", (ms, text) => {
    expect(formatDuration(millis(ms))).toBe(text);
  });
});
