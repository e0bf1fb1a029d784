/**
 * Writes whose answer is lost, while somebody sets each of them back: they count as much as those that are known.
 */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import type { Interference } from "../../src/sim/ports/fault.ts";
import { operate, settledWorld, steady, wantedOf } from "./operating.ts";

const LOST: Interference = { kind: "answer-lost", message: "the connection broke" };
const FAILED: Interference = {
  kind: "instead",
  failure: { kind: "failed", status: 500, retryAfter: undefined, message: "etcd is not in the mood" },
};

test.each([
  { what: "increases", replicas: 6, wanted: 5.2, behavior: undefined },
  {
    what: "decreases",
    replicas: 12,
    wanted: 1.2,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  },
])(
  "$what whose answers are lost are made twice a minute and six times in ten minutes at most",
  async (row) => {
    const { replicas, wanted, behavior } = row;
    const world = settledWorld({ replicas, cores: replicas * 0.3 }, { behavior });
    const { model, time, faults } = world;
    const operator = operate(world);
    await time.advance(minutes(7));
    faults.push({ name: "lost", call: ({ verb }) => (verb === "write-scale" ? LOST : undefined) });
    model.setLoad("default", "web", steady(wanted));
    for (let beat = 0; beat < 300; beat += 1) {
      model.scale("default", "web", replicas);
      await time.advance(seconds(5));
    }
    await operator.end();
    const at = model.writes().map((write) => write.at);
    const most = (length: number): number =>
      Math.max(...at.map((from) => at.filter((other) => other >= from && other < from + length).length));
    expect(at.length).toBeGreaterThan(6);
    expect(most(minutes(10))).toBeLessThanOrEqual(6);
    expect(most(minutes(1))).toBeLessThanOrEqual(2);
  },
);

test("an increase that the API server failed to make is not taken for one that somebody took back", async () => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = world;
  const operator = operate(world);
  await time.advance(minutes(7));
  faults.push({ name: "failing", call: ({ verb }) => (verb === "write-scale" ? FAILED : undefined) });
  model.setLoad("default", "web", steady(5.2));
  await time.advance(minutes(9));
  expect(wantedOf(model)).toBe(6);
  faults.length = 0;
  // The last try may have been half a minute ago, and a doubling takes a period.
  await time.advance(minutes(2));
  expect(wantedOf(model)).toBeGreaterThanOrEqual(16);
  await operator.end();
});
