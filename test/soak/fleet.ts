/**
 * Many small workloads with a policy each, and what they use: a total that their pods share.
 *
 * Invariant: workloads take turns in being busy, half of them at any time, so that the fleet as a whole stays as large as
 * it is.
 */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { aPolicy, aWorkload, type Place } from "../cluster/manifests.ts";
import type { ControlPlane } from "../control-plane/connection.ts";

export type FleetSize = Readonly<{ workloads: number; pods: number }>;

const PODS_A_NODE = 50;
const WORKLOADS_A_NAMESPACE = 50;
/** Each policy's target is 60 % of a request of 100m. */
const MILLICORES_AT_TARGET = 60;
const QUIET_PART = 0.85;
const BUSY_PART = 1.2;
const AT_ONCE = 8;
const ACTS = Array.from({ length: 10 }, (_, day) => ({
  time: `2026-11-${20 - day}T08:00:00Z`,
  what: "replicas 10 → 11",
  why: "cpu 72 % of request, mark 60 %: 10 → 11; maxReplicas is 11 (wants 12)",
}));
const PAST = {
  status: {
    observedGeneration: 1,
    conditions: [],
    recentActs: ACTS,
    display: { metrics: "cpu 60%/60%", requests: "cpu 100m mem 64Mi" },
  },
};
/** Up and down: a heap is compared over time, so the fleet must not grow. */
const ROOM = 1;
const READY_MILLIS = 180_000;
export const CAPACITY = { cpu: "128", memory: "512Gi", pods: "500" };

/** Deployments with nodes for them, and a policy for each: one with a past, whose list of acts is as long as it gets. */
export async function createFleet(
  plane: ControlPlane,
  transport: ApiTransport,
  size: FleetSize,
): Promise<readonly Place[]> {
  const places = await createDeployments(plane, transport, size);
  const replicas = Math.round(size.pods / size.workloads);
  await inLanes(places, AT_ONCE, async (place) => {
    const policy = aPolicy(place, { max: replicas + ROOM, window: 20 });
    Object.assign(policy.spec.horizontal, { minReplicas: replicas - ROOM });
    await send(transport, "POST", pathOf(place, "scalepolicies"), policy);
    await send(transport, "PATCH", `${pathOf(place, "scalepolicies", place.name)}/status`, PAST);
  });
  return places;
}

/** As many of the same size as hold so many pods, each at its target, in namespaces of fifty. */
export async function createDeployments(
  plane: ControlPlane,
  transport: ApiTransport,
  { workloads, pods }: FleetSize,
): Promise<readonly Place[]> {
  await plane.addKwokNodes(Math.ceil(pods / PODS_A_NODE) + 1, { capacity: CAPACITY });
  const spaces = Math.ceil(workloads / WORKLOADS_A_NAMESPACE);
  const names = await Promise.all(Array.from({ length: spaces }, () => plane.namespace("fleet")));
  const places = Array.from({ length: workloads }, (_, index) => ({
    namespace: names[index % spaces] as string,
    name: `web-${index}`,
  }));
  const shape = { replicas: Math.round(pods / workloads), cpu: `${MILLICORES_AT_TARGET}m` };
  await inLanes(places, AT_ONCE, (place) =>
    send(transport, "POST", pathOf(place, "deployments"), aWorkload(place, "Deployment", shape)),
  );
  return places;
}

/** Gives a workload's pods their share of what `turn` says that it uses in all. */
export async function loadWorkload(
  transport: ApiTransport,
  place: Place,
  { turn, replicas }: Readonly<{ turn: number; replicas: number }>,
): Promise<void> {
  const pods = await podsOf(transport, place);
  const total = replicas * MILLICORES_AT_TARGET * (turn % 2 === 0 ? QUIET_PART : BUSY_PART);
  await useEach(transport, place, pods, `${Math.max(1, Math.round(total / Math.max(1, pods.length)))}m`);
}

/** What each of these pods uses from now on. */
export async function useEach(
  transport: ApiTransport,
  place: Place,
  ...[pods, cpu]: [pods: readonly string[], cpu: string]
): Promise<void> {
  const body = { metadata: { annotations: { "kwok.x-k8s.io/usage-cpu": cpu } } };
  await inLanes(pods, AT_ONCE, (name) =>
    send(transport, "PATCH", `${pathOf(place, "pods", "")}/${name}`, body),
  );
}

export async function podsOf(transport: ApiTransport, place: Place): Promise<readonly string[]> {
  const answer = await transport.send({
    method: "GET",
    path: pathOf(place, "pods", ""),
    query: { labelSelector: `app=${place.name}`, resourceVersion: "0" },
  });
  if (answer.kind !== "answered" || answer.status !== 200) return [];
  return (answer.body as { items: readonly { metadata: { name: string } }[] }).items.map(
    ({ metadata }) => metadata.name,
  );
}

const ROOTS = {
  pods: "/api/v1",
  deployments: "/apis/apps/v1",
  scalepolicies: "/apis/plimsoll.dev/v1alpha1",
} as const;

/** Of the collection, or with a name of one object in it. */
export function pathOf({ namespace }: Place, resource: keyof typeof ROOTS, name = ""): string {
  return `${ROOTS[resource]}/namespaces/${namespace}/${resource}${name === "" ? "" : `/${name}`}`;
}

/** Whatever becomes of it: the API server may be away just now, and a pod may be gone. Answers the status, or 0. */
export async function send(
  transport: ApiTransport,
  method: "POST" | "PATCH" | "DELETE",
  ...[path, body]: [path: string, body?: object]
): Promise<number> {
  const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const answer = await transport.send({ method, path, contentType, ...(body && { body }) });
  return answer.kind === "answered" ? answer.status : 0;
}

/** All of them, so many at a time. */
export async function inLanes<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** The CRD, until the API server knows it. */
export async function serveCrd({ kubectl, request }: ControlPlane): Promise<void> {
  await kubectl("apply", "-f", fileURLToPath(new URL("../../crds", import.meta.url)));
  while ((await request("GET", "/apis/plimsoll.dev/v1alpha1/scalepolicies")).status !== 200) await wait(100);
}

/** Until so many pods of Deployments are ready. */
export async function running(transport: ApiTransport, pods: number): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  for (let ready = 0; ready < pods; await wait(500)) {
    const answer = await transport.send({ method: "GET", path: "/apis/apps/v1/deployments" });
    const { items = [] } = ((answer.kind === "answered" && answer.body) || {}) as {
      items?: readonly { status: { readyReplicas?: number } }[];
    };
    ready = items.reduce((sum, { status }) => sum + (status.readyReplicas ?? 0), 0);
    if (performance.now() > deadline) throw new Error(`only ${ready} of ${pods} pods run`);
  }
}
