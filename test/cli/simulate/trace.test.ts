import { describe, expect, test } from "vitest";
import { readTrace } from "../../../src/cli/simulate/trace.ts";

const POINTS = [
  { at: 0, level: 1 },
  { at: 60_000, level: 4 },
];

describe("a trace file", () => {
  test.each([
    ["seconds and cores", "0,1\n60,4\n"],
    ["with a head", "t,value\n0,1\n60,4"],
    ["from any second on", "1000;1\n1060;4"],
    ["with tabs and empty rows", "0\t1\n\n60\t4\n\n"],
    ["with times of day", "2026-01-01T00:00:00Z,1\r\n2026-01-01T00:01:00Z,4\r\n"],
  ])("%s", (_, text) => {
    expect(readTrace(text, undefined)).toEqual({ kind: "trace", points: POINTS });
  });

  test("in any unit is scaled to its peak", () => {
    expect(readTrace("0,250\n60,1000", 8)).toEqual({
      kind: "trace",
      points: [
        { at: 0, level: 2 },
        { at: 60_000, level: 8 },
      ],
    });
  });

  test.each([
    ["nothing", "", "fewer than two rows"],
    ["a head alone", "t,value", "fewer than two rows"],
    ["one row", "0,1", "fewer than two rows"],
    ["a word for an amount", "0,1\n60,many", "row 2 is not"],
    ["a negative amount", "0,1\n60,-1", "row 2 is not"],
    ["an amount without end", "0,1\n60,Infinity", "row 2 is not"],
    ["one column", "0,1\n60", "row 2 is not"],
    ["a moment that goes back", "0,1\n60,2\n30,3", "row 3 does not come later"],
    ["a moment twice", "0,1\n0,3", "row 2 does not come later"],
  ])("of %s is refused with its row", (_, text, words) => {
    const read = readTrace(text, undefined);
    expect(read.kind === "unreadable" ? read.message : "was read").toContain(words);
  });
});
