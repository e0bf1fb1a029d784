/**
 * The whole operator while the API server is gone: nothing ends, nothing is queued, and it goes on by itself.
 */
import { expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { operate, settledWorld, steady, wantedOf } from "./operating.ts";
import { never } from "./stage.ts";

const gone: Fault = {
  name: "the API server is gone",
  call: () => ({ kind: "instead", failure: { kind: "unreachable", message: "no answer" } }),
  delay: () => minutes(10),
};

test("F16 ten minutes without an API server: no write, no error, no exit, and the count follows again afterwards", async () => {
  const simulated = settledWorld({ replicas: 6, cores: 1.8 }, { maxReplicas: 20 });
  const { model, time, faults } = simulated;
  const said: string[] = [];
  const operator = operate(simulated, { log: (level, message) => said.push(`${level}: ${message}`) });
  const writes = (): number => model.writes().length;

  await time.advance(minutes(8));
  const before = { wanted: wantedOf(model), writes: writes() };
  faults.push(gone);
  model.setLoad("default", "web", steady(6));
  await time.advance(minutes(10));
  expect({ wanted: wantedOf(model), writes: writes() }).toEqual(before);
  expect(said).toContain("info: no longer leading: deciding stops");

  faults.pop();
  await time.advance(minutes(3));
  expect(wantedOf(model), "6 cores over 60 % of 500m each").toBe(20);
  expect(said.filter((line) => line.startsWith("error"))).toEqual([]);

  expect(await operator.end()).toEqual({ kind: "ended" });
});

test.each([
  {
    what: "all calls but those about the Lease hang",
    hangs: (verb: string) => !verb.endsWith("lease"),
    held: "",
  },
  { what: "all calls hang", hangs: () => true, held: "simulated" },
])("told to end while $what, it has ended within five seconds", async ({ hangs, held }) => {
  const world = settledWorld({ replicas: 6, cores: 1.8 });
  const { model, time, faults } = world;
  const operator = operate(world);
  await time.advance(minutes(7));
  faults.push({ name: "hanging", slow: ({ verb }) => (hangs(verb) ? minutes(2) : undefined) });
  model.setLoad("default", "web", steady(6));
  await time.advance(seconds(40));
  const told = time.now();
  await operator.end();
  expect(time.now() - told).toBeLessThanOrEqual(seconds(5.1));
  faults.length = 0;
  const lease = await time.settle(world.world.api.readLease(never));
  expect(lease).toMatchObject({ kind: "read", value: { record: { holder: held } } });
});
