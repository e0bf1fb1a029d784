/**
 * Fail-safe rows about policies, targets and second writers, over the whole operator: what breaks one object
 * is felt by no other.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { millis, minutes, seconds } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import { workload } from "../../../src/sim/model/blueprint.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { deployment, deploymentCalled, policy, statusOf, steady, wantedOf } from "../../sim/operating.ts";
import type { operate, Operator } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";
import { answering, AT_ONCE, perform, PERIOD, setScene, tellTally, WARM, writesSince } from "./stage.ts"; // prettier-ignore
import type { Scene } from "./stage.ts";

tellTally("objects");

/** `web` and a hundred others, each at its mark. */
function crowd(count = 100): Scene {
  const scene = setScene({ nodes: 12 });
  for (let n = 0; n < count; n += 1) {
    const name = `calm-${n}`;
    scene.model.addWorkload(deployment({ name, replicas: 2, cores: 0.6 }), "settled");
    scene.model.apply(policy({ name }));
  }
  return scene;
}

/** The longest time between two looks at one of the others since `since`, in milliseconds. */
function longestWait({ records }: Operator, since: number): number {
  const looks = Map.groupBy(
    records.filter(({ at, policy: { name } }) => name !== "web" && at >= since),
    ({ policy: { name } }) => name,
  );
  expect(looks.size).toBe(100);
  return Math.max(...[...looks.values()].map(longestGap));
}

const longestGap = (records: readonly DecisionRecord[]): number =>
  Math.max(...records.slice(1).map(({ at }, n) => at - must(records[n], "it has one before").at));

test(nameOf("F28"), async () => {
  const scene = smallWorld({ nodes: 12 });
  const { model, time } = scene;
  const names = Array.from({ length: 100 }, (_, n) => `web-${n}`);
  for (const name of names) {
    model.addWorkload(deployment({ name, replicas: 4, cores: 1.2 }), "settled");
    model.apply(policy({ name, behavior: AT_ONCE }));
  }
  const said: string[] = [];
  const log = (level: string, message: string): void => void said.push(`${level}: ${message}`);
  await perform(
    scene,
    async () => {
      await time.advance(WARM);
      for (const name of names) model.setLoad("default", name, steady(2));
      while (model.writes().length < 20) await time.advance(millis(100));
      for (const name of names) model.deletePolicy("default", name);
      await time.advance(seconds(1));
      const mark = model.writes().length;
      await time.advance(minutes(10));
      expect(mark, "some were in the middle of it").toBeLessThan(100);
      expect(writesSince(scene, mark)).toEqual([]);
      expect(said.filter((line) => line.startsWith("error"))).toEqual([]);
    },
    { log },
  );
});

test(nameOf("F29"), async () => {
  const scene = setScene();
  const { model, time } = scene;
  const said: string[] = [];
  await perform(
    scene,
    async () => {
      await time.advance(WARM);
      model.removeWorkload("default", "web");
      await time.advance(minutes(10));
      expect(statusOf(model).conditions).toContainEqual(
        expect.objectContaining({ type: "AbleToScale", status: "False", reason: "FailedGetScale" }),
      );
      expect(model.writes()).toEqual([]);
      expect(said).toEqual([]);
    },
    { log: (level, message) => void (level === "error" && said.push(message)) },
  );
});

test(nameOf("F30"), async () => {
  const scene = setScene();
  const { model, time } = scene;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.setLoad("default", "web", steady(1));
    await time.advance(minutes(4));
    model.removeWorkload("default", "web");
    await time.advance(seconds(1));
    model.addWorkload(deployment({ replicas: 10, cores: 1 }), "settled");
    await time.advance(seconds(290));
    expect(model.writes(), "what was known of its namesake counts for nothing").toEqual([]);
    await time.advance(minutes(4));
    expect(wantedOf(model)).toBe(4);
  });
});

test(nameOf("F31"), async () => {
  const target = { type: "Utilization", averageUtilization: 60 };
  const containerResource = { name: "cpu", container: "app", target };
  const metrics = [{ type: "ContainerResource", containerResource }];
  const scene = setScene({ policy: { metrics, behavior: AT_ONCE } });
  const { model, time } = scene;
  const [app] = workload({ name: "web", ...steady(3) }).containers;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.rollOut("default", "web", { containers: [{ ...must(app, "it has one"), name: "server" }] });
    model.setLoad("default", "web", steady(1));
    await time.advance(minutes(15));
    expect(wantedOf(model)).toBe(10);
    expect(statusOf(model).conditions).toContainEqual(
      expect.objectContaining({ type: "ScalingActive", reason: "FailedGetContainerResourceMetric" }),
    );
  });
});

