/**
 * The whole operator while the API server is gone: nothing ends, nothing is queued, and it goes on by itself.
 */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { smallWorld } from "./stage.ts";

const gone: Fault = {
  name: "the API server is gone",
  call: () => ({ kind: "instead", failure: { kind: "unreachable", message: "no answer" } }),
  delay: () => minutes(10),
};

test("ten minutes without an API server: no write, no error, no exit, and the count follows again afterwards", async () => {
  const faults: Fault[] = [];
  const { world, model, time } = smallWorld({ faults });
  model.addWorkload(workload({ name: "web", replicas: 6, cpu: { kind: "steady", level: 1.8 } }), "settled");
  model.apply({
    kind: "ScalePolicy",
    metadata: { name: "web", namespace: "default" },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      horizontal: {
        minReplicas: 2,
        maxReplicas: 20,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
          },
        ],
      },
    },
  });
  const said: string[] = [];
  const stop = new AbortController();
  const operator = runOperator({
    world,
    setup: SIMULATED_SETUP,
    log: (level, message) => said.push(`${level}: ${message}`),
    signal: stop.signal,
  });
  const wanted = (): number => model.replicas("default", "web").wanted;
  const writes = (): number => model.writes().length;

  await time.advance(minutes(8));
  const before = { wanted: wanted(), writes: writes() };
  faults.push(gone);
  model.setLoad("default", "web", { cpu: { kind: "steady", level: 6 } });
  await time.advance(minutes(10));
  expect({ wanted: wanted(), writes: writes() }).toEqual(before);
  expect(said).toContain("info: no longer leading: deciding stops");

  faults.pop();
  await time.advance(minutes(3));
  expect(wanted(), "6 cores over 60 % of 500m each").toBe(20);
  expect(said.filter((line) => line.startsWith("error"))).toEqual([]);

  stop.abort();
  await time.advance(seconds(5));
  expect(await time.settle(operator)).toEqual({ kind: "ended" });
});
