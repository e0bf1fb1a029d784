/**
 * Fail-safe rows about metrics, over the whole operator: whatever kubelets say or leave out, nothing is
 * decreased on it.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { nodeName, uid } from "../../../src/base/ids.ts";
import { epochMillis, minutes, monoMillis, seconds } from "../../../src/base/units.ts";
import { makePlan } from "../../../src/coordinate/make-plan.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import { createDecodeScratch, NodeDecoder } from "../../../src/scrape/decode.ts";
import { Ingestion } from "../../../src/scrape/ingestion.ts";
import { createStore } from "../../../src/store/store.ts";
import { cutToNode } from "../../../src/usage/plausible.ts";
import { aPlanQuestion, podsAt } from "../../coordinate/questions.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { aRunningPod } from "../../scrape/nodes.ts";
import { policy, statusOf, steady, wantedOf } from "../../sim/operating.ts";
import { AT_ONCE, decreasesIn, perform, PERIOD, setScene, tamperedWith, tellTally, WARM } from "./stage.ts"; // prettier-ignore

tellTally("metrics");

const reasonsIn = (records: readonly DecisionRecord[]): ReadonlySet<string> =>
  new Set(
    records.flatMap(({ verdict }) =>
      verdict.kind === "planned" ? verdict.plan.conditions.map(({ reason }) => reason) : [],
    ),
  );

test.each([
  { load: "tripled", cores: 9, soon: 30 },
  { load: "fell", cores: 1, soon: 10 },
])(`${nameOf("F01")} (load $load)`, async ({ cores, soon }) => {
  const scene = setScene();
  const { model, time } = scene;
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    model.setMetricsBroken("default", "web", true);
    model.setLoad("default", "web", steady(cores));
    await time.advance(minutes(10));
    expect(wantedOf(model)).toBe(10);
    expect(reasonsIn(records.slice(-3))).toContain("FailedGetResourceMetric");
    model.setMetricsBroken("default", "web", false);
    await time.advance(minutes(5));
    expect(wantedOf(model)).toBe(soon);
    expect(decreasesIn(model.writes())).toEqual([]);
    await time.advance(minutes(6));
    expect(wantedOf(model), "and then it follows again").toBe(cores === 9 ? 30 : 4);
  });
});

test.each(["", "[]", "{}", '{"data":{"resultType":"matrix"}}', "<html>502</html>", "ok\n"])(
  `${nameOf("F03")} (%j)`,
  async (body) => {
    const scene = setScene({ policy: { behavior: AT_ONCE } });
    const { model, time } = scene;
    let broken = false;
    const lying = tamperedWith(scene, (_, text) => (broken ? body : text));
    await perform(lying, async ({ records }) => {
      await time.advance(WARM);
      broken = true;
      model.setLoad("default", "web", steady(0.5));
      await time.advance(minutes(6));
      expect(model.writes()).toEqual([]);
      expect(reasonsIn(records.slice(-2))).toContain("FailedGetResourceMetric");
    });
  },
);

/** The specials, then doubles of every size and sign as a careless exporter would print them. */
function someNumber(n: number): string {
  const specials = [
    "NaN",
    "+Inf",
    "-Inf",
    "-0",
    "1e308",
    "-1",
    "1,5",
    "5e-324",
    "18446744073709551615",
    "0x10",
  ];
  if (n % 7 === 0) return specials[(n / 7) % specials.length]!;
  const sign = n % 11 === 0 ? "-" : "";
  return `${sign}${((n * 2_654_435_761) % 9973) + 1}e${(n % 600) - 300}`;
}

/** Of every second pod a counter that never falls, from idle to beyond any machine; of the others, anything. */
function counterOf(pod: string, round: number, otherwise: string): string {
  const n = Number(pod.slice("web-".length));
  return n % 2 === 0 ? `${(round + 1) * 7}e${n % 12}` : otherwise;
}

