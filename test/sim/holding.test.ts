/**
 * The whole operator while something holds it back: what waits is one request, never the look at the policy.
 */
import { expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import { SILENCE_PERIOD } from "../../src/reconcile/due/freshness.ts";
import type { ApiCall, Fault } from "../../src/sim/ports/fault.ts";
import { operate, settledWorld, steady, wantedOf } from "./operating.ts";

const unavailable = (verb: ApiCall["verb"]): Fault => ({
  name: `${verb} is answered 503`,
  call: (call) => {
    if (call.verb !== verb) return undefined;
    const failure = { kind: "failed", status: 503, retryAfter: undefined, message: "unavailable" } as const;
    return { kind: "instead", failure };
  },
});

test("while a decrease waits for its write budget, a load step is answered within two silence periods", async () => {
  const oneByOne = {
    stabilizationWindowSeconds: 0,
    policies: [{ type: "Pods", value: 1, periodSeconds: 15 }],
  };
  const simulated = settledWorld({ replicas: 20, cores: 6 }, { behavior: { scaleDown: oneByOne } });
  const { model, time } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  model.setLoad("default", "web", steady(2));
  await time.advance(minutes(6));
  expect(operator.records.at(-1)).toMatchObject({
    verdict: { effect: { kind: "doubted", doubt: "write-budget-spent" } },
  });
  const before = wantedOf(model);

  model.setLoad("default", "web", steady(12));
  await time.advance(millis(2 * SILENCE_PERIOD));
  expect(wantedOf(model), "twice as many at most in one step").toBe(2 * before);
  await operator.end();
});

test("single failures of the API server, minutes apart, never lengthen the time without a look", async () => {
  const target = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web" };
  const simulated = settledWorld({ replicas: 6, cores: 1.8, target }, { target });
  const { time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  const since = time.wall();
  const once = unavailable("read-scale");
  for (let failure = 1; failure <= 8; failure += 1) {
    faults.push({
      ...once,
      call(call) {
        const interference = once.call?.(call);
        if (interference !== undefined) faults.pop();
        return interference;
      },
    });
    await time.advance(minutes(10));
  }
  const reasons = operator.records.map(({ verdict }) => verdict.kind === "not-decided" && verdict.why.reason);
  expect(reasons.filter((reason) => reason === "FailedGetScale")).toHaveLength(8);
  const looks = [since, ...operator.records.map(({ at }) => at).filter((at) => at >= since), time.wall()];
  const gaps = looks.slice(1).map((at, n) => at - looks[n]!);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(minutes(1));
  await operator.end();
});

test("after 150 s without an answer about the scale, a load step is answered within 45 s", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  faults.push(unavailable("read-scale"));
  model.setLoad("default", "web", steady(6));
  await time.advance(seconds(150));
  expect(wantedOf(model)).toBe(6);

  faults.pop();
  await time.advance(seconds(45));
  expect(wantedOf(model)).toBe(12);
  await operator.end();
});

test("while every write of a scale meets a conflict, it asks at most 30 times a minute", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time } = simulated;
  const { api } = simulated.world;
  let requests = 0;
  const operator = operate(simulated, {
    api: {
      readScale(...of) {
        requests += 1;
        return api.readScale(...of);
      },
      async writeScale() {
        requests += 1;
        await time.sleep(millis(10));
        return { kind: "conflict", message: "the object has been modified" };
      },
    },
  });
  await time.advance(minutes(8));
  requests = 0;
  model.setLoad("default", "web", steady(6));
  await time.advance(minutes(1));
  expect(requests, "it goes on trying").toBeGreaterThan(6);
  expect(requests).toBeLessThanOrEqual(30);
  await operator.end();
});

test("a target whose replicas others change five times a second is looked at once a second", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.9 });
  const { model, time } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(8));
  const before = operator.records.length;
  for (let flip = 0; flip < 300; flip += 1) {
    await time.advance(millis(200));
    model.scale("default", "web", 6 + (flip % 2));
  }
  expect(operator.records.length - before).toBeGreaterThan(30);
  expect(operator.records.length - before).toBeLessThanOrEqual(61);
  await operator.end();
});
