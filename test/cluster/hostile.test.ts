/**
 * Suite R8 with real peers: a human with kubectl, a real HPA, GitOps that applies every five seconds, another policy, whoever
 * forges a status, another installation. Each is bounded, told honestly, and over when it is over; nobody's count flips back
 * and forth by us.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Peer, startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { settle } from "./fault-proxy/handover.ts";
import type { Logged } from "./fault-proxy/proxy.ts";
import { eventually, openWorld, type Started, type World } from "./fault-proxy/world.ts";
import { acceptedWrites, writesWithoutLease } from "./fault-proxy/writers.ts";
import { aPolicy, AT_REST, aWorkload } from "./manifests.ts";
import { counterOf, decisions } from "./rounds.ts";

const PATIENT = { timeout: 300_000 };
/** Writes of one object: rails.md and src/actuate/write-budget.ts. */
const BUDGET = { minute: 2, tenMinutes: 6 };
/** In seconds, and less what a request may need to the proxy when the machine is busy. */
const MINUTE = 50;
/** So many times in a row and more GitOps finds nothing to take back. */
const QUIET_BEATS = 3;
/** Rounds of decisions are a second apart, of about ten policies. */
const SOME_DECISIONS = 80;

let plane: ControlPlane;
let world: World;
let operator: Started;
let metrics: Peer;
let hpa: Peer;
const tally = { scenarios: 0, acts: 0 };

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
  metrics = await startMetricsServer(plane);
  const quick = ["--horizontal-pod-autoscaler-sync-period=2s"];
  hpa = await startHpaController(plane, {
    args: [...quick, "--horizontal-pod-autoscaler-cpu-initialization-period=1s"],
  });
  world = await openWorld(plane, "hostile");
  operator = await world.start();
});
afterAll(async () => {
  expect(writesWithoutLease(world.proxy.log)).toEqual([]);
  expect(operator.lines.filter(({ level }) => ["error", "fatal"].includes(level))).toEqual([]);
  await world.close();
  await hpa.stop();
  await metrics.stop();
  const isScale = ({ resource, verb }: Logged): boolean =>
    resource === "deployments/scale" && verb === "update";
  const names = [...new Set(world.proxy.log.filter(isScale).map(({ name }) => name))];
  const writes = names.flatMap(written).length;
  const busiest = Math.max(...names.map((name) => mostWithin(world, name, 600)));
  console.log(
    `hostile peers, real: ${tally.scenarios} scenarios, ${tally.acts} acts of others, ${writes} writes of ours, ` +
      `at most ${busiest} to one object`,
  );
  expect(tally.scenarios).toBe(9);
  expect(busiest).toBeLessThanOrEqual(BUDGET.tenMinutes);
});

/** The most writes to one object within any so many seconds. */
function mostWithin({ proxy }: World, name: string, seconds: number): number {
  const writes = acceptedWrites(proxy.log, name);
  const from = (start: number): number =>
    writes.filter(({ seenAt }) => seenAt >= start && seenAt < start + seconds * 1000).length;
  return Math.max(0, ...writes.map(({ seenAt }) => from(seenAt)));
}

const countsIn = ({ proxy }: World, name: string): number[] =>
  acceptedWrites(proxy.log, name).map((write) => write.replicas);
const written = (name: string): number[] => countsIn(world, name);
const replicas = (name: string): Promise<number> => world.here.replicas(`deployment/${name}`);
const reason = async (name: string, type: string): Promise<string | undefined> =>
  (await world.here.condition(name, type))?.reason;
const acts = async (name: string) => (await world.here.status(name)).recentActs ?? [];

/** An act of somebody else. */
function act(...args: Parameters<ControlPlane["kubectl"]>): Promise<string> {
  tally.acts += 1;
  return plane.kubectl(...args, "-n", world.namespace);
}

const scaleByHand = (name: string, count: number) =>
  act("scale", `deployment/${name}`, `--replicas=${count}`);

/** A Warning about a policy, as soon as there is one. */
async function warning(name: string, eventReason: string): Promise<string> {
  let notes: string[] = [];
  await eventually(`${name} is warned`, async () => (notes = await warnings(name, eventReason)).length > 0);
  return notes.join();
}

async function warnings(name: string, eventReason: string): Promise<string[]> {
  const { body } = await plane.request("GET", `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`);
  type Item = Readonly<{ reason: string; type: string; note: string; regarding: { name: string } }>;
  return (body as { items: Item[] }).items
    .filter(
      ({ reason: why, regarding, type }) =>
        why === eventReason && regarding.name === name && type === "Warning",
    )
    .map(({ note }) => note);
}

const saysBudgetIsSpent = async (name: string): Promise<boolean> =>
  /write budget spent/.test((await world.here.status(name)).lastDecision?.summary ?? "");

