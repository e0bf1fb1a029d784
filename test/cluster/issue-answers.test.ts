/**
 * The `stock recorded` answers of test/scenarios/issues: what a real HPA, in a real kube-controller-manager and on a real
 * metrics-server, makes of the same situations. All are there side by side, each in a namespace of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Peer, startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import type { RecordedHpa, RecordedPods, Situation } from "../scenarios/issues/recorded.ts";
import { RECORDED } from "../scenarios/issues/recorded.ts";
import { readStories } from "../scenarios/issues/story.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { WAIT } from "./manifests.ts";

const SYNC = "2s";
const PATIENCE = { ...WAIT, timeout: 90_000 };
const situations = Object.entries(RECORDED);

let plane: ControlPlane;
let metrics: Peer;
let hpa: Peer;
const namespaces = new Map<string, string>();

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(3);
  metrics = await startMetricsServer(plane);
  hpa = await startHpaController(plane, {
    args: [
      `--horizontal-pod-autoscaler-sync-period=${SYNC}`,
      "--horizontal-pod-autoscaler-cpu-initialization-period=1s",
    ],
  });
  for (const [story, { pods, hpas }] of situations) {
    const namespace = await plane.namespace(`issue-${story}`);
    namespaces.set(story, namespace);
    await plane.apply([...pods.map(objectOf), ...hpas.map(hpaOf)], "-n", namespace);
  }
});
afterAll(async () => {
  await hpa.stop();
  await metrics.stop();
  for (const namespace of namespaces.values())
    await plane.kubectl("delete", "namespace", namespace, "--wait=false");
});

describe("a real HPA", () => {
  test.each(situations)("%s: ends where the story says", async (story, { says, replicas }) => {
    const namespace = namespaces.get(story) ?? "";
    await expect
      .poll(() => answerOf(namespace, says), PATIENCE)
      .toEqual({ holds: true, utilization: says.utilization });
    await expect.poll(() => replicasOf(namespace), PATIENCE).toBe(replicas);
  });

  test("every story that says recorded was recorded, at the count that it says", () => {
    const recorded = readStories().flatMap(({ file, scenario }) =>
      scenario.stock.flatMap(({ mark, checks }) =>
        mark === "recorded"
          ? [
              {
                story: file.replace(/\.scenario$/, ""),
                replicas: checks.find(({ field }) => field === "replicas")?.value,
              },
            ]
          : [],
      ),
    );
    const played = situations.map(([story, { replicas }]) => ({ story, replicas: String(replicas) }));
    const byName = (a: { story: string }, b: { story: string }): number => a.story.localeCompare(b.story);
    expect(recorded.toSorted(byName)).toEqual(played.toSorted(byName));
    console.log(`issue scenarios: ${recorded.length} answers recorded from a real HPA`);
  });
});

type Status = Readonly<{
  conditions?: readonly Readonly<{ type: string; status: string; reason: string; message: string }>[];
  currentMetrics?: readonly Readonly<{ resource?: { current: { averageUtilization?: number } } }>[];
}>;

async function answerOf(namespace: string, { condition, message, utilization }: Situation["says"]) {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`;
  const { status = {} } = (await plane.request("GET", path)).body as { status?: Status };
  const said = status.conditions?.find(
    ({ type, status: is, reason }) => `${type}=${is}/${reason}` === condition,
  );
  const measured = status.currentMetrics?.flatMap(
    ({ resource }) => resource?.current.averageUtilization ?? [],
  )[0];
  return {
    holds: said !== undefined && (message === undefined || message.test(said.message)),
    utilization: utilization === undefined ? undefined : measured,
  };
}

async function replicasOf(namespace: string): Promise<number | undefined> {
  const { body } = await plane.request("GET", `/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  return (body as { spec?: { replicas?: number } }).spec?.replicas;
}

function objectOf({ name, kind, replicas, app, containers, cpu }: RecordedPods): object {
  const template = {
    metadata: { labels: { app }, annotations: { "kwok.x-k8s.io/usage-cpu": cpu } },
    spec: { containers: containers.map((container) => ({ ...container, image: "none" })) },
  };
  if (kind === "Pod")
    return { apiVersion: "v1", kind, metadata: { name, ...template.metadata }, spec: template.spec };
  const spec = { replicas, selector: { matchLabels: { app } }, template };
  return { apiVersion: "apps/v1", kind, metadata: { name }, spec };
}

const CPU_AT_60 = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
};

const hpaOf = ({ name, target, max, metrics = [CPU_AT_60] }: RecordedHpa): object => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target },
    minReplicas: 1,
    maxReplicas: max,
    metrics,
  },
});
