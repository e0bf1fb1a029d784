import { expect, test } from "vitest";
import { nodeName, objectKey } from "../../src/base/ids.ts";
import { monoMillis, seconds } from "../../src/base/units.ts";
import { Freshness, SILENCE_PERIOD } from "../../src/reconcile/due/freshness.ts";

const web = objectKey("shop", "web");
const [n1, n2, n3] = [nodeName("n1"), nodeName("n2"), nodeName("n3")];
const at = (s: number) => monoMillis(s * 1000);

function opened(): Freshness {
  const freshness = new Freshness(seconds(15));
  expect(freshness.close(web, new Set([n1, n2]), at(0)), "silence is looked at").toBe(SILENCE_PERIOD);
  return freshness;
}

test("a policy is due when all its nodes have answered and one brought something new", () => {
  const freshness = opened();
  expect(freshness.heard(n2, false, at(1))).toEqual([]);
  expect(freshness.heard(n1, true, at(4))).toEqual([{ policy: web, due: at(4) }]);
});

test("it waits one resolution at most for a node that does not answer", () => {
  expect(opened().heard(n1, true, at(4))).toEqual([{ policy: web, due: at(19) }]);
});

test("answers that bring nothing new are no reason to decide", () => {
  const freshness = opened();
  expect([...freshness.heard(n1, false, at(1)), ...freshness.heard(n2, false, at(2))]).toEqual([]);
});

test("another policy's nodes do not concern it, nor do its own of an earlier round", () => {
  const freshness = opened();
  expect(freshness.heard(n3, true, at(1))).toEqual([]);
  freshness.close(web, new Set([n3]), at(2));
  expect(freshness.heard(n1, true, at(3))).toEqual([]);
  expect(freshness.heard(n3, true, at(3))).toEqual([{ policy: web, due: at(3) }]);
});

test("a decision closes the round: the next needs new answers", () => {
  const freshness = opened();
  freshness.heard(n1, true, at(1));
  freshness.heard(n2, true, at(2));
  freshness.close(web, new Set([n1, n2]), at(2));
  expect(freshness.heard(n1, true, at(16))).toEqual([{ policy: web, due: at(31) }]);
  expect(freshness.heard(n2, true, at(17))).toEqual([{ policy: web, due: at(17) }]);
});

test("a policy that is gone is never due", () => {
  const freshness = opened();
  freshness.forget(web);
  expect(freshness.heard(n1, true, at(1))).toEqual([]);
});
