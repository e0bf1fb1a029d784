/**
 * A step in what real containers use until `spec.replicas` is another: Plimsoll beside metrics-server and the HPA controller, on
 * one real kubelet at the same time. Each has Deployments of its own, which get the same steps at the same moments. A kubelet
 * measures every 10 to 20 s, so its share is printed too: what remains is the autoscaler's.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Place } from "../cluster/manifests.ts";
import { openTransport } from "../cluster/open-api.ts";
import { startOperator } from "../cluster/operator-process.ts";
import { startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import { missingForNode } from "../node/lane.ts";
import { aDeployment } from "../node/loads.ts";
import { type RealNode, startNode } from "../node/start.ts";
import { running, serveCrd } from "../soak/fleet.ts";
import type { BenchOptions, Table } from "./bench.ts";
import { watchKubelet } from "./node/kubelet-share.ts";
import { type Bed, tell } from "./peers/bed.ts";
import { type Lags, quantile, runSteps } from "./peers/steps.ts";

export const name = "a step on a real kubelet";
/** It takes minutes, and root. */
export const onlyByName = true;

const DEPLOYMENTS = 6;
const REPLICAS = 2;
/** Steps are of a request of 100m; so that two cores hold them all, pods ask for a fifth of it, and use that. */
const PART = 5;
const AT_TARGET = "60m";
const RESOLUTION = "15s";
const WARM_MILLIS = 60_000;
const SIDES = { theirs: "hpa", ours: "policy" } as const;

export async function run({ seconds = 480 }: BenchOptions): Promise<Table> {
  const missing = await missingForNode();
  if (missing !== undefined) throw new Error(missing);
  // metrics-server is a process of this machine behind a Service that is only a name: not with endpoint routing
  const node = await startNode({ apiserver: {} });
  try {
    return await measure(node, seconds);
  } finally {
    await node.stop();
  }
}

async function measure(node: RealNode, seconds: number): Promise<Table> {
  await serveCrd(node);
  const transport = await openTransport(node.kubeconfig);
  const load = join(node.folder, "load");
  mkdirSync(load);
  const use = ({ name: deployment }: Place, amount: string): Promise<void> => {
    writeFileSync(join(load, deployment), `${Number.parseInt(amount) / PART}`);
    return Promise.resolve();
  };
  const beds = new Map<keyof typeof SIDES, Bed>();
  for (const side of Object.keys(SIDES) as (keyof typeof SIDES)[]) {
    const places = await createDeployments(node, { side, load, use });
    beds.set(side, { plane: node, transport, places, replicas: REPLICAS });
  }
  await running(transport, 2 * DEPLOYMENTS * REPLICAS);
  const server = await startMetricsServer(node, { resolution: RESOLUTION });
  const controller = await startHpaController(node);
  const operator = await startOperator(node, { args: [`--metric-resolution=${RESOLUTION}`] });
  for (const [side, bed] of beds) await tell(bed, SIDES[side]);
  await wait(WARM_MILLIS);
  const kubelet = watchKubelet(node.kubelet);
  for (const { places } of beds.values())
    for (const place of places) kubelet.expect(place, Number.parseInt(AT_TARGET) / PART);
  const stepsOf = (side: keyof typeof SIDES): Promise<Lags> =>
    runSteps({
      transport,
      places: beds.get(side)?.places ?? [],
      seconds,
      use: async (place, amount) => {
        await use(place, amount);
        kubelet.expect(place, Number.parseInt(amount) / PART);
      },
    });
  const [theirs, ours] = await Promise.all([stepsOf("theirs"), stepsOf("ours")]);
  const shares = await kubelet.stop();
  for (const each of [operator, controller, server]) await each.stop();
  await transport.close();
  return [
    rowOf("metrics-server and HPA, 15s", theirs),
    rowOf("Plimsoll, 15s", ours),
    rowOf("of both, until the kubelet's own numbers show it", { lags: shares, missed: 0 }),
  ];
}

type Parts = Readonly<{ side: string; load: string; use: (place: Place, amount: string) => Promise<void> }>;

async function createDeployments(node: RealNode, { side, load, use }: Parts): Promise<readonly Place[]> {
  const namespace = await node.namespace(side);
  const places = Array.from({ length: DEPLOYMENTS }, (_, nth) => ({ namespace, name: `${side}-${nth}` }));
  for (const place of places) {
    await use(place, AT_TARGET);
    const requests = { cpu: `${100 / PART}m`, memory: "16Mi" };
    const args = ["--cpu-file", `/load/${place.name}`, "--memory", "8"];
    await node.apply(
      aDeployment(place, { replicas: REPLICAS, load, containers: [{ name: "app", args, requests }] }),
    );
  }
  return places;
}

const rowOf = (side: string, { lags, missed }: Lags) => ({
  "step → spec.replicas": side,
  steps: `${lags.length}${missed > 0 ? ` and ${missed} without an answer` : ""}`,
  "mean, s": (lags.reduce((sum, lag) => sum + lag, 0) / lags.length).toFixed(1),
  "p50, s": quantile(lags, 0.5).toFixed(1),
  "p95, s": quantile(lags, 0.95).toFixed(1),
  "worst, s": Math.max(...lags).toFixed(1),
});
