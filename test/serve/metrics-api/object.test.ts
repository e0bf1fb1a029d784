import { describe, expect, test } from "vitest";
import { millis, monoMillis, seconds } from "../../../src/base/units.ts";
import { windowText } from "../../../src/serve/metrics-api/object.ts";
import { slicesOf } from "../../../src/serve/metrics-api/slices.ts";
import { createWarmUp } from "../../../src/serve/metrics-api/warm-up.ts";

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

describe("warming up", () => {
  type State = {
    at: number;
    synced: boolean;
    unsettled: number | undefined;
    looked?: number;
    measured?: number;
  };
  function warmUp(state: State) {
    return createWarmUp({
      resolution: seconds(15),
      synced: () => state.synced,
      nodes: () => 2,
      round: () =>
        state.unsettled === undefined
          ? undefined
          : { nodes: state.looked ?? 2, unsettled: state.unsettled, measured: state.measured ?? 1 },
      now: () => monoMillis(seconds(state.at)),
    });
  }

  test.each([
    { when: "the caches are empty", synced: false, unsettled: 0, waits: 5000 },
    { when: "nobody has been asked", synced: true, unsettled: undefined, waits: 5000 },
    { when: "a node has not answered twice", synced: true, unsettled: 1, waits: 5000 },
    { when: "the last look was before nodes were known", synced: true, unsettled: 0, looked: 0, waits: 5000 },
    { when: "every node fails", synced: true, unsettled: 0, measured: 0, waits: 5000 },
    { when: "every node has, or fails", synced: true, unsettled: 0, waits: undefined },
  ])("while $when, clients wait $waits ms", ({ waits, ...state }) => {
    expect(warmUp({ at: 0, ...state })()).toBe(waits);
  });

  test("is over for good, also when a new node comes", () => {
    const state: State = { at: 0, synced: true, unsettled: 0 };
    const waiting = warmUp(state);
    expect(waiting()).toBeUndefined();
    state.unsettled = 1;
    expect(waiting()).toBeUndefined();
  });

  test("waits no longer than three rounds for a node that never settles", () => {
    const state: State = { at: 0, synced: true, unsettled: 1 };
    const waiting = warmUp(state);
    expect(waiting()).toBe(millis(5000));
    state.at = 45;
    expect(waiting()).toBe(millis(5000));
    state.at = 45.1;
    expect(waiting()).toBeUndefined();
  });
});
