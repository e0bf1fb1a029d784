import { expect, test } from "vitest";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import { smallWorld } from "./stage.ts";
import { wish } from "../builders.ts";

const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

async function writeUnder(fault: Fault) {
  const faults: Fault[] = [];
  const { world, model, time } = smallWorld({ faults });
  model.addWorkload(workload({ name: "web", replicas: 2, cpu: { kind: "steady", level: 1 } }), "settled");
  const scale = await time.settle(world.api.readScale("default", target));
  if (scale.kind !== "read") expect.fail(scale.kind);
  faults.push(fault);
  const outcome = await time.settle(world.api.writeScale("default", target, scale.value, wish(5)));
  return { outcome, replicas: model.replicas("default", "web").wanted };
}

test("an answer put in the place of a call keeps the call from happening", async () => {
  const failure = { kind: "failed", status: 503, retryAfter: undefined, message: "as planned" } as const;
  const seen = await writeUnder({
    name: "down",
    call: ({ verb }) => (verb === "write-scale" ? { kind: "instead", failure } : undefined),
  });
  expect(seen).toEqual({ outcome: failure, replicas: 2 });
});

test("a lost answer leaves the writer in the dark about a write that happened", async () => {
  const seen = await writeUnder({ name: "cut", call: () => ({ kind: "answer-lost", message: "reset" }) });
  expect(seen).toEqual({ outcome: { kind: "unreachable", message: "reset" }, replicas: 5 });
});
