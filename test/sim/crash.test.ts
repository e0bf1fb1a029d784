/**
 * An operator that dies between two writes: whatever was lost with it, the next one knows enough to do no
 * harm, and says what it found.
 */
import { describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { minutes, seconds } from "../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import type { ScalePolicyStatus } from "../../src/policy/status.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { ApiCall, Fault } from "../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import { smallWorld } from "./stage.ts";

const policy = {
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
};

/** The first call of this kind after `armed` reaches the API server or not, and no later one of this process. */
class Crash implements Fault {
  readonly name = "the process dies";
  readonly #verb: ApiCall["verb"];
  readonly #position: "before" | "answer-lost";
  armed = false;
  dead = false;

  constructor(verb: ApiCall["verb"], position: "before" | "answer-lost") {
    this.#verb = verb;
    this.#position = position;
  }

  call({ verb }: ApiCall): ReturnType<NonNullable<Fault["call"]>> {
    const message = "the process is gone";
    if (this.dead) return { kind: "instead", failure: { kind: "unreachable", message } };
    if (!this.armed || verb !== this.#verb) return undefined;
    this.dead = true;
    return this.#position === "answer-lost"
      ? { kind: "answer-lost", message }
      : { kind: "instead", failure: { kind: "unreachable", message } };
  }
}

type Life = Readonly<{ stop: AbortController; ended: Promise<unknown> }>;

function live({ world }: SimulatedWorld, identity: string): Life {
  const stop = new AbortController();
  const setup = { ...SIMULATED_SETUP, identity };
  const ended = runOperator({ world, setup, log: () => undefined, signal: stop.signal });
  return { stop, ended };
}

describe.each(["write-scale", "write-status", "update-lease"] as const)("killed at %s", (verb) => {
  test.each(["before", "answer-lost"] as const)(
    "(%s): the next leader drops nothing early, and reaches the same end",
    async (position) => {
      const crash = new Crash(verb, position);
      const faults: Fault[] = [crash];
      const simulated = smallWorld({ faults });
      const { model, time } = simulated;
      model.addWorkload(
        workload({ name: "web", replicas: 6, cpu: { kind: "steady", level: 1.8 } }),
        "settled",
      );
      model.apply(policy);
      const first = live(simulated, "first");
      await time.advance(minutes(8));
      crash.armed = true;
      model.setLoad("default", "web", { cpu: { kind: "steady", level: 3.6 } });
      await time.advance(minutes(2));
      expect(crash.dead, "the moment came").toBe(true);
      first.stop.abort();
      await time.settle(first.ended);
      faults.length = 0;
      model.setLoad("default", "web", { cpu: { kind: "steady", level: 0.6 } });

      const second = live(simulated, "second");
      const born = time.now();
      const before = model.replicas("default", "web").wanted;
      await time.advance(minutes(4));
      expect(model.replicas("default", "web").wanted, "no decrease within the window").toBeGreaterThanOrEqual(
        before,
      );
      await time.advance(minutes(8));
      expect(model.replicas("default", "web").wanted).toBe(2);
      expect(time.now() - born).toBeLessThanOrEqual(minutes(12));
      second.stop.abort();
      await time.settle(second.ended);
    },
  );
});

test("a write of ours that has no record is told by the next process", async () => {
  const crash = new Crash("write-scale", "answer-lost");
  const faults: Fault[] = [crash];
  const simulated = smallWorld({ faults });
  const { model, time } = simulated;
  model.addWorkload(workload({ name: "web", replicas: 6, cpu: { kind: "steady", level: 1.8 } }), "settled");
  model.apply(policy);
  const first = live(simulated, "first");
  await time.advance(minutes(8));
  crash.armed = true;
  model.setLoad("default", "web", { cpu: { kind: "steady", level: 3.6 } });
  await time.advance(minutes(2));
  first.stop.abort();
  await time.settle(first.ended);
  faults.length = 0;
  const second = live(simulated, "second");
  await time.advance(minutes(1));
  const { recentActs } = must(model.policy("default", "web"), "the policy is there")
    .status as ScalePolicyStatus;
  expect(recentActs).toContainEqual(
    expect.objectContaining({
      what: expect.stringMatching(/^replicas 6 → \d+$/),
      why: expect.stringMatching(/^set by plimsoll/),
    }),
  );
  second.stop.abort();
  await time.advance(seconds(5));
  await time.settle(second.ended);
});
