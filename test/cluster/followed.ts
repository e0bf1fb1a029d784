/**
 * Following kinds of the control plane into a cluster of our own, over a connection that a test may tamper
 * with: what the API server then answers is its own.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createCluster } from "../../src/cluster/cluster.ts";
import type { Kind, Kinds } from "../../src/cluster/port.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import type { ApiAnswer, ApiRequest, ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createClusterSource } from "../../src/real/apiserver/watch/source.ts";
import { createClock } from "../../src/real/clock.ts";
import { createRandom } from "../../src/real/random.ts";
import { openTransport } from "./open-api.ts";

export const CRD = readFileSync(
  new URL("../../crds/plimsoll.dev_scalepolicies.yaml", import.meta.url),
  "utf8",
);

const PATIENCE_MILLIS = 60_000;

export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass in ${PATIENCE_MILLIS} ms`);
    await sleep(20);
  }
}

/** What becomes of a request on its way: another request, or an answer in the server's place. */
export type Tamper = (request: ApiRequest) => ApiRequest | ApiAnswer | Promise<ApiRequest | ApiAnswer>;

export type Follow<K extends Kind> = Readonly<{
  kubeconfig: string;
  kind: K;
  tamper?: Tamper;
  pageSize?: number;
}>;

/** Follows one kind until the test ends. */
export async function followKind<K extends Kind>({ kubeconfig, kind, tamper, pageSize }: Follow<K>) {
  const transport = await openTransport(kubeconfig);
  const requests: ApiRequest[] = [];
  const events: WatchEvent<Kinds[K]>[] = [];
  const troubles: string[] = [];
  const told: string[] = [];
  const cluster = createCluster(({ key, object, previous }) =>
    told.push(`${previous === undefined ? "+" : object === undefined ? "-" : "~"} ${key}`),
  );
  const pen = cluster.pen(kind);
  const ports = {
    transport: tampered(transport, requests, tamper),
    clock: createClock(),
    random: createRandom(),
    log: () => undefined,
  };
  const end = new AbortController();
  const ended = createClusterSource(ports, pageSize === undefined ? {} : { pageSize }).follow(
    kind,
    {
      apply(event) {
        events.push(event);
        pen.apply(event);
      },
      hear: () => pen.hear(ports.clock.mono()),
      trouble: ({ problem }) => troubles.push(problem),
    },
    end.signal,
  );
  onTestFinished(async () => {
    end.abort();
    await ended;
    await transport.close();
  });
  return { cluster, view: cluster.view, reader: cluster.view.of[kind], requests, events, troubles, told };
}

function tampered(transport: ApiTransport, requests: ApiRequest[], tamper?: Tamper): ApiTransport {
  return {
    send: (request) => transport.send(request),
    async stream(request) {
      const sent = tamper === undefined ? request : await tamper(request);
      if ("kind" in sent) return sent;
      requests.push(sent);
      return transport.stream(sent);
    },
    close: () => transport.close(),
  };
}

/** The request with these parameters instead of its own. */
export const withQuery = (request: ApiRequest, query: Readonly<Record<string, string>>): ApiRequest => ({
  ...request,
  query: { ...request.query, ...query },
});

export const deployment = (namespace: string, name: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace, name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec },
  },
});

/** It stays Pending, for nobody schedules it. */
export const pod = (namespace: string, name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, labels: { app: "task" } },
  spec: { ...podSpec, schedulerName: "nobody" },
});

export const policy = (namespace: string, name: string, maxReplicas: number) => ({
  apiVersion: "plimsoll.dev/v1alpha1",
  kind: "ScalePolicy",
  metadata: { namespace, name },
  spec: {
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    mode: "Shadow",
    horizontal: { minReplicas: 1, maxReplicas },
  },
});

const podSpec = {
  initContainers: [
    {
      name: "mesh",
      image: "example.com/mesh",
      restartPolicy: "Always",
      resources: { requests: { cpu: "0.1" } },
    },
  ],
  containers: [
    { name: "app", image: "example.com/app", resources: { requests: { cpu: "250m", memory: "64Mi" } } },
  ],
};
