import { describe, expect, test } from "vitest";
import { proportionalLimit, requestAtBoundary } from "../../src/vertical/proportional.ts";

type Row = readonly (number | undefined)[];
const original = ([limit, request, defaultLimit]: Row) => ({ limit, request, defaultLimit });

describe("a limit in proportion", () => {
  test.each([
    ["keeps its ratio", [200, 100], 150, 300],
    ["is cut to a whole amount", [100, 33], 50, 151],
    ["is the request where the container has none", [200], 150, 150],
    ["is the request where they are equal", [100, 100], 150, 150],
    ["is not there without a limit", [undefined, 100], 150, undefined],
    ["is not there without a recommendation", [200, 100], undefined, undefined],
    ["is not there for a recommendation of nothing", [200, 100], 0, undefined],
    ["comes from the namespace's default without one of its own", [undefined, 100, 400], 150, 600],
    ["comes from its own, not from the default", [200, 100, 400], 150, 300],
    ["counts 0 as none", [0, 0, 400], 150, 150],
    [
      "does not lose digits",
      [99_999_999_999_999, 33_333_333_333_333],
      33_333_333_333_334,
      100_000_000_000_000,
    ],
    ["stays at 10^14", [1e14, 1], 1000, 1e14],
  ] as const)("%s", (_, row, recommended, limit) => {
    expect(proportionalLimit(original(row), recommended)).toBe(limit);
  });

  test.each([
    ["a third of the boundary for a request of a third", [300, 100], 1000, 333],
    ["the boundary itself without a request", [300], 1000, 1000],
    ["nowhere without a limit", [undefined, 100], 1000, undefined],
    ["by the namespace's default without a limit", [undefined, 100, 200], 1000, 500],
  ] as const)("meets a boundary at %s", (_, row, boundary, request) => {
    expect(requestAtBoundary(original(row), boundary)).toBe(request);
  });
});
