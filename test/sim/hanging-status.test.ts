/** A policy whose status cannot be written, for each write hangs: it is alone with that. */
import { expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import { deployment, operate, policy, settledWorld, statusOf, steady } from "./operating.ts";

test("a status that hangs holds up no other policy's", async () => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = world;
  const names = Array.from({ length: 10 }, (_, n) => `calm-${n}`);
  for (const name of names) {
    model.addWorkload(deployment({ name, replicas: 6, cores: 1.8 }), "settled");
    model.apply(policy({ name }));
  }
  const operator = operate(world);
  await time.advance(minutes(8));
  faults.push({
    name: "hanging",
    slow: ({ verb, about }) => (verb === "write-status" && about === "default/web" ? minutes(1) : undefined),
  });
  const changed = time.wall();
  for (const name of ["web", ...names]) model.setLoad("default", name, steady(4));
  const shown = new Map<string, number>();
  const isShown = (name: string): boolean => statusOf(model, name).recentActs.length > 0;
  for (let n = 0; n < 400; n += 1) {
    await time.advance(millis(250));
    for (const name of names.filter((one) => !shown.has(one) && isShown(one))) shown.set(name, time.wall());
  }
  const delays = names.map((name) => {
    const made = model.writes().find(({ target, at }) => target.name === name && at >= changed);
    return (shown.get(name) ?? Infinity) - (made?.at ?? 0);
  });
  expect(Math.max(...delays)).toBeLessThan(seconds(5));
  await operator.end();
});
