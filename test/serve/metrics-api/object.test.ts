import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/base/units.ts";
import { windowText } from "../../../src/serve/metrics-api/object.ts";
import { slicesOf } from "../../../src/serve/metrics-api/slices.ts";

test.each([
  [0, "0s"], [15, "15s"], [90.5, "1m30.5s"], [0.25, "250ms"], [10.062345678, "10.062345678s"], [3600, "1h0m0s"],
  [3661.5, "1h1m1.5s"], [60, "1m0s"], [0.000001, "1µs"], [0.0000015, "1.5µs"], [0.000000001, "1ns"],
  [0.0100625, "10.0625ms"], [86_400, "24h0m0s"], [9.995, "9.995s"], [1e-8, "10ns"],
])("a window of %d s is printed as %s", (window, text) => {
  expect(windowText(seconds(window))).toBe(text);
}); // prettier-ignore

describe("a sliced list", () => {
  const list = (count: number) => ({
    head: { kind: "List", metadata: {} },
    field: "items",
    items: Array.from({ length: count }, (_, at) => at),
    render: (item: number) => JSON.stringify({ item }),
  });

  test.each([
    { count: 0, slices: 1 }, { count: 1, slices: 1 }, { count: 99, slices: 1 }, { count: 100, slices: 2 },
    { count: 101, slices: 2 }, { count: 250, slices: 3 },
  ])("of $count items is $slices slices of one JSON object", ({ count, slices }) => {
    const made = [...slicesOf(list(count))];
    expect(made).toHaveLength(slices);
    const items = Array.from({ length: count }, (_, item) => ({ item }));
    expect(JSON.parse(made.join(""))).toEqual({ kind: "List", metadata: {}, items });
  }); // prettier-ignore

  test("makes an item only when its slice is asked for", () => {
    const made: number[] = [];
    const slices = slicesOf({ ...list(300), render: (item) => String(made.push(item)) });
    slices.next();
    expect(made).toHaveLength(100);
  });
});
