/**
 * Scraping kwok's kubelets over TLS: once as a kubelet reports, once with kwok's own metric, whose container
 * start is the pod's age and so grows at every scrape.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeName, objectKey } from "../../src/base/ids.ts";
import type { LogFields } from "../../src/base/log.ts";
import { seconds } from "../../src/base/units.ts";
import { createCluster } from "../../src/cluster/cluster.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { runCluster } from "../../src/cluster/driver.ts";
import { fileText } from "../../src/real/apiserver/connection/text-source.ts";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createClusterSource } from "../../src/real/apiserver/watch/source.ts";
import { createClock } from "../../src/real/clock.ts";
import { createKubeletCredentials } from "../../src/real/kubelet/credentials.ts";
import { createKubeletSource } from "../../src/real/kubelet/kubelet-source.ts";
import type { KubeletSource } from "../../src/real/kubelet/kubelet-source.ts";
import { createRandom } from "../../src/real/random.ts";
import { createScraper } from "../../src/scrape/driver.ts";
import { DEFAULT_KUBELET_FLAGS } from "../../src/scrape/kubelet-flags.ts";
import type { PodUsage, RecentSample } from "../../src/store/reader.ts";
import { createStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/store.ts";
import { controlPlane } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { until } from "./followed.ts";
import { openTransport } from "./open-api.ts";

const RESOLUTION = seconds(1);
const METRICS = ["right", "stock"] as const;

let plane: ControlPlane;
let namespace: string;
let transport: ApiTransport;
let cluster: Cluster;
let store: Store;
let source: KubeletSource;
const stop = new AbortController();
const running: Promise<unknown>[] = [];
const logged: { message: string; fields: LogFields | undefined }[] = [];

beforeAll(async () => {
  plane = await controlPlane();
  namespace = await plane.namespace("scrape");
  for (const metric of METRICS) await plane.addKwokNodes(1, { metric, prefix: `${namespace}-${metric}` });
  for (const metric of METRICS) await plane.apply(aWebPod(metric));
  transport = await openTransport(plane.kubeconfig);
  start();
});

afterAll(async () => {
  stop.abort();
  await Promise.all(running);
  await source.close();
  await transport.close();
});

describe.each(METRICS)("a pod on a node with the %s metric", (metric) => {
  test("has the usage that its annotations ask for, and no scrape seems a restart", async () => {
    await until(() => historyOf(metric, "app").length >= 6);
    const { containers } = await usageOf(metric, () => true);
    expect(containers.map(({ container }) => container)).toEqual(["app", "proxy"]);
    for (const { container, memory, window } of containers) {
      expect(memory).toBe(64 * 2 ** 20);
      expect(window).toBeGreaterThanOrEqual(1000);
      expect(meanMilliCores(historyOf(metric, container))).toBeGreaterThan(225);
      expect(meanMilliCores(historyOf(metric, container))).toBeLessThan(275);
    }
  });

  test("follows a change of usage", async () => {
    const selector = `metric=${metric}`;
    await plane.setUsage({ namespace, selector, cpu: "900m", memory: "128Mi" });
    const usage = await usageOf(metric, ({ containers }) => containers.every(({ memory }) => memory === 128 * 2 ** 20));
    expect(usage.containers).toHaveLength(2);
    const later = await usageOf(metric, ({ containers }) => containers.every(({ cpu }) => Math.abs(cpu / 1e6 - 900) < 90));
    expect(later.at).toBeGreaterThanOrEqual(usage.at);
  }); // prettier-ignore

  test("goes from the store's answers when it is deleted and made anew under its name", async () => {
    const before = await usageOf(metric, () => true);
    const old = podOf(metric);
    await plane.kubectl("delete", "pod", "-n", namespace, podName(metric), "--wait=true", "--grace-period=0", "--force");
    await plane.apply(aWebPod(metric));
    await until(() => podOf(metric) !== undefined && podOf(metric)?.meta.uid !== old?.meta.uid);
    const after = await usageOf(metric, () => true);
    expect(after.at).toBeGreaterThan(before.at);
    expect(store.reader.pod(old!.meta.uid)).toEqual({ kind: "absent", because: "container-missing" });
  }); // prettier-ignore
});

test("nodes have usage, too, and nothing was to complain about", () => {
  for (const metric of METRICS) {
    expect(store.reader.node(nodeName(`${namespace}-${metric}-0`))).toMatchObject({ kind: "usage" });
    expect(store.reader.lastAnswer(nodeName(`${namespace}-${metric}-0`))).toBeGreaterThan(0);
  }
  expect(logged.filter(({ fields }) => String(fields?.["node"]).startsWith(namespace))).toEqual([]);
});

test("the kubelets' certificate is checked: the API server's CA does not vouch for it", async () => {
  const wrong = kubeletSource(plane.certs.serverAuthority);
  const node = cluster.view.of.nodes.get(objectKey("", `${namespace}-right-0`));
  expect(await wrong.read(node!, stop.signal)).toMatchObject({ kind: "failed", cause: "certificate" });
  await wrong.close();
});

function start(): void {
  const clock = createClock();
  const log = (_: string, message: string, fields?: LogFields) => void logged.push({ message, fields });
  const meter = { count: () => undefined, set: () => undefined, observe: () => undefined, forget: () => undefined };
  cluster = createCluster();
  store = createStore({ resolution: RESOLUTION });
  source = kubeletSource(plane.certs.kubeletAuthority);
  const { view } = cluster;
  const scraper = createScraper({
    clock, log, meter, source,
    nodes: view.of.nodes,
    podByName: (ns, name) => view.of.pods.get(objectKey(ns, name)),
    writer: store.writer,
    points: store.points,
    resolution: RESOLUTION,
    onAnswer: () => undefined,
  }); // prettier-ignore
  const clusterSource = createClusterSource({ transport, clock, random: createRandom(), log });
  running.push(runCluster({ cluster, source: clusterSource, clock, log, meter }, stop.signal), scraper.run(stop.signal));
} // prettier-ignore

function kubeletSource(authority: string): KubeletSource {
  const ports = { clock: createClock(), log: () => undefined };
  const flags = { ...DEFAULT_KUBELET_FLAGS, useNodeStatusPort: true, preferredAddressTypes: ["InternalIP"] };
  const tls = {
    ca: fileText(authority, "CA", ports),
    certificate: undefined,
    servername: undefined,
    insecure: false,
  };
  const grants = { grant: async () => ({ kind: "obtained" as const, value: { headers: {} } }) };
  const credentials = createKubeletCredentials(flags, { tls, grants, headers: {} }, ports);
  return createKubeletSource({ flags, credentials, userAgent: "plimsoll/test" });
}

const podName = (metric: string): string => `web-${metric}`;
const podOf = (metric: string) => cluster.view.of.pods.get(objectKey(namespace, podName(metric)));

async function usageOf(metric: string, isWanted: (usage: PodUsage) => boolean): Promise<PodUsage> {
  let found: PodUsage | undefined;
  await until(() => {
    const pod = podOf(metric);
    const usage = pod === undefined ? undefined : store.reader.pod(pod.meta.uid);
    if (usage?.kind === "usage" && isWanted(usage)) found = usage;
    return found !== undefined;
  });
  return found!;
}

function historyOf(metric: string, container: string): readonly RecentSample[] {
  const pod = podOf(metric);
  return pod === undefined ? [] : store.reader.recent(pod.meta.uid, container);
}

/** kwok stamps nothing, so one window is as exact as we are punctual; over several scrapes that evens out. */
function meanMilliCores(samples: readonly RecentSample[]): number {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  return (last.cpu - first.cpu) / 1e6 / ((last.at - first.at) / 1000);
}

function aWebPod(metric: (typeof METRICS)[number]): object {
  const container = (name: string) => ({ name, image: "example.com/app" });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(metric),
      namespace,
      labels: { metric },
      annotations: { "kwok.x-k8s.io/usage-cpu": "250m", "kwok.x-k8s.io/usage-memory": "64Mi" },
    },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": `${namespace}-${metric}-0` },
      containers: [container("app"), container("proxy")],
    },
  };
}
