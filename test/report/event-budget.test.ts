/**
 * How many Events may be sent.
 */
import { expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { minutes, monoMillis, seconds } from "../../src/base/units.ts";
import { EventBudget } from "../../src/report/event-budget.ts";

const WEB = objectKey("shop", "web");

/** How many of these attempts are granted, one every `every` ms. */
function granted(budget: EventBudget, attempts: number, every: number, start = 0): number {
  let count = 0;
  for (let index = 0; index < attempts; index += 1)
    if (budget.spend(WEB, monoMillis(start + index * every))) count += 1;
  return count;
}

test("a policy that flaps every 15 s tells of it 25 times, then once in five minutes", () => {
  const budget = new EventBudget();
  expect(granted(budget, 26, seconds(15))).toBe(26);
  expect(granted(budget, 240, seconds(15), 26 * seconds(15))).toBeLessThanOrEqual(13);
});

test("all policies together send ten at once and ten a second", () => {
  const budget = new EventBudget();
  const burst = (now: number) =>
    Array.from({ length: 100 }, (_, index) => budget.spend(objectKey("shop", `p${index}`), monoMillis(now)));
  expect(burst(0).filter(Boolean)).toHaveLength(10);
  expect(burst(1000).filter(Boolean)).toHaveLength(10);
});

test("a policy that was deleted and made anew starts with a full budget", () => {
  const budget = new EventBudget();
  granted(budget, 40, 200);
  expect(budget.spend(WEB, monoMillis(minutes(1)))).toBe(false);
  budget.forget(WEB);
  expect(budget.spend(WEB, monoMillis(minutes(1)))).toBe(true);
});
