/**
 * The order and the pace of status writes.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { monoMillis } from "../../src/base/units.ts";
import { StatusPacer } from "../../src/report/pacer.ts";

const key = (name: string) => objectKey("shop", name);
const ms = monoMillis;

function takeAll(pacer: StatusPacer, now: number): string[] {
  const taken = [];
  for (let next = pacer.take(ms(now)); next !== undefined; next = pacer.take(ms(now))) taken.push(next);
  return taken;
}

describe("whose turn it is", () => {
  test("a changed meaning goes before figures, and each line keeps its order", () => {
    const pacer = new StatusPacer();
    pacer.add(key("a"), "figures");
    pacer.add(key("b"), "meaning");
    pacer.add(key("c"), "figures");
    pacer.add(key("d"), "meaning");
    expect(takeAll(pacer, 0)).toEqual(["shop/b", "shop/d", "shop/a", "shop/c"]);
  });

  test("a policy whose meaning changes while its figures wait moves up, and waits once", () => {
    const pacer = new StatusPacer();
    pacer.add(key("a"), "figures");
    pacer.add(key("b"), "figures");
    pacer.add(key("b"), "meaning");
    pacer.add(key("b"), "figures");
    expect(pacer.waitingCount).toBe(2);
    expect(takeAll(pacer, 0)).toEqual(["shop/b", "shop/a"]);
  });

  test("a policy that is gone has no turn", () => {
    const pacer = new StatusPacer();
    pacer.add(key("a"), "meaning");
    pacer.add(key("b"), "figures");
    pacer.forget(key("a"));
    pacer.forget(key("b"));
    expect(takeAll(pacer, 0)).toEqual([]);
  });

  test("after losing the lease nobody waits", () => {
    const pacer = new StatusPacer();
    pacer.add(key("a"), "meaning");
    pacer.clear();
    expect(pacer.waitingCount).toBe(0);
  });
});

describe("the pace", () => {
  const full = (count: number) => {
    const pacer = new StatusPacer();
    for (let index = 0; index < count; index += 1) pacer.add(key(`p${index}`), "meaning");
    return pacer;
  };

  test("five at once, then one every 200 ms", () => {
    const pacer = full(20);
    expect(takeAll(pacer, 0)).toHaveLength(5);
    expect(takeAll(pacer, 199)).toHaveLength(0);
    expect(takeAll(pacer, 200)).toHaveLength(1);
    expect(takeAll(pacer, 600)).toHaveLength(2);
  });

  test("a long pause saves up no more than five", () => {
    const pacer = full(20);
    takeAll(pacer, 0);
    expect(takeAll(pacer, 3_600_000)).toHaveLength(5);
  });

  test("the next turn is announced", () => {
    const pacer = full(6);
    expect(pacer.nextTurn(ms(0))).toBe(0);
    takeAll(pacer, 0);
    expect(pacer.nextTurn(ms(50))).toBe(200);
    expect(pacer.nextTurn(ms(500))).toBe(500);
    takeAll(pacer, 500);
    expect(pacer.nextTurn(ms(500))).toBeUndefined();
  });

  test("in no stretch of time are there more turns than five and one per 200 ms", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 60 }), (pauses) => {
        const pacer = full(500);
        const turns: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          turns.push(...takeAll(pacer, now).map(() => now));
        }
        for (let first = 0; first < turns.length; first += 1)
          for (let last = first; last < turns.length; last += 1)
            expect(last - first + 1).toBeLessThanOrEqual(5 + (turns[last]! - turns[first]!) / 200 + 1e-9);
      }),
    );
  });
});
