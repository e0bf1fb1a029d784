/**
 * The whole operator when what it knows is old, or has a gap: it decreases nothing on that, and it invents
 * nothing.
 */
import { expect, test } from "vitest";
import { millis, minutes, seconds } from "../../src/base/units.ts";
import type { Kind } from "../../src/cluster/port.ts";
import type { World } from "../../src/reconcile/world.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import {
  deployment,
  deploymentCalled,
  operate,
  policy,
  settledWorld,
  statusOf,
  steady,
  wantedOf,
} from "./operating.ts";
import { smallWorld } from "./stage.ts";

const late = (kinds: readonly Kind[], by: number): Fault => ({
  name: `changes of ${kinds.join(" and ")} are told late`,
  delay: (kind) => (kinds.includes(kind) ? minutes(by) : undefined),
});

const atOnce = { scaleDown: { stabilizationWindowSeconds: 0 } };

test("after 20 minutes without a horizontal part, nothing is decreased for a full window", async () => {
  const simulated = settledWorld({ replicas: 10, cores: 3 });
  const { model, time } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(10));
  model.apply({ ...policy(), spec: { targetRef: deploymentCalled("web") } });
  await time.advance(minutes(19));
  model.setLoad("default", "web", steady(2));
  await time.advance(minutes(1));
  model.apply(policy());
  await time.advance(seconds(295));
  expect(wantedOf(model)).toBe(10);
  await time.advance(minutes(1));
  expect(wantedOf(model), "2 cores over 60 % of 500m each").toBe(7);
  await operator.end();
});

test.each([0, 300, 1500])(
  "60 policies that fall at once with an API server %d ms away do not overrun the cluster brake",
  async (latency) => {
    const simulated = smallWorld({ nodes: 20 });
    const { model, time } = simulated;
    const names = Array.from({ length: 60 }, (_, n) => `web-${n}`);
    for (const name of names) {
      model.addWorkload(deployment({ name, replicas: 10, cores: 3 }), "settled");
      model.apply(policy({ name, behavior: atOnce }));
    }
    const operator = operate(simulated, { api: farAway(simulated, latency) });
    await time.advance(minutes(11));
    for (const name of names) model.setLoad("default", name, steady(0.3));
    await time.advance(minutes(3));
    const removed = model.writes().map(({ from, to }) => from - to);
    expect(
      removed.reduce((sum, one) => sum + one, 0),
      "20 % of 600 replicas, the whole of what is allowed",
    ).toBe(120);
    await operator.end();
  },
);

/** Every request about a scale takes this much longer, in milliseconds. */
function farAway({ world: { api }, time }: SimulatedWorld, latency: number): Partial<World["api"]> {
  return {
    readScale: async (...of) => time.sleep(millis(latency)).then(() => api.readScale(...of)),
    writeScale: async (...of) => time.sleep(millis(latency)).then(() => api.writeScale(...of)),
  };
}

test("with late watches of workloads, nothing is decreased in the middle of a bad roll-out", async () => {
  const simulated = settledWorld({ replicas: 10, cores: 3 }, { behavior: atOnce });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(10));
  faults.push(late(["deployments", "replicasets"], 30));
  model.rollOut("default", "web", { neverReady: true });
  await time.advance(seconds(30));
  model.setLoad("default", "web", steady(2));
  await time.advance(minutes(3));
  expect(operator.records.at(-1)).toMatchObject({ verdict: { plan: { from: 10, to: 10 } } });
  expect(wantedOf(model)).toBe(10);
  expect(model.writes()).toEqual([]);
  await operator.end();
});

test.each([
  { load: "falls", cores: 1, most: 0 },
  { load: "rises: until its status is not found", cores: 8, most: 2 },
])(
  "for a policy that was deleted while its watch is late, at most $most writes happen when load $load",
  async ({ cores, most }) => {
    const simulated = settledWorld({ replicas: 10, cores: 3 });
    const { model, time, faults } = simulated;
    const operator = operate(simulated);
    await time.advance(minutes(10));
    faults.push(late(["scalepolicies", "horizontalpodautoscalers"], 60));
    model.deletePolicy("default", "web");
    await time.advance(minutes(5));
    model.setLoad("default", "web", steady(cores));
    await time.advance(minutes(15));
    expect(model.writes().length).toBeLessThanOrEqual(most);
    await operator.end();
  },
);

test("a wish to raise the count that an old view shows does not lower the one that somebody set since", async () => {
  const scaleDown = { stabilizationWindowSeconds: 120 };
  const simulated = settledWorld({ replicas: 4, cores: 1.2 }, { behavior: { scaleDown } });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(seconds(601));
  // What happens to the Deployment meanwhile is not told; that the kind is heard of is.
  faults.push(late(["deployments"], 3));
  model.scale("default", "web", 9);
  // Five pods' worth: more than the four that the view still shows.
  model.setLoad("default", "web", steady(1.5));
  await time.advance(seconds(25));
  faults.pop();
  await time.advance(seconds(75));
  expect(wantedOf(model)).toBe(9);
  await time.advance(minutes(6));
  expect(wantedOf(model), "after a window").toBe(5);
  await operator.end();
});

test("a late watch of Deployments makes nobody else the author of our own writes", async () => {
  const simulated = settledWorld({ replicas: 10, cores: 3 }, { behavior: atOnce });
  const { model, time, faults } = simulated;
  const operator = operate(simulated);
  await time.advance(minutes(10));
  faults.push(late(["deployments"], 5));
  for (const cores of [5, 8]) {
    model.setLoad("default", "web", steady(cores));
    await time.advance(minutes(3));
  }
  const ours = model.writes().map(({ from, to }) => ({
    what: `replicas ${from} → ${to}`,
    why: expect.stringMatching(/^cpu /) as string,
    time: expect.any(String) as string,
  }));
  expect(ours.length).toBeGreaterThan(1);
  expect(statusOf(model).recentActs).toEqual(ours.toReversed());
  await operator.end();
});
