import { describe, expect, test } from "vitest";
import { minutes, seconds } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import { never, smallWorld, Watched } from "./stage.ts";

const web = (over: Partial<Parameters<typeof workload>[0]> = {}) =>
  workload({ name: "web", replicas: 2, cpu: { kind: "steady", level: 1 }, ...over });

type Lines = Map<string, { value: number; at: number }>;

/** All sample lines of all nodes, by series. */
async function scrape(world: SimulatedWorld, nodes: readonly Node[]): Promise<Lines> {
  const lines: Lines = new Map();
  for (const node of nodes) {
    const reply = await world.time.settle(world.world.kubelets.read(node, never));
    if (reply.kind !== "answered") continue;
    for (const line of new TextDecoder().decode(reply.body).split("\n")) {
      const [, series, value, at] = /^([a-z_]+(?:\{.*\})?) (\S+)(?: (\d+))?$/.exec(line) ?? [];
      const name = series?.startsWith("node_") === true ? `${series}/${node.meta.name}` : series;
      if (name !== undefined) lines.set(name, { value: Number(value), at: Number(at) });
    }
  }
  return lines;
}

async function started(...blueprints: ReturnType<typeof workload>[]) {
  const world = smallWorld({ nodes: 1 });
  for (const blueprint of blueprints) world.model.addWorkload(blueprint, "settled");
  const nodes = new Watched(world, "nodes");
  await world.time.advance(seconds(30));
  return { world, nodes: nodes.all() };
}

