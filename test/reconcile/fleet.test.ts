import { expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { monoMillis } from "../../src/base/units.ts";
import { Fleet } from "../../src/reconcile/fleet.ts";

const [web, worker] = [objectKey("shop", "web"), objectKey("shop", "worker")];
const minute = (n: number) => monoMillis(n * 60_000);

test("the fleet counts what moved within ten minutes, by policy and in all", () => {
  const fleet = new Fleet();
  fleet.observe(web, 4);
  fleet.observe(worker, 10);
  fleet.moved({ policy: web, at: minute(0), from: 4, to: 6 });
  fleet.moved({ policy: web, at: minute(2), from: 6, to: 9 });
  fleet.moved({ policy: worker, at: minute(3), from: 10, to: 7 });
  expect(fleet.activity(web, minute(5))).toEqual({
    policyCount: 2,
    managedReplicas: 16,
    policiesMoved: 2,
    policiesRaised: 1,
    replicasAdded: 5,
    replicasRemoved: 3,
    ownAdded: 5,
    ownBefore: 4,
  });
});

test("older moves count for nothing, nor does a policy that is gone", () => {
  const fleet = new Fleet();
  fleet.moved({ policy: web, at: minute(0), from: 4, to: 6 });
  fleet.moved({ policy: worker, at: minute(8), from: 10, to: 7 });
  expect(fleet.activity(web, minute(11))).toMatchObject({ policiesMoved: 1, ownAdded: 0, ownBefore: 6 });
  fleet.forget(worker);
  expect(fleet.activity(web, minute(11))).toMatchObject({
    policyCount: 1,
    managedReplicas: 6,
    replicasRemoved: 0,
  });
  expect(fleet.activity(web, minute(30))).toMatchObject({ policiesMoved: 0 });
});
