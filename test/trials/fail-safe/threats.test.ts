/**
 * Threats to the whole operator that show over time: lies, floods and bombs move little, and slowly.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { minutes } from "../../../src/base/units.ts";
import { subjectOf } from "../../../src/report/port.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { deployment, deploymentCalled, policy, statusOf, wantedOf } from "../../sim/operating.ts";
import { perform, PERIOD, setScene, tamperedWith, tellTally, WARM } from "./stage.ts";

tellTally("threats");

test.each([
  { cores: 1e6, behavior: {}, to: 10, counted: 0 },
  { cores: 1e3, behavior: {}, to: 20, counted: 16 },
  // As the HPA: without `behavior` the scale-down window raises, too, and the bound is what the node could use.
  { cores: 1e3, behavior: undefined, to: 63, counted: 16 },
])(`${nameOf("S05")} ($cores cores: at most $to replicas)`, async ({ cores, behavior, to, counted }) => {
  const scene = setScene({ policy: { maxReplicas: 200, behavior } });
  const { model, time } = scene;
  let lying = false;
  const forged = tamperedWith(scene, (node, text) =>
    lying && node === "node-1"
      ? text.replace(
          /^(container_cpu_usage_seconds_total\{[^}]*\}) (\S+)/m,
          (_, series: string, value: string) => `${series} ${Number(value) + cores * 15}`,
        )
      : text,
  );
  await perform(forged, async ({ records }) => {
    await time.advance(WARM);
    lying = true;
    await time.advance(minutes(4));
    expect(Math.max(10, ...model.writes().map((write) => write.to))).toBe(to);
    const evidence = records.flatMap(({ verdict }) =>
      verdict.kind === "planned" ? [verdict.question.evidence] : [],
    );
    const clipped = evidence.filter(({ clippedCount }) => clippedCount > 0);
    const used = clipped.flatMap(({ pods }) =>
      pods.flatMap(({ usage }) => (usage?.containers ?? []).map(({ cpu }) => cpu / 1e9)),
    );
    expect(Math.max(0, ...used), "a node has 16 cores").toBeCloseTo(counted, 3);
    const refused = evidence.at(-1)?.lacking.length;
    expect(refused, "a jump that no machine can make is no sample").toBe(counted === 0 ? 1 : 0);
  });
});

test(nameOf("S04"), async () => {
  const scene = setScene();
  const { model, time } = scene;
  let lying = false;
  const claims = Array.from({ length: 1000 }, (_, n) => `web-${n}`).map(
    (pod) => `container_cpu_usage_seconds_total{container="app",namespace="default",pod="${pod}"} 1`,
  );
  const others = (node: string) => [...scene.truth().of.pods.all()].filter((pod) => pod.node !== node);
  const forged = tamperedWith(scene, (node, text) => {
    if (!lying || node !== "node-1") return text;
    const foreign = others(node).map(
      ({ meta }) =>
        `container_cpu_usage_seconds_total{container="app",namespace="default",pod="${meta.name}"} 9e9`,
    );
    return [text.trimEnd(), ...foreign, ...claims, ""].join("\n");
  });
  const told = () => model.events().filter(({ reason }) => reason === "ForeignPods");
  await perform(forged, async () => {
    await time.advance(WARM);
    const before = wantedOf(model);
    lying = true;
    await time.advance(minutes(1));
    expect(told(), "a pod that moves is reported twice for a while").toEqual([]);
    await time.advance(minutes(10));
    expect(wantedOf(model), "none of it is believed").toBe(before);
    expect(
      told().map((event) => subjectOf(event).name),
      "told once, of the node",
    ).toEqual(["node-1"]);
  });
});

test.each(["each on a target that is not there", "all on one target"])(
  `S15 five thousand policies in one namespace delay those of others by one period at most (%s)`,
  async (where) => {
    const scene = setScene();
    const { model, time } = scene;
    model.addWorkload({ ...deployment({ replicas: 4, cores: 1.2 }), namespace: "flood" }, "settled");
    for (let n = 0; n < 20; n += 1) {
      const name = `calm-${n}`;
      model.addWorkload(deployment({ name, replicas: 2, cores: 0.6 }), "settled");
      model.apply(policy({ name }));
    }
    await perform(scene, async ({ records }) => {
      await time.advance(WARM);
      for (let n = 0; n < 5_000; n += 1) {
        const target = deploymentCalled(where === "all on one target" ? "web" : `nothing-${n}`);
        const { spec } = policy({ target });
        model.apply({ kind: "ScalePolicy", metadata: { name: `flood-${n}`, namespace: "flood" }, spec });
      }
      const since = time.wall();
      await time.advance(minutes(3));
      const looks = Map.groupBy(
        records.filter(({ at, policy: { namespace } }) => namespace === "default" && at >= since),
        ({ policy: { name } }) => name,
      );
      const gaps = [...looks.values()].flatMap((each) =>
        each.slice(1).map(({ at }, n) => at - must(each[n], "it has one before").at),
      );
      console.log(
        `S15: ${records.length} decisions, longest wait of another namespace ${Math.max(...gaps) / 1000} s`,
      );
      expect(looks.size).toBe(21);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * PERIOD);
    });
  },
  60_000,
);

test(nameOf("S26"), async () => {
  const target = { type: "AverageValue", averageValue: "1m" };
  const metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  const scene = setScene({ replicas: 2, cores: 1e3, policy: { metrics, maxReplicas: 150 } });
  const { model, time } = scene;
  await perform(scene, async () => {
    await time.advance(minutes(4));
    const steps = model.writes().map(({ from, to }) => ({ from, to }));
    for (const { from, to } of steps) expect(to).toBeLessThanOrEqual(Math.max(2 * from, 4));
    expect(steps.length).toBeGreaterThan(5);
    expect(wantedOf(model)).toBe(150);
    await time.advance(minutes(2));
    expect(wantedOf(model)).toBe(150);
    expect(statusOf(model).conditions).toContainEqual(expect.objectContaining({ reason: "TooManyReplicas" }));
  });
});