describe.concurrent("GitOps that applies `replicas: 2` every five seconds", PATIENT, () => {
  test("is answered twice in a minute and no more, is named, and when it stops the count is what load wants", async () => {
    const name = "gitops";
    await settle(world, name, 3);
    const manifest = JSON.stringify(
      aWorkload({ namespace: world.namespace, name }, "Deployment", { cpu: AT_REST }),
    );
    await world.here.load(name, "95m");
    /** How often there was something to take back, and how often not. */
    const beats = { reverted: 0, quiet: 0 };
    let isSaid = false;
    while (!isSaid || beats.reverted < BUDGET.minute || beats.quiet < QUIET_BEATS) {
      await wait(5_000);
      isSaid ||= await saysBudgetIsSpent(name);
      beats[(await replicas(name)) > 2 ? "reverted" : "quiet"] += 1;
      tally.acts += 1;
      await plane.kubectlWith({ input: manifest }, "apply", "-f", "-");
    }
    await eventually("it is named", async () =>
      (await acts(name)).some(({ why }) => /set by kubectl/.test(why)),
    );
    await eventually("raised for good", async () => (await replicas(name)) === 3);
    await decisions(operator, SOME_DECISIONS);
    expect(new Set(written(name)), "each says the same").toEqual(new Set([3]));
    expect(written(name).length).toBeGreaterThan(beats.reverted);
    expect(mostWithin(world, name, MINUTE)).toBeLessThanOrEqual(BUDGET.minute);
    tally.scenarios += 1;
  });
});

describe.concurrent("a real HPA on the same target", PATIENT, () => {
  const anHpa = (name: string, max: number) => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace: world.namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: 2,
      maxReplicas: max,
      metrics: aPolicy({ namespace: world.namespace, name }).spec.horizontal.metrics,
    },
  });
  const standsBy = (name: string) =>
    eventually(
      `${name} is on standby`,
      async () => (await reason(name, "AbleToScale")) === "ForeignAutoscaler",
    );
  const takesOver = (name: string) =>
    eventually(`${name} is ours`, async () => (await reason(name, "AbleToScale")) !== "ForeignAutoscaler");
  async function putHpa(name: string, max: number): Promise<void> {
    tally.acts += 1;
    await plane.apply(anHpa(name, max));
  }

  test("that comes later has it: the policy stands by and says so, the HPA alone scales, and then it is ours again", async () => {
    const name = "hpa-later";
    await settle(world, name);
    await putHpa(name, 3);
    await standsBy(name);
    const note = await warning(name, "ForeignAutoscaler");
    expect(note).toContain(`HorizontalPodAutoscaler ${world.namespace}/${name}`);
    await world.here.load(name, "95m");
    await eventually("the HPA raises it", async () => (await replicas(name)) === 3);
    await eventually(
      "we would go further",
      async () => (await world.here.status(name)).horizontal?.desiredReplicas === 4,
    );
    await decisions(operator, SOME_DECISIONS);
    expect([await replicas(name), written(name)], "nobody but the HPA wrote").toEqual([3, []]);
    await act("delete", "hpa", name);
    await takesOver(name);
    await eventually("raised", async () => (await replicas(name)) === 4);
    expect(written(name), "never down first").toEqual([4]);
    tally.scenarios += 1;
  });

  test("that is there first has it from the start, through its coming and going, and nothing flips", async () => {
    const name = "hpa-first";
    const place = { namespace: world.namespace, name };
    await plane.apply(aWorkload(place, "Deployment", { cpu: "95m" }));
    await putHpa(name, 3);
    await eventually("the HPA raises it", async () => (await replicas(name)) === 3);
    await plane.apply(aPolicy(place, { max: 4 }));
    await standsBy(name);
    for (let round = 1; round <= 2; round++) {
      await act("delete", "hpa", name);
      await takesOver(name);
      await eventually("raised by us", async () => (await replicas(name)) === 4);
      await putHpa(name, 3);
      await standsBy(name);
      await eventually("lowered by its maximum", async () => (await replicas(name)) === 3);
    }
    await decisions(operator, SOME_DECISIONS);
    expect([await replicas(name), written(name)]).toEqual([3, [4, 4]]);
    tally.scenarios += 1;
  });
});

