import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monoMillis } from "../../src/base/units.ts";
import { KeyedQueue } from "../../src/reconcile/due/queue.ts";

const at = monoMillis;

describe("the queue of policies", () => {
  test("hands out nothing before its time, and the longest due first", () => {
    const queue = new KeyedQueue<string, string>();
    queue.add("b", at(20), "timer");
    queue.add("a", at(10), "timer");
    expect(queue.take(at(9))).toBeUndefined();
    expect(queue.take(at(25))).toEqual({ key: "a", reason: "timer", waitedFor: 15 });
    expect(queue.take(at(25))?.key).toBe("b");
    expect(queue.take(at(99))).toBeUndefined();
  });

  test("keeps the earlier of two wishes, with its reason", () => {
    const queue = new KeyedQueue<string, string>();
    queue.add("a", at(30), "timer");
    queue.add("a", at(10), "fresh-samples");
    queue.add("a", at(20), "late");
    expect(queue.depth).toBe(1);
    expect(queue.take(at(10))?.reason).toBe("fresh-samples");
    queue.done("a");
    expect(queue.nextDue(), "the later wish is gone").toBeUndefined();
  });

  test("never runs a key twice at once, and keeps a wish that comes meanwhile", () => {
    const queue = new KeyedQueue<string, string>();
    queue.add("a", at(0), "first");
    queue.take(at(0));
    queue.add("a", at(1), "second");
    expect(queue.take(at(5))).toBeUndefined();
    expect(queue.nextDue()).toBeUndefined();
    queue.done("a");
    expect(queue.nextDue()).toBe(1);
    expect(queue.take(at(5))?.reason).toBe("second");
  });

  test("forgets a key whose policy is gone", () => {
    const queue = new KeyedQueue<string, string>();
    queue.add("a", at(0), "timer");
    queue.forget("a");
    expect(queue.take(at(1))).toBeUndefined();
  });

  test("behaves as a plain list sorted by time would, whatever the order of calls", () => {
    const call = fc.oneof(
      fc.record({ do: fc.constant("add" as const), key: fc.nat(6), at: fc.nat(50) }),
      fc.record({ do: fc.constant("take" as const), now: fc.nat(60) }),
      fc.record({ do: fc.constant("done" as const), key: fc.nat(6) }),
      fc.record({ do: fc.constant("forget" as const), key: fc.nat(6) }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const queue = new KeyedQueue<number, string>();
        const wishes = new Map<number, number>();
        const running = new Set<number>();
        for (const c of calls) {
          if (c.do === "add") {
            queue.add(c.key, at(c.at), "");
            wishes.set(c.key, Math.min(c.at, wishes.get(c.key) ?? Infinity));
          } else if (c.do === "take") {
            const earliest = Math.min(
              ...[...wishes].filter(([key]) => !running.has(key)).map(([, due]) => due),
            );
            const taken = queue.take(at(c.now));
            if (earliest > c.now) expect(taken).toBeUndefined();
            else {
              expect(c.now - (taken?.waitedFor ?? NaN)).toBe(earliest);
              wishes.delete(taken!.key);
              running.add(taken!.key);
            }
          } else if (c.do === "done") {
            if (running.delete(c.key)) queue.done(c.key);
          } else {
            queue.forget(c.key);
            wishes.delete(c.key);
          }
          expect(queue.depth).toBe(wishes.size);
        }
      }),
    );
  });
});