test(nameOf("F04"), () => {
  const names = Array.from({ length: 50 }, (_, n) => `web-${n}`);
  const pods = new Map(names.map((name) => [name, aRunningPod(name)]));
  const ingestion = new Ingestion((_, name) => pods.get(name));
  const decoder = new NodeDecoder(createDecodeScratch());
  const store = createStore({ resolution: seconds(15) });
  const start = 1_700_000_100_000;
  let numbers = 0;
  let measured = 0;
  const counts = new Set<number>();
  for (let round = 0; numbers < 100_000; round += 1) {
    const wall = epochMillis(start + round * 15_000);
    const lines = names.flatMap((pod) => {
      const labels = `{container="app",namespace="shop",pod="${pod}"}`;
      const [cpu, memory] = [counterOf(pod, round, someNumber(numbers++)), someNumber(numbers++)];
      return [
        `container_cpu_usage_seconds_total${labels} ${cpu} ${wall}`,
        `container_memory_working_set_bytes${labels} ${memory} ${wall}`,
      ];
    });
    const answer = decoder.decode(new TextEncoder().encode(`${lines.join("\n")}\n`), wall);
    const arrivedAt = monoMillis(5_000_000 + round * 15_000);
    const { batch } = ingestion.ingest(answer, { node: nodeName("node-1"), arrivedAt, wall });
    store.writer.append(batch);
    const evidence = podsAt(60, 10).map((pod, n) => {
      const usage = store.reader.pod(uid(`uid-of-${names[(round + n) % 50]}`));
      if (usage.kind === "absent") return pod;
      measured += 1;
      for (const { cpu, memory } of usage.containers) expect([cpu >= 0, memory >= 0]).toEqual([true, true]);
      return { ...pod, usage: { ...usage, containers: cutToNode(usage.containers, {}) ?? usage.containers } };
    });
    const { to } = makePlan(aPlanQuestion({ evidence: { pods: evidence } })).plan;
    expect(Number.isInteger(to) && to >= 1 && to <= 100, `${to}`).toBe(true);
    counts.add(to);
  }
  console.log(`F04: ${numbers} numbers, ${measured} became usage, plans of ${counts.size} sizes`);
  expect(measured).toBeGreaterThan(500);
});

