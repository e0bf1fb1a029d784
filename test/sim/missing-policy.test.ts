/**
 * A policy whose status the API server does not find: acted on again as soon as it is there for certain, and
 * never when it is gone.
 */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import type { Kind } from "../../src/cluster/port.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { operate, policy, settledWorld, steady, wantedOf } from "./operating.ts";

const isDoubted = ({ verdict }: DecisionRecord): boolean =>
  verdict.kind === "planned" &&
  verdict.effect.kind === "doubted" &&
  verdict.effect.doubt === "policy-not-found";

const notFound: Fault = {
  name: "a server that does not know the policy",
  call: ({ verb }) =>
    verb === "write-status"
      ? { kind: "instead", failure: { kind: "absent", message: "not found" } }
      : undefined,
};

/** A policy whose status was answered with one wrong 404, and whose load has grown since. */
async function missedOnce() {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  faults.push(notFound);
  model.scale("default", "web", 7);
  await time.advance(seconds(20));
  faults.pop();
  model.setLoad("default", "web", steady(6));
  return { model, time, operator };
}

test("one wrong 404 ends as soon as the watch shows a newer version of the policy", async () => {
  const { model, time, operator } = await missedOnce();
  await time.advance(minutes(2));
  expect(wantedOf(model), "left alone").toBe(7);

  model.editStatus("default", "web", (status) => ({ ...(status as object), display: {} }));
  await time.advance(seconds(3));
  expect(wantedOf(model)).toBeGreaterThan(7);
  expect(operator.records.filter(isDoubted).length, "seen, before it was certain").toBeGreaterThan(0);
  await operator.end();
});

test("one wrong 404 without any newer version ends after five to six minutes", async () => {
  const { model, time, operator } = await missedOnce();
  await time.advance(minutes(4.5));
  expect(wantedOf(model)).toBe(7);
  await time.advance(minutes(1.7));
  expect(wantedOf(model)).toBeGreaterThan(7);
  await operator.end();
});

/** The watch of policies stands still, or is opened again at a server that is behind by so much. */
function policiesWatch(as: Pick<Fault, "delay" | "cut">): Fault {
  const { delay, cut } = as;
  return {
    name: "a watch that is behind",
    ...(delay && { delay: (kind: Kind) => (kind === "scalepolicies" ? delay(kind) : undefined) }),
    ...(cut && { cut: (kind: Kind) => (kind === "scalepolicies" ? cut(kind) : undefined) }),
  };
}

test.each([
  { shown: "as it was, by a watch that stands still", relisted: false },
  { shown: "in the version before the deletion, by a server that is a minute behind", relisted: true },
])("a policy that is gone, and is still shown $shown, is never acted on", async ({ relisted }) => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  faults.push(policiesWatch({ delay: () => minutes(40) }));
  model.apply(policy({ maxReplicas: 30 }));
  await time.advance(seconds(40));
  model.deletePolicy("default", "web");
  model.scale("default", "web", 7);
  await time.advance(seconds(10));
  const before = model.writes().length;
  model.setLoad("default", "web", steady(3.4));
  if (relisted) {
    faults.push(policiesWatch({ cut: () => ({ age: seconds(20) }) }));
    await time.advance(seconds(2));
    faults.pop();
  }
  await time.advance(minutes(25));
  expect(operator.records.filter(isDoubted).length, "it was looked at again").toBeGreaterThan(0);
  expect(model.writes().length).toBe(before);
  expect(wantedOf(model)).toBe(7);
  await operator.end();
});