test(nameOf("F33"), async () => {
  const scene = setScene();
  const { model, time } = scene;
  const able = () => statusOf(model).conditions.find(({ type }) => type === "AbleToScale");
  const told = (reason: string) =>
    model.events().filter((event) => event.reason === reason && /took our|Contended/.test(event.note)).length;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.setLoad("default", "web", steady(6));
    const start = time.wall();
    for (let beat = 0; beat < 240; beat += 1) {
      await time.advance(seconds(5));
      model.scale("default", "web", 10);
      if (beat === 40) expect(able()).toMatchObject({ status: "False", reason: "Contended" });
    }
    const at = model.writes().map((write) => write.at - start);
    const within = (length: number): number =>
      Math.max(...at.map((from) => at.filter((other) => other >= from && other < from + length).length));
    expect(at.length, "it goes on trying").toBeGreaterThan(6);
    expect({ tenMinutes: within(minutes(10)), minute: within(minutes(1)) }).toEqual({
      tenMinutes: 6,
      minute: 2,
    });
    expect(JSON.stringify(statusOf(model).recentActs)).toContain("kubectl");
    expect(able()?.message).toMatch(/^kubectl took our writes back/);
    expect([told("Contended"), told("Recovered")], "told once").toEqual([1, 0]);

    await time.advance(seconds(116));
    expect(wantedOf(model), "within 100 s and a period of its end").toBeGreaterThanOrEqual(18);
    await time.advance(minutes(11));
    expect(able()?.status).toBe("True");
    expect(told("Recovered")).toBe(1);
  });
});

test.each(["younger", "older"])(`${nameOf("F36")} (ours is the %s one)`, async (ours) => {
  const scene = smallWorld();
  const { model, time } = scene;
  model.addWorkload(deployment({ replicas: 6, cores: 1.8 }), "settled");
  const names = ours === "older" ? ["web", "rival"] : ["rival", "web"];
  const [owner = "", loser = ""] = names;
  model.apply(policy({ name: owner, target: deploymentCalled("web"), maxReplicas: 20 }));
  await time.advance(minutes(1));
  model.apply(policy({ name: loser, target: deploymentCalled("web"), maxReplicas: 30 }));
  for (const identity of ["first", "second"])
    await perform(
      scene,
      async ({ records }) => {
        await time.advance(WARM);
        model.setLoad("default", "web", steady(identity === "first" ? 9 : 3));
        await time.advance(minutes(8));
        const scaledBy = records.flatMap(({ verdict, policy: { name } }) =>
          verdict.kind === "planned" && verdict.effect.kind === "scaled" ? [name] : [],
        );
        expect(new Set(scaledBy)).toEqual(new Set([owner]));
        expect(statusOf(model, loser).conditions).toContainEqual(
          expect.objectContaining({ reason: "TargetConflict", message: expect.stringContaining(owner) }),
        );
      },
      { identity },
    );
});

test(nameOf("F39"), async () => {
  const scene = setScene();
  const { model, time, faults } = scene;
  const { world } = scene;
  let tries = 0;
  const api: NonNullable<Parameters<typeof operate>[1]>["api"] = {
    writeScale: (...of) => {
      tries += 1;
      return world.api.writeScale(...of);
    },
  };
  await perform(
    scene,
    async () => {
      await time.advance(WARM);
      const message = 'admission webhook "no.example.com" denied the request';
      faults.push(answering({ kind: "forbidden", status: 403, message }, ["write-scale"]));
      const told = model.events().length;
      model.setLoad("default", "web", steady(6));
      await time.advance(minutes(60));
      console.log(`F39: ${tries} tries in an hour, ${model.events().length - told} Events`);
      expect(tries).toBeGreaterThan(5);
      expect(tries).toBeLessThanOrEqual(20);
      expect(model.events().length - told).toBeLessThanOrEqual(2);
      expect(statusOf(model).conditions).toContainEqual(
        expect.objectContaining({ reason: "FailedUpdateScale", message: expect.stringContaining(message) }),
      );
      faults.pop();
      await time.advance(minutes(11));
      expect(wantedOf(model), "and then it is written").toBeGreaterThan(16);
    },
    { api },
  );
});

test(nameOf("F40"), async () => {
  const scene = crowd();
  const { model, time, faults } = scene;
  const errors: string[] = [];
  await perform(
    scene,
    async (operator) => {
      await time.advance(WARM);
      const message = 'namespace "default" is being terminated';
      faults.push(
        answering(
          { kind: "forbidden", status: 403, message },
          ["read-scale", "write-scale", "write-status", "emit"],
          (about) => about.endsWith("/web"),
        ),
      );
      model.setLoad("default", "web", steady(6));
      const since = time.wall();
      await time.advance(minutes(10));
      expect(model.writes()).toEqual([]);
      expect(errors).toEqual([]);
      expect(longestWait(operator, since)).toBeLessThanOrEqual(2 * PERIOD);
    },
    { log: (level, text) => void (level === "error" && errors.push(text)) },
  );
});

test(nameOf("F42"), async () => {
  const scene = crowd();
  const { model, time, world } = scene;
  let broken = false;
  const bugs: string[] = [];
  const api: NonNullable<Parameters<typeof operate>[1]>["api"] = {
    readScale: (namespace, target) => {
      if (broken && target.name === "web") throw new TypeError("a bug that this policy brings out");
      return world.api.readScale(namespace, target);
    },
  };
  await perform(
    scene,
    async (operator) => {
      await time.advance(WARM);
      broken = true;
      model.setLoad("default", "web", steady(6));
      const since = time.wall();
      await time.advance(minutes(10));
      console.log(`F42: the bug was met ${bugs.length} times in 10 min`);
      expect(bugs.length).toBeGreaterThan(1);
      expect(bugs.length).toBeLessThanOrEqual(45);
      expect(longestWait(operator, since)).toBeLessThanOrEqual(2 * PERIOD);
      broken = false;
      await time.advance(minutes(11));
      expect(wantedOf(model), "once it is mended, it is served again").toBeGreaterThan(10);
    },
    { api, log: (level, text) => void (level === "error" && bugs.push(text)) },
  );
});
