/**
 * An operator that dies between two writes: whatever was lost with it, the next one knows enough to do no
 * harm, and says what it found.
 */
import { describe, expect, test } from "vitest";
import { minutes } from "../../src/base/units.ts";
import type { ApiCall, Fault } from "../../src/sim/ports/fault.ts";
import { operate, settledWorld, statusOf, steady, wantedOf } from "./operating.ts";

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

describe.each(["write-scale", "write-status", "update-lease"] as const)("killed at %s", (verb) => {
  test.each(["before", "answer-lost"] as const)(
    "(%s): the next leader drops nothing early, and reaches the same end",
    async (position) => {
      const crash = new Crash(verb, position);
      const simulated = settledWorld({ replicas: 6, cores: 1.8 }, { maxReplicas: 20 });
      const { model, time, faults } = simulated;
      faults.push(crash);
      const first = operate(simulated, { identity: "first" });
      await time.advance(minutes(8));
      crash.armed = true;
      model.setLoad("default", "web", steady(3.6));
      await time.advance(minutes(2));
      expect(crash.dead, "the moment came").toBe(true);
      await first.end();
      faults.length = 0;
      model.setLoad("default", "web", steady(0.6));

      const second = operate(simulated, { identity: "second" });
      const born = time.now();
      const before = wantedOf(model);
      await time.advance(minutes(4));
      expect(wantedOf(model), "no decrease within the window").toBeGreaterThanOrEqual(before);
      await time.advance(minutes(8));
      expect(wantedOf(model)).toBe(2);
      expect(time.now() - born).toBeLessThanOrEqual(minutes(12));
      await second.end();
    },
  );
});

test("a write of ours that has no record is told by the next process", async () => {
  const crash = new Crash("write-scale", "answer-lost");
  const simulated = settledWorld({ replicas: 6, cores: 1.8 }, { maxReplicas: 20 });
  const { model, time, faults } = simulated;
  faults.push(crash);
  const first = operate(simulated, { identity: "first" });
  await time.advance(minutes(8));
  crash.armed = true;
  model.setLoad("default", "web", steady(3.6));
  await time.advance(minutes(2));
  await first.end();
  faults.length = 0;
  const second = operate(simulated, { identity: "second" });
  await time.advance(minutes(1));
  const { recentActs } = statusOf(model);
  expect(recentActs).toContainEqual(
    expect.objectContaining({
      what: expect.stringMatching(/^replicas 6 → \d+$/),
      why: expect.stringMatching(/^set by plimsoll/),
    }),
  );
  await second.end();
});