test.each([
  { clock: "100 days ahead", shift: 100 * 86_400_000 },
  { clock: "an hour behind", shift: -3_600_000 },
])(`${nameOf("F07")} ($clock)`, async ({ shift }) => {
  const scene = setScene({ nodes: 12, replicas: 12, cores: 3.6, policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  let wrong = false;
  const stamp = (at: string): string => String(Number(at) + shift);
  const skewed = tamperedWith(scene, (node, text) =>
    wrong && node === "node-1" ? text.replace(/(?<= )\d{13}$/gm, stamp) : text,
  );
  await perform(skewed, async ({ records }) => {
    await time.advance(WARM);
    wrong = true;
    await time.advance(minutes(10));
    expect(model.writes(), "at a steady load").toEqual([]);
    const { verdict } = must(records.at(-1), "decisions were made");
    expect(verdict).toMatchObject({ question: { evidence: { lacking: [{ node: "node-1" }] } } });
    model.setLoad("default", "web", steady(6));
    await time.advance(minutes(2));
    expect(wantedOf(model), "the other eleven raise it").toBeGreaterThan(12);
  });
});

test.each([
  { silent: 1, of: 20, held: undefined },
  { silent: 3, of: 20, held: "MissingEvidence" },
  { silent: 6, of: 20, held: "MissingEvidence" },
  { silent: 20, of: 20, held: "FailedGetResourceMetric" },
])(`${nameOf("F08")} ($silent of $of nodes)`, async ({ silent, of, held }) => {
  const scene = setScene({ nodes: of, replicas: 20, cores: 6, policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    for (const node of model.nodeNames().slice(0, silent)) model.setNodeSilent(node, true);
    await time.advance(seconds(90));
    model.setLoad("default", "web", steady(2));
    await time.advance(minutes(9));
    if (held === undefined) return expect(wantedOf(model)).toBeLessThan(20);
    expect(wantedOf(model)).toBe(20);
    expect(reasonsIn(records.slice(-2))).toContain(held);
  });
});

test("F08 with over 30 % of the nodes silent: a workload whose own pods all report is not decreased", async () => {
  const scene = setScene({ nodes: 3, replicas: 9, cores: 2.7, policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  for (let n = 4; n <= 6; n += 1) model.addNode({ name: `node-${n}`, cores: 16, memory: 64e9 });
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    for (const node of ["node-4", "node-5"]) model.setNodeSilent(node, true);
    await time.advance(seconds(90));
    model.setLoad("default", "web", steady(1));
    await time.advance(minutes(9));
    expect(reasonsIn(records.slice(-2))).toContain("BlindCluster");
    expect(wantedOf(model)).toBe(9);
  });
});

test(nameOf("F09"), async () => {
  const scene = setScene({ policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  const frozen = new Map<string, string>();
  let freezing = false;
  const stale = tamperedWith(scene, (node, text) => {
    if (!freezing) return text;
    if (!frozen.has(node)) frozen.set(node, text);
    return frozen.get(node)!;
  });
  await perform(stale, async ({ records }) => {
    await time.advance(WARM);
    freezing = true;
    await time.advance(PERIOD);
    model.setLoad("default", "web", steady(1));
    await time.advance(seconds(75));
    expect(reasonsIn(records.slice(-1))).toContain("FailedGetResourceMetric");
    await time.advance(minutes(10));
    expect(model.writes()).toEqual([]);
  });
});

test(nameOf("F10"), async () => {
  const policies = [{ type: "Pods", value: 1000, periodSeconds: 15 }];
  const behavior = { scaleUp: { policies } };
  const scene = setScene({ policy: { behavior } });
  const { model, time } = scene;
  const edited = (averageUtilization: number): void => {
    const target = { type: "Utilization", averageUtilization };
    model.apply(policy({ behavior, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] }));
  };
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    edited(1);
    await time.advance(seconds(8));
    edited(60);
    await time.advance(minutes(6));
    expect(model.writes(), "who mends it within 15 s has lost nothing").toEqual([]);
    expect(reasonsIn(records)).toContain("FirstMoveAnnounced");
    edited(1);
    await time.advance(seconds(14));
    expect(model.writes()).toEqual([]);
    expect(statusOf(model).conditions).toContainEqual(
      expect.objectContaining({ reason: "FirstMoveAnnounced", message: expect.stringMatching(/10 → 40/) }),
    );
    await time.advance(PERIOD);
    expect(model.writes().map(({ to }) => to)).toEqual([40]);
  });
});

test(nameOf("F13"), async () => {
  const scene = setScene({ replicas: 8, cores: 2.4, policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  await perform(scene, async ({ records }) => {
    await time.advance(WARM);
    for (let release = 0; release < 5; release += 1) {
      model.rollOut("default", "web", { startup: seconds(40) });
      await time.advance(minutes(6));
    }
    const asked = records.flatMap(({ verdict }) => (verdict.kind === "planned" ? [verdict.plan.to] : []));
    expect(new Set(asked)).toEqual(new Set([8]));
    expect(model.writes()).toEqual([]);
  });
});

test(nameOf("F14"), async () => {
  const scene = setScene({ replicas: 8, cores: 2.4, policy: { behavior: AT_ONCE } });
  const { model, time } = scene;
  await perform(scene, async () => {
    await time.advance(WARM);
    model.rollOut("default", "web", { neverReady: true });
    await time.advance(minutes(11));
    model.setLoad("default", "web", steady(1.2));
    await time.advance(minutes(19));
    expect(model.writes()).toEqual([]);
    expect(statusOf(model).conditions).toContainEqual(
      expect.objectContaining({ type: "ScalingLimited", reason: "RolloutStuck" }),
    );
  });
});