describe.concurrent("a human with kubectl", PATIENT, () => {
  test("who scales up is named, and the next decision starts from there", async () => {
    const name = "human-up";
    await settle(world, name);
    await scaleByHand(name, 3);
    await eventually("it is told", async () =>
      (await acts(name)).some(({ what, why }) => what === "replicas 2 → 3" && why === "set by kubectl"),
    );
    await decisions(operator, SOME_DECISIONS);
    expect([await replicas(name), written(name)], "at the mark it stands").toEqual([3, []]);
    await world.here.load(name, "95m");
    await eventually("raised from there", async () => (await replicas(name)) === 4);
    expect(written(name)).toEqual([4]);
    tally.scenarios += 1;
  });

  test("who scales to 0 has paused it, and who scales to 1 has ended the pause", async () => {
    const name = "human-zero";
    await settle(world, name);
    await scaleByHand(name, 0);
    await eventually("it pauses", async () => (await reason(name, "ScalingActive")) === "ScalingDisabled");
    await decisions(operator, SOME_DECISIONS);
    expect([await replicas(name), written(name)]).toEqual([0, []]);
    await scaleByHand(name, 1);
    await eventually("it goes on", async () => (await replicas(name)) >= 2);
    await eventually("and says so", async () => (await reason(name, "ScalingActive")) === "ValidMetricFound");
    expect(written(name), "to the minimum").toEqual([2]);
    tally.scenarios += 1;
  });

  test("who scales down under load is answered once for each time, as far as the budget goes", async () => {
    const name = "human-down";
    await settle(world, name, 3);
    await world.here.load(name, "95m");
    for (let turn = 1; turn <= BUDGET.minute; turn++) {
      await eventually(`raised (${turn})`, () => written(name).length === turn);
      await scaleByHand(name, 2);
    }
    await eventually("it says that it waits", () => saysBudgetIsSpent(name));
    await eventually("raised when the minute is over", async () => (await replicas(name)) === 3);
    expect(new Set(written(name)), "each says the same").toEqual(new Set([3]));
    expect(mostWithin(world, name, MINUTE)).toBeLessThanOrEqual(BUDGET.minute);
    tally.scenarios += 1;
  });
});

describe.concurrent("another policy", PATIENT, () => {
  test("for the same target, which is younger, says whose it is, and takes over when the older one is gone", async () => {
    const name = "twin";
    const place = { namespace: world.namespace, name };
    await plane.apply([aWorkload(place, "Deployment", { cpu: "95m" }), aPolicy(place, { max: 3 })]);
    await eventually("raised by the older", async () => (await replicas(name)) === 3);
    const policy = aPolicy(place, { max: 4 });
    tally.acts += 1;
    await plane.apply({ ...policy, metadata: { ...policy.metadata, name: "twin-b" } });
    await eventually(
      "it says whose it is",
      async () => (await reason("twin-b", "AbleToScale")) === "TargetConflict",
    );
    expect(await warning("twin-b", "TargetConflict")).toContain(`${world.namespace}/twin`);
    await decisions(operator, SOME_DECISIONS);
    expect([await replicas(name), written(name)]).toEqual([3, [3]]);
    await act("delete", "sp", name);
    await eventually("raised by the younger", async () => (await replicas(name)) === 4);
    expect(written(name)).toEqual([3, 4]);
    tally.scenarios += 1;
  });
});

describe.concurrent("somebody who forges a status", PATIENT, () => {
  /** As if one replica had been wanted for years. */
  const forgedFor = (targetUID: string) => ({
    observedGeneration: 99,
    horizontal: {
      currentReplicas: 1,
      desiredReplicas: 1,
      history: {
        version: 1,
        targetUID,
        bucketSeconds: 15,
        completeSince: "2020-01-01T00:00:00Z",
        recordedAt: "2020-01-01T00:00:00Z",
        replicas: 1,
        buckets: [],
      },
    },
  });

  test("every second moves nothing, and the status is the operator's again when it is over", async () => {
    const name = "forged";
    await settle(world, name, 3);
    await world.here.load(name, "95m");
    await eventually("raised", async () => (await replicas(name)) === 3);
    const uid = await plane.kubectl(
      "get",
      `deployment/${name}`,
      "-n",
      world.namespace,
      "-o",
      "jsonpath={.metadata.uid}",
    );
    const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${world.namespace}/scalepolicies/${name}/status`;
    const before = await counterOf(operator, "plimsoll_decisions_total");
    while ((await counterOf(operator, "plimsoll_decisions_total")) < before + SOME_DECISIONS) {
      tally.acts += 1;
      expect((await plane.request("PATCH", path, { body: { status: forgedFor(uid) } })).status).toBe(200);
      await wait(1_000);
    }
    expect([await replicas(name), written(name)]).toEqual([3, [3]]);
    await eventually("its own again", async () => {
      const { horizontal, conditions } = await world.here.status(name);
      return horizontal?.currentReplicas === 3 && conditions?.length === 4;
    });
    tally.scenarios += 1;
  });
});

describe.concurrent("another installation, with a Lease of its own", PATIENT, () => {
  test("makes both hold, and say so: nothing is written, whatever load wants", async () => {
    const shared = await openWorld(plane, "twice");
    try {
      const one = await shared.start();
      const other = await shared.start({ args: ["--leader-elect-resource-name=another"] });
      await shared.workload("web", AT_REST, { max: 4 });
      const why = async () => (await shared.here.condition("web", "AbleToScale"))?.reason;
      await eventually("both hold", async () => (await why()) === "OtherInstallation");
      await shared.here.load("web", "95m");
      const wanted = async () => (await shared.here.status("web")).horizontal?.desiredReplicas;
      await eventually("both want more", async () => ((await wanted()) ?? 0) > 2);
      for (const each of [one, other]) await decisions(each, 5);
      expect(countsIn(shared, "web")).toEqual([]);
      expect(await shared.here.replicas("deployment/web")).toBe(2);
    } finally {
      await shared.close();
    }
    tally.scenarios += 1;
  });
});