/** CPU in cores of every container, between two scrapes that are `apart`. */
async function rates(world: SimulatedWorld, nodes: readonly Node[], apart = minutes(5)): Promise<number[]> {
  const before = await scrape(world, nodes);
  await world.time.advance(apart);
  const after = await scrape(world, nodes);
  return [...after].flatMap(([series, { value, at }]) => {
    const earlier = before.get(series);
    if (!series.startsWith("container_cpu") || earlier === undefined) return [];
    return [(value - earlier.value) / ((at - earlier.at) / 1000)];
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

describe("usage", () => {
  test("is the demand, shared by the pods that are ready", async () => {
    const { world, nodes } = await started(web());
    const two = await rates(world, nodes);
    expect(two).toHaveLength(2);
    for (const rate of two) expect(rate).toBeCloseTo(0.5, 1);
    world.model.scale("default", "web", 4);
    await world.time.advance(minutes(1));
    const four = await rates(world, nodes);
    expect(four).toHaveLength(4);
    for (const rate of four) expect(rate).toBeCloseTo(0.25, 1);
    expect(sum(four)).toBeCloseTo(1, 1);
  });

  test("stops at the limit, and what is above it is not served", async () => {
    const limited = { name: "app", requests: {}, limits: { cpu: 200 as never }, share: 1 };
    const { world, nodes } = await started(web({ containers: [limited] }));
    expect(await rates(world, nodes)).toEqual([expect.closeTo(0.2, 5), expect.closeTo(0.2, 5)]);
  });

  test("of two containers is in the proportion of their shares", async () => {
    const container = (name: string, share: number) => ({ name, requests: {}, limits: {}, share });
    const { world, nodes } = await started(
      web({ replicas: 1, containers: [container("app", 0.9), container("proxy", 0.1)] }),
    );
    const [app, proxy] = await rates(world, nodes);
    expect(app! / proxy!).toBeCloseTo(9, 0);
  });

  test("of memory is a base, a part per core, and a share of what the load keeps", async () => {
    const memory = { kind: "steady" as const, level: 400e6 };
    const { world, nodes } = await started(
      web({ memory, memoryBase: 100e6 as never, memoryPerCore: 10e6 as never }),
    );
    const lines = await scrape(world, nodes);
    const amounts = [...lines]
      .filter(([series]) => series.startsWith("container_memory"))
      .map(([, { value }]) => value);
    for (const amount of amounts) expect(amount / 1e6).toBeCloseTo(100 + 200 + 5, 0);
  });

  test("of a pod that starts is what starting takes, before any demand reaches it", async () => {
    const { world, nodes } = await started(web({ replicas: 1, startup: minutes(3) }));
    world.model.scale("default", "web", 2);
    await world.time.advance(seconds(40));
    const [, starting] = await rates(world, nodes, minutes(1));
    expect(starting).toBeCloseTo(0.4, 2);
  });
});

describe("a kubelet", () => {
  test("renews each container's sample every 10 to 20 s, each at moments of its own", async () => {
    const { world, nodes } = await started(web());
    const stamps = new Map<string, number[]>();
    for (let second = 0; second < 600; second += 1) {
      await world.time.advance(seconds(1));
      for (const [series, { at }] of await scrape(world, nodes))
        if (series.startsWith("container_cpu") && stamps.get(series)?.at(-1) !== at)
          stamps.set(series, [...(stamps.get(series) ?? []), at]);
    }
    const gaps = [...stamps.values()].flatMap((each) => each.slice(1).map((at, n) => at - each[n]!));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9_999);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_001);
    const [one, other] = [...stamps.values()];
    expect(one?.filter((at) => other?.includes(at))).toEqual([]);
  });

  test("prints counters that never fall, and start times that never change", async () => {
    const { world, nodes } = await started(web());
    let before = await scrape(world, nodes);
    world.model.scale("default", "web", 5);
    for (let round = 0; round < 20; round += 1) {
      await world.time.advance(seconds(15));
      if (round === 8) world.model.scale("default", "web", 1);
      const after = await scrape(world, nodes);
      for (const [series, { value }] of after) {
        const earlier = before.get(series);
        if (/_total/.test(series)) expect(value, series).toBeGreaterThanOrEqual(earlier?.value ?? 0);
        if (/start_time/.test(series) && earlier !== undefined) expect(value).toBe(earlier.value);
      }
      before = after;
    }
  });

  test("leaves out the containers of a workload whose metrics are broken, and no others", async () => {
    const { world, nodes } = await started(
      web(),
      workload({ name: "api", cpu: { kind: "steady", level: 1 } }),
    );
    world.model.setMetricsBroken("default", "web", true);
    const series = [...(await scrape(world, nodes)).keys()].filter((name) =>
      name.startsWith("container_cpu"),
    );
    expect(series).toHaveLength(1);
    expect(series[0]).toContain('pod="api-');
  });

  test.each([
    { when: "is silent", upset: (w: SimulatedWorld) => w.model.setNodeSilent("node-1", true) },
    { when: "died with its node", upset: (w: SimulatedWorld) => w.model.killNode("node-1") },
  ])("that $when is a failed reply, and its node may still be Ready", async ({ upset }) => {
    const { world, nodes } = await started(web());
    upset(world);
    const reply = await world.time.settle(world.world.kubelets.read(nodes[0]!, never));
    expect(reply).toMatchObject({ kind: "failed", cause: "connection" });
    expect(nodes[0]?.ready?.status).toBe("True");
  });

  test("that is given up on is a time-out", async () => {
    const { world, nodes } = await started(web());
    world.model.setNodeSilent("node-1", true);
    const stop = new AbortController();
    world.time.after(seconds(1), () => stop.abort());
    const reply = await world.time.settle(world.world.kubelets.read(nodes[0]!, stop.signal));
    expect(reply).toMatchObject({ kind: "failed", cause: "timeout" });
  });

  test("answers what a fault puts in its place", async () => {
    const faults: Fault[] = [
      { name: "full", scrape: () => ({ kind: "failed", cause: "too-large", message: "as planned" }) },
    ];
    const world = smallWorld({ faults, nodes: 1 });
    const nodes = new Watched(world, "nodes");
    await world.time.advance(seconds(1));
    const reply = await world.time.settle(world.world.kubelets.read(nodes.all()[0]!, never));
    expect(reply).toMatchObject({ kind: "failed", cause: "too-large" });
  });
});
