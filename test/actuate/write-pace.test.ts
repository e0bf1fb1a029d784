import { describe, expect, test } from "vitest";
import { WritePace } from "../../src/actuate/write-pace.ts";
import { monoMillis } from "../../src/base/units.ts";

const up = { from: 2, to: 3 };
const down = { from: 3, to: 2 };
const at = (s: number) => monoMillis(s * 1000);

/** How many of `count` tries at one moment go through. */
function through(pace: WritePace, change: typeof up, count: number, now = at(0)): number {
  return Array.from({ length: count }, () => pace.spend(change, now)).filter(Boolean).length;
}

describe("the pace of writes", () => {
  test("lets 20 go at once, and the next when the first was a second ago", () => {
    const pace = new WritePace(true);
    expect(through(pace, up, 50)).toBe(20);
    expect(through(pace, up, 50, at(0.999))).toBe(0);
    expect(through(pace, up, 50, at(1))).toBe(20);
    expect(through(pace, up, 50, at(60))).toBe(20);
  });

  test.each(["after a pause", "all the time"])(
    "lets no more than 20 through within any second, %s",
    (when) => {
      const pace = new WritePace(true);
      const written: number[] = [];
      for (let now = 10_000; now < 14_000; now += 10) {
        const tries = when === "all the time" || now % 1700 > 600 ? 7 : 0;
        const count = through(pace, now % 20 === 0 ? up : down, tries, monoMillis(now));
        written.push(...Array.from({ length: count }, () => now));
      }
      const within = written.map((from) => written.filter((one) => one >= from && one < from + 1000).length);
      expect(Math.max(...within)).toBe(20);
    },
  );

  test("keeps a quarter of the turns for increases", () => {
    const pace = new WritePace(true);
    expect(through(pace, down, 50)).toBe(15);
    expect(through(pace, up, 50)).toBe(5);
  });

  test("lets a thousand decreases through at no more than 20 a second, one after the other", () => {
    const pace = new WritePace(true);
    let [written, now] = [0, at(0)];
    for (; written < 1000; now = pace.nextTry(now)) written += through(pace, down, 1000 - written, now);
    expect(now / 1000).toBeGreaterThanOrEqual((1000 - 20) / 20);
    expect(now / 1000, "15 of 20 turns are for decreases").toBeLessThanOrEqual(1000 / 15 + 1);
  });

  test("can be switched off", () => {
    expect(through(new WritePace(false), down, 500)).toBe(500);
  });
});
