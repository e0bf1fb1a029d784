/** Change windows: when they open, for how long, and what cannot be read. */
import { describe, expect, test } from "vitest";
import { parseTime } from "../../../src/base/rfc3339.ts";
import { minutes } from "../../../src/base/units.ts";
import { complaintAbout, openingAt } from "../../../src/coordinate/requests/change-window.ts";

const at = (text: string) => parseTime(text)!;
const night = { schedule: "0 2 * * 1-5", duration: minutes(120), timeZone: "Europe/Berlin" };

describe("0 2 * * 1-5 for 2 h in Berlin", () => {
  test.each([
    { now: "2026-11-25T00:59:59Z", open: false },
    { now: "2026-11-25T01:00:00Z", open: true },
    { now: "2026-11-25T02:59:59Z", open: true },
    { now: "2026-11-25T03:00:00Z", open: false },
    { now: "2026-11-28T01:30:00Z", open: false },
    { now: "2026-07-01T00:30:00Z", open: true },
  ])("$now: $open", ({ now, open }) => {
    expect(openingAt([night], at(now)).kind).toBe(open ? "open" : "closed");
  });

  test("names the next opening, by the clock of its time zone", () => {
    expect(openingAt([night], at("2026-11-27T12:00:00Z"))).toEqual({
      kind: "closed",
      next: at("2026-11-30T01:00:00Z"),
    });
  });
});

test("without windows it is always open; of several, one that is open is enough", () => {
  const now = at("2026-11-25T12:00:00Z");
  expect(openingAt([], now)).toEqual({ kind: "open" });
  const noon = { schedule: "0 12 * * *", duration: minutes(1), timeZone: "UTC" };
  expect(openingAt([night, noon], now)).toEqual({ kind: "open" });
});

test("a window that is longer than the time between two never closes", () => {
  const always = { schedule: "0 * * * *", duration: minutes(60), timeZone: "UTC" };
  for (const now of ["2026-11-25T12:00:00Z", "2026-11-25T12:59:59Z"])
    expect(openingAt([always], at(now)).kind).toBe("open");
});

test.each([
  { schedule: "* * * *", timeZone: "UTC" },
  { schedule: "* * * * * *", timeZone: "UTC" },
  { schedule: "61 * * * *", timeZone: "UTC" },
  { schedule: "@daily", timeZone: "UTC" },
  { schedule: "often", timeZone: "UTC" },
  { schedule: "0 2 * * *", timeZone: "Mars/Olympus" },
])("$schedule in $timeZone cannot be read, and never opens", ({ schedule, timeZone }) => {
  expect(complaintAbout({ schedule, timeZone })).toBeTypeOf("string");
  const window = { schedule, timeZone, duration: minutes(60) };
  expect(openingAt([window], at("2026-11-25T12:00:00Z"))).toEqual({ kind: "closed", next: undefined });
});

test("a schedule that can be read has no complaint; one that never comes stays closed", () => {
  expect(complaintAbout(night)).toBeUndefined();
  const never = { schedule: "0 0 30 2 *", timeZone: "UTC", duration: minutes(60) };
  expect(openingAt([never], at("2026-11-25T12:00:00Z"))).toEqual({ kind: "closed", next: undefined });
});
