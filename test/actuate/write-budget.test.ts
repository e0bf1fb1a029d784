import { describe, expect, test } from "vitest";
import { allowedAt, isReversion, type OwnWrite, recentWrites } from "../../src/actuate/write-budget.ts";
import { monoMillis } from "../../src/base/units.ts";

const at = (s: number) => monoMillis(s * 1000);
const writesAt = (...times: number[]): OwnWrite[] => times.map((s) => ({ at: at(s), from: 4, to: 6 }));
const down = { from: 6, to: 4, contention: "none" } as const;

describe("the budget of writes per object", () => {
  test.each([
    { when: "nothing was written", times: [], now: 0, free: undefined },
    { when: "one write was 10 s ago", times: [0], now: 10, free: undefined },
    { when: "two were within the last minute", times: [0, 20], now: 30, free: 60 },
    { when: "the first of them is a minute ago", times: [0, 20], now: 60, free: undefined },
    { when: "six were within ten minutes", times: [0, 100, 200, 300, 400, 500], now: 550, free: 600 },
  ])("a decrease when $when may go at $free", ({ times, now, free }) => {
    expect(allowedAt(writesAt(...times), down, at(now))).toBe(free === undefined ? undefined : free * 1000);
  });

  test("an uncontested increase is not held, a contested one is", () => {
    const many = writesAt(0, 1, 2, 3, 4, 5);
    expect(allowedAt(many, { from: 4, to: 6, contention: "none" }, at(6))).toBeUndefined();
    expect(allowedAt(many, { from: 4, to: 6, contention: "lately" }, at(6))).toBe(600_000);
  });

  test("against a writer that reverts each write at once, at most 6 happen in any 10 minutes", () => {
    let writes: readonly OwnWrite[] = [];
    for (let now = at(0); now < at(3600); now = monoMillis(now + 5000)) {
      writes = recentWrites(writes, now);
      const contention = writes.length >= 3 ? "constant" : "lately";
      if (allowedAt(writes, { from: 4, to: 6, contention }, now) === undefined)
        writes = [...writes, { at: now, from: 4, to: 6 }];
      expect(writes.length).toBeLessThanOrEqual(6);
    }
    expect(writes.length).toBeGreaterThan(0);
  });

  test.each([
    { contention: "lately", free: undefined },
    { contention: "constant", free: 100 },
  ] as const)("a write $contention contested is held for 100 s after the last one: $free", (row) => {
    const free = allowedAt(writesAt(0), { from: 4, to: 6, contention: row.contention }, at(50));
    expect(free).toBe(row.free === undefined ? undefined : row.free * 1000);
    expect(allowedAt(writesAt(0), { from: 4, to: 6, contention: row.contention }, at(100))).toBeUndefined();
  });

  test("a change back towards where we came from is a reversion, one further on is not", () => {
    expect(isReversion(writesAt(0), 4)).toBe(true);
    expect(isReversion(writesAt(0), 5)).toBe(true);
    expect(isReversion(writesAt(0), 8)).toBe(false);
    expect(isReversion([], 4)).toBe(false);
  });
});
