/**
 * What a real HPA answers to a story: kube-controller-manager's HPA on a real control plane, with a real
 * metrics-server on kwok's kubelets.
 *
 *   node test/agreement/record-hpa.ts STORY.json        prints one line for each answer that differs from the last
 *   recordHpa(plane, story)                             the same lines as data, for a test of the cluster lane
 *
 * A story is the objects (a Deployment and whatever else, without namespace), the HPA's spec, and what happens when:
 *
 *   {
 *     "objects": [{ "apiVersion": "apps/v1", "kind": "Deployment", ... }],
 *     "hpa": { "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" }, "maxReplicas": 8, ... },
 *     "steps": [
 *       { "at": 0,  "usage": { "cpu": "90m" } },                        what every pod of the namespace uses from now on
 *       { "at": 30, "usage": { "selector": "app=web", "cpu": "20m" } }, or only some
 *       { "at": 40, "ready": "False", "selector": "app=web" },          the Ready condition of the pods that are there
 *       { "at": 50, "kubectl": ["set", "image", "deployment/web", "app=b"] }
 *     ],
 *     "seconds": 90,
 *     "syncSeconds": 5, "args": ["--horizontal-pod-autoscaler-cpu-initialization-period=10s"]
 *   }
 *
 * Pods that a step should not find yet get their usage from their template's annotation `kwok.x-k8s.io/usage-cpu`.
 * metrics-server shows a pod 10 to 20 s after its start (two rounds of 10 s). Times are seconds since the HPA exists.
 *
 * Invariant: nothing here computes an answer; every line was read from the API server.
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { succeed } from "../control-plane/api-request.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import { startControlPlane } from "../control-plane/start.ts";

export type Step = Readonly<{
  at: number;
  usage?: Readonly<{ selector?: string; cpu?: string; memory?: string }>;
  ready?: "True" | "False";
  /** Of the pods whose readiness changes; all of the namespace without it. */
  selector?: string;
  kubectl?: readonly string[];
}>;

export type HpaStory = Readonly<{
  objects: readonly object[];
  hpa: Readonly<Record<string, unknown>>;
  steps: readonly Step[];
  seconds: number;
  syncSeconds?: number;
  args?: readonly string[];
}>;

/** What the HPA's status says, from one moment on. */
export type HpaAnswer = Readonly<{
  /** Seconds since the HPA exists. */
  at: number;
  /** spec.replicas of the target as the HPA read them, and what it made of them. */
  current: number | undefined;
  desired: number | undefined;
  /** `AbleToScale=True/ReadyForNewScale`, in the API's order. */
  conditions: readonly string[];
  /** status.currentMetrics as it is. */
  metrics: unknown;
}>;

const LOOK_MILLIS = 250;

/** Plays the story in a namespace of its own; the plane needs nodes, and no other metrics-server or HPA. */
export async function recordHpa(plane: ControlPlane, story: HpaStory): Promise<readonly HpaAnswer[]> {
  const { syncSeconds = 5, args = [] } = story;
  const metrics = await startMetricsServer(plane);
  const period = `--horizontal-pod-autoscaler-sync-period=${syncSeconds}s`;
  const hpa = await startHpaController(plane, { args: [period, ...args] });
  try {
    return await play(plane, story);
  } finally {
    await hpa.stop();
    await metrics.stop();
  }
}

async function play(plane: ControlPlane, { objects, hpa, steps, seconds }: HpaStory): Promise<HpaAnswer[]> {
  const namespace = await plane.namespace("story");
  await plane.apply(objects, "-n", namespace);
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  await succeed(plane.request, "POST", path, { body: { metadata: { name: "story" }, spec: hpa } });
  const started = performance.now();
  const now = (): number => (performance.now() - started) / 1000;
  const answers: HpaAnswer[] = [];
  const waiting = steps.toSorted((a, b) => a.at - b.at);
  while (now() < seconds) {
    const [next] = waiting;
    if (next !== undefined && next.at <= now()) {
      waiting.shift();
      await take(plane, namespace, next);
      continue;
    }
    const answer = answerOf(now(), await succeed(plane.request, "GET", `${path}/story`));
    if (!isSame(answers.at(-1), answer)) answers.push(answer);
    await wait(LOOK_MILLIS);
  }
  await plane.request("DELETE", `/api/v1/namespaces/${namespace}`);
  return answers;
}

async function take(plane: ControlPlane, namespace: string, step: Step): Promise<void> {
  const { usage, ready, selector, kubectl } = step;
  if (usage !== undefined) await plane.setUsage({ namespace, ...usage });
  if (ready !== undefined) await setReady(plane, { namespace, selector, ready });
  if (kubectl !== undefined) await plane.kubectl(...kubectl, "-n", namespace);
}

type Readiness = Readonly<{ namespace: string; selector: string | undefined; ready: "True" | "False" }>;

/** kwok leaves a running pod's status alone, so that what is said here stays. */
async function setReady({ request }: ControlPlane, { namespace, selector, ready }: Readiness): Promise<void> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const query = selector === undefined ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
  const { items } = (await succeed(request, "GET", `${pods}${query}`)) as {
    items: { metadata: { name: string }; status: { conditions?: { type: string }[] } }[];
  };
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
  for (const { metadata, status } of items) {
    const conditions = (status.conditions ?? []).map((each) =>
      each.type === "Ready" || each.type === "ContainersReady"
        ? { type: each.type, status: ready, lastTransitionTime }
        : each,
    );
    await succeed(request, "PATCH", `${pods}/${metadata.name}/status`, { body: { status: { conditions } } });
  }
}

type HpaStatus = Readonly<{
  currentReplicas?: number;
  desiredReplicas?: number;
  conditions?: readonly Readonly<{ type: string; status: string; reason: string }>[];
  currentMetrics?: unknown;
}>;

function answerOf(at: number, object: unknown): HpaAnswer {
  const { status = {} } = object as { status?: HpaStatus };
  return {
    at,
    current: status.currentReplicas,
    desired: status.desiredReplicas,
    conditions: (status.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is}/${reason}`),
    metrics: status.currentMetrics,
  };
}

const isSame = (last: HpaAnswer | undefined, next: HpaAnswer): boolean =>
  JSON.stringify({ ...last, at: 0 }) === JSON.stringify({ ...next, at: 0 });

const lineOf = ({ at, current, desired, conditions, metrics }: HpaAnswer): string =>
  `${at.toFixed(1).padStart(6)} s  ${current ?? "?"} → ${desired ?? "?"}  ${conditions.join(" ")}  ${JSON.stringify(metrics)}`;

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  const found = await findControlPlane();
  if (file === undefined || found.kind === "missing") {
    console.error(
      found.kind === "missing" ? found.reason : "which story? node test/agreement/record-hpa.ts STORY.json",
    );
    process.exit(2);
  }
  const plane = await startControlPlane(found.binaries);
  try {
    await plane.addKwokNodes(3);
    const story = JSON.parse(readFileSync(file, "utf8")) as HpaStory;
    for (const answer of await recordHpa(plane, story)) console.log(lineOf(answer));
  } finally {
    await plane.stop();
  }
}
