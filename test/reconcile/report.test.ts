/**
 * The reporter of the whole operator when one policy's status cannot be written.
 */
import { expect, test } from "vitest";
import { millis, minutes } from "../../src/base/units.ts";
import type { World } from "../../src/reconcile/world.ts";
import { deployment, operate, policy, statusOf, steady } from "../sim/operating.ts";
import { smallWorld } from "../sim/stage.ts";

test("a policy whose status always meets a conflict is written seldom, and delays no other", async () => {
  const simulated = smallWorld();
  const { model, time } = simulated;
  const { api } = simulated.world;
  for (const name of ["contested", "quiet"]) {
    model.addWorkload(deployment({ name, replicas: 6, cores: 1.8 }), "settled");
    model.apply(policy({ name }));
  }
  let isContested = false;
  let attempts = 0;
  const writeStatus: World["api"]["writeStatus"] = async (written, status) => {
    if (!isContested || written.name !== "contested") return api.writeStatus(written, status);
    attempts += 1;
    await time.sleep(millis(10));
    return { kind: "conflict", message: "the object has been modified" };
  };
  const operator = operate(simulated, { api: { writeStatus } });
  await time.advance(minutes(8));
  isContested = true;
  for (const name of ["contested", "quiet"]) model.setLoad("default", name, steady(3.6));
  await time.advance(minutes(10));
  expect(attempts, "with each decision, at most").toBeLessThanOrEqual(60);
  expect(attempts).toBeGreaterThan(10);
  expect(statusOf(model, "contested").horizontal).toMatchObject({ currentReplicas: 6 });
  expect(statusOf(model, "quiet").horizontal).toMatchObject({ currentReplicas: 12, desiredReplicas: 12 });

  isContested = false;
  await time.advance(minutes(1));
  expect(statusOf(model, "contested").horizontal).toMatchObject({ currentReplicas: 12 });
  await operator.end();
});
