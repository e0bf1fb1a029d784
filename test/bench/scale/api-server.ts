/**
 * Stands in for an API server with a large cluster, for the bench only: as much of list, watch, Lease, scale and status as
 * the operator asks for. Arguments: how many pods, the kubelets' port. It prints its port; a line on stdin asks for its
 * figures as JSON, and `churn` starts 500 changes a second.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { podJson, uuid, workloadNames } from "../watch-pod.ts";
import {
  deploymentObject,
  fleetOf,
  nodeObject,
  type PolicyState,
  policyObject,
  REPLICAS,
  replicaSetObject,
} from "./objects.ts";

const [pods = "1000", kubeletPort = "0"] = process.argv.slice(2);
const fleet = fleetOf(Number(pods));
const CHURN_PER_SECOND = 500;
const TICK_MILLIS = 20;
const POLITE_BYTES = 1024 * 1024;

let version = 1_000_000;
let lease: Readonly<Record<string, unknown>> | undefined;
const policies = new Map<number, PolicyState>();
const replicas = new Map<number, number>();
const watchers = new Map<string, Set<ServerResponse>>();
let waitingBytesMost = 0;

/** What is listed at each path; the text of one object by its number. */
const LISTS: Readonly<Record<string, Readonly<{ count: number; text(index: number): string }>>> = {
  "/api/v1/pods": { count: fleet.pods, text: (index) => podJson(index, 1000 + index, fleet.layout) },
  "/api/v1/nodes": {
    count: fleet.layout.nodes,
    text: (index) => JSON.stringify(nodeObject(index, Number(kubeletPort))),
  },
  "/apis/apps/v1/deployments": { count: fleet.workloads, text: deploymentText },
  "/apis/apps/v1/replicasets": {
    count: fleet.workloads,
    text: (index) => JSON.stringify(replicaSetObject(index)),
  },
  [`/apis/plimsoll.dev/v1alpha1/scalepolicies`]: { count: fleet.workloads, text: policyText },
};

const server = createServer((request, response) => void answer(request, response));
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => void process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line === "churn") startChurn();
    else tellFigures();
  })
  .on("close", () => process.exit(0));

function tellFigures(): void {
  process.stdout.write(`${JSON.stringify({ waitingBytesMost })}\n`);
  waitingBytesMost = 0;
}

type Asked = Readonly<{ method: string; path: string; body: unknown }>;
type Answering = (asked: Asked, response: ServerResponse) => void;

/** By what the path is about. */
const ANSWERS: Readonly<Record<string, Answering>> = {
  leases: answerLease,
  scale: answerScale,
  status: answerStatus,
  events: (_, response) => say(response, 201, { kind: "Event", metadata: { name: "event" } }),
  // whoever shows a token is a cluster administrator, so that the bench may read /metrics
  tokenreviews: (_, response) =>
    say(response, 201, {
      kind: "TokenReview",
      status: { authenticated: true, user: { username: "bench", groups: ["system:masters"] } },
    }),
  version: (_, response) => say(response, 200, { gitVersion: "v1.36.3", major: "1", minor: "36" }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://localhost");
  if (searchParams.get("watch") === "true")
    return watch(response, path, searchParams.has("sendInitialEvents"));
  const kind = /leases|version$|scale$|status$|events$|tokenreviews$/.exec(path)?.[0] ?? "";
  const method = request.method ?? "GET";
  const body: unknown = method === "GET" ? undefined : await json(request);
  ANSWERS[kind]?.({ method, path, body }, response);
  if (ANSWERS[kind] === undefined) say(response, 404, { kind: "Status", code: 404 });
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function watch(response: ServerResponse, path: string, fromStart: boolean): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  const list = LISTS[path] ?? { count: 0, text: () => "" };
  for (let index = 0; fromStart && index < list.count; index++) {
    if (
      response.write(`{"type":"ADDED","object":${list.text(index)}}\n`) ||
      response.writableLength < POLITE_BYTES
    )
      continue;
    await new Promise((settle) => response.once("drain", settle));
  }
  const metadata = { resourceVersion: `${version}`, annotations: { "k8s.io/initial-events-end": "true" } };
  response.write(`${JSON.stringify({ type: "BOOKMARK", object: { metadata } })}\n`);
  const all = watchers.get(path) ?? new Set();
  watchers.set(path, all.add(response));
  response.on("close", () => all.delete(response));
}

function tell(path: string, text: string): void {
  for (const response of watchers.get(path) ?? []) {
    response.write(`{"type":"MODIFIED","object":${text}}\n`);
    waitingBytesMost = Math.max(waitingBytesMost, response.writableLength);
  }
}

function answerLease({ method, body }: Asked, response: ServerResponse): void {
  if (method === "GET")
    return say(response, lease === undefined ? 404 : 200, lease ?? { kind: "Status", code: 404 });
  const metadata = {
    name: "plimsoll",
    namespace: "plimsoll-system",
    uid: "lease",
    resourceVersion: `${++version}`,
  };
  lease = { ...(body as object), metadata };
  say(response, 200, lease);
}

/** Every workload is named `service-N`. */
const numberIn = (path: string): number => Number(/service-(\d+)/.exec(path)?.[1]);

function answerScale({ path, body }: Asked, response: ServerResponse): void {
  const workload = numberIn(path);
  const { spec } = (body ?? {}) as Readonly<{ spec?: { replicas: number } }>;
  if (spec !== undefined) {
    replicas.set(workload, spec.replicas);
    version++;
    tell("/apis/apps/v1/deployments", deploymentText(workload));
  }
  const count = replicas.get(workload) ?? REPLICAS;
  const { namespace, app } = workloadNames(workload);
  say(response, 200, {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { namespace, name: app, uid: uuid("d", workload), resourceVersion: `${version}` },
    spec: { replicas: count },
    status: { replicas: count, selector: `app=${app}` },
  });
}

/** A JSON patch, of which only the status is taken. */
function answerStatus({ path, body }: Asked, response: ServerResponse): void {
  const workload = numberIn(path);
  const parts = body as readonly Readonly<{ path: string; value: unknown }>[];
  const status = parts.find((part) => part.path === "/status")?.value;
  policies.set(workload, { version: ++version, status });
  tell("/apis/plimsoll.dev/v1alpha1/scalepolicies", policyText(workload));
  response.writeHead(200, { "content-type": "application/json" }).end(policyText(workload));
}

function policyText(workload: number): string {
  return JSON.stringify(policyObject(workload, policies.get(workload) ?? { version: 1000, status: {} }));
}

function deploymentText(workload: number): string {
  const count = replicas.get(workload);
  return JSON.stringify(deploymentObject(workload, count === undefined ? 1000 : version, count ?? REPLICAS));
}

function startChurn(): void {
  let pod = 0;
  setInterval(() => {
    for (let i = 0; i < (CHURN_PER_SECOND * TICK_MILLIS) / 1000; i++) {
      pod = (pod + 7919) % fleet.pods; // a prime, so that all pods have their turn
      tell("/api/v1/pods", podJson(pod, ++version, fleet.layout));
    }
  }, TICK_MILLIS);
}
