/** A policy that is deleted and made anew, a moment after a write of its target. */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import { operate, policy, settledWorld, steady } from "./operating.ts";

test("a policy that is made anew keeps to the rates of its target: a doubling a period", async () => {
  const world = settledWorld({ replicas: 4, cores: 1.2 });
  const { model, time } = world;
  const operator = operate(world);
  await time.advance(minutes(7));
  model.setLoad("default", "web", steady(9));
  while (model.writes().length === 0) await time.advance(seconds(0.1));
  model.deletePolicy("default", "web");
  await time.advance(seconds(0.2));
  model.apply(policy());
  await time.advance(minutes(2));
  const [first, ...later] = model.writes();
  expect(first).toMatchObject({ from: 4, to: 8 });
  expect(later.filter(({ at }) => at < (first?.at ?? 0) + seconds(14))).toEqual([]);
  expect(later.length).toBeGreaterThan(0);
  await operator.end();
});
