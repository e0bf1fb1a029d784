/**
 * The whole operator while the watch of its targets is late: it waits for its own write to come back.
 */
import { expect, test } from "vitest";
import { type EpochMillis, minutes, seconds } from "../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { smallWorld, Watched } from "./stage.ts";

const late: Fault = {
  name: "changes of Deployments are told 20 s late",
  delay: (kind) => (kind === "deployments" ? seconds(20) : undefined),
};

test("F18 with a watch that is 20 s late, a step is written once, and nothing is decided before it came back", async () => {
  const faults: Fault[] = [];
  const simulated = smallWorld({ faults });
  const { world, model, time } = simulated;
  model.addWorkload(workload({ name: "web", replicas: 6, cpu: { kind: "steady", level: 1.8 } }), "settled");
  model.apply({
    kind: "ScalePolicy",
    metadata: { name: "web", namespace: "default" },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      horizontal: {
        minReplicas: 2,
        maxReplicas: 100,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
          },
        ],
      },
    },
  });
  const decisions: EpochMillis[] = [];
  const stop = new AbortController();
  const operator = runOperator({
    world,
    setup: SIMULATED_SETUP,
    log: () => undefined,
    signal: stop.signal,
    observe: ({ at }) => decisions.push(at),
  });
  const deployments = new Watched(simulated, "deployments");
  /** When the watch showed each count for the first time. */
  const shown = new Map<number, EpochMillis>();
  const look = async (length: number): Promise<void> => {
    for (let n = 0; n < length * 10; n += 1) {
      await time.advance(seconds(0.1));
      const count = deployments.objects.get("default/web")?.replicas ?? 0;
      if (!shown.has(count)) shown.set(count, time.wall());
    }
  };

  await time.advance(minutes(8));
  await look(5);
  faults.push(late);
  model.setLoad("default", "web", { cpu: { kind: "steady", level: 3.6 } });
  await look(180);
  const steps = model.writes().map(({ at, from, to }) => ({ from, to, told: shown.get(to)! - at }));
  expect(
    steps.map(({ from, to }) => [from, to]),
    "3.6 cores over 60 % of 500m each are 12",
  ).toEqual([[6, 12]]);
  for (const { told } of steps) expect(told, "later than the next samples").toBeGreaterThan(19_000);
  for (const { at, to } of model.writes())
    expect(
      decisions.filter((moment) => moment > at && moment < shown.get(to)!),
      `decisions on a view without ${to}`,
    ).toEqual([]);

  await deployments.stop();
  stop.abort();
  await time.advance(seconds(25));
  expect(await time.settle(operator)).toEqual({ kind: "ended" });
});
