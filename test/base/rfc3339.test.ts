import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { microTimeText, parseTime, timeText } from "../../src/base/rfc3339.ts";
import { epochMillis } from "../../src/base/units.ts";

const MOMENT = 1_795_576_327_000; // 2026-11-25T03:12:07Z

describe("reading", () => {
  test.each([
    ["2026-11-25T03:12:07Z", MOMENT],
    ["2026-11-25T03:12:07z", MOMENT],
    ["2026-11-25t03:12:07Z", MOMENT],
    ["2026-11-25T03:12:07.25Z", MOMENT + 250],
    ["2026-11-25T03:12:07.250000Z", MOMENT + 250],
    ["2026-11-25T03:12:07.123456789Z", MOMENT + 123],
    ["2026-11-25T04:12:07+01:00", MOMENT],
    ["2026-11-24T21:42:07-05:30", MOMENT],
    ["1970-01-01T00:00:00Z", 0],
    ["2024-02-29T12:00:00Z", 1_709_208_000_000],
  ])("%s", (text, moment) => {
    expect(parseTime(text)).toBe(moment);
  });

  test.each([
    "", "now", "2026-11-25", "2026-11-25T03:12:07", "2026-11-25 03:12:07Z", "2026-11-25T03:12Z", "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T03:60:00Z",
    "2026-11-25T23:59:60Z", "2026-11-25T03:12:07+24:00", "2026-11-25T03:12:07+01:60", "2026-11-25T03:12:07+0100",
    " 2026-11-25T03:12:07Z", undefined, null, MOMENT, {},
  ])("%j is no moment", (text) => {
    expect(parseTime(text)).toBeUndefined();
  }); // prettier-ignore
});

describe("writing", () => {
  test("times are cut to the second, micro times keep the milliseconds", () => {
    expect(timeText(epochMillis(MOMENT + 999))).toBe("2026-11-25T03:12:07Z");
    expect(microTimeText(epochMillis(MOMENT + 250))).toBe("2026-11-25T03:12:07.250000Z");
    expect(microTimeText(epochMillis(MOMENT + 0.75))).toBe("2026-11-25T03:12:07.000000Z");
  });

  test("what is written reads back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (moment) => {
        expect(parseTime(microTimeText(epochMillis(moment)))).toBe(moment);
        expect(parseTime(timeText(epochMillis(moment)))).toBe(moment - (moment % 1000));
      }),
    );
  });
});
