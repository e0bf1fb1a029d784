/**
 * The metrics API over a small cluster: two nodes and five pods, of which some have two samples, one has one, one has
 * none, and one does not run. Time stands at ten seconds after T0.
 */
import { nodeName, uid } from "../../../src/base/ids.ts";
import { bytes, epochMillis, monoMillis, seconds } from "../../../src/base/units.ts";
import { createCluster } from "../../../src/cluster/cluster.ts";
import type { Labels } from "../../../src/cluster/object.ts";
import type { PodPhase } from "../../../src/cluster/pod.ts";
import { parseSelector } from "../../../src/cluster/selector.ts";
import { createMetricsApi } from "../../../src/serve/metrics-api/api.ts";
import { createStore } from "../../../src/store/store.ts";
import { aMeta } from "../../builders.ts";
import { aSample, T0 } from "../../store/samples.ts";

export type Answer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: unknown;
  text: string;
  /** Its pieces: one, when it goes out whole. */
  slices: readonly string[];
}>;
type Setup = Readonly<{
  /** Nodes that have not answered twice; undefined: nobody has been asked yet. */
  unsettled?: number | undefined;
  nodeSelector?: string;
  /** Ages of what was served. */
  served?: number[];
  /** How long after the last answer it is asked, in milliseconds; usually 10 s. */
  later?: number;
  /** More pods than the five, each measured, in namespace `many`. */
  more?: number;
}>;

export const PODS = {
  measured: { namespace: "shop", name: "web-1" },
  alsoMeasured: { namespace: "shop", name: "web-2" },
  elsewhere: { namespace: "blog", name: "zeta" },
  once: { namespace: "shop", name: "young" },
  never: { namespace: "shop", name: "silent" },
  ended: { namespace: "shop", name: "done" },
} as const;

const EVERY_NODE = ["node-1", "node-2"] as const;

export function served(setup: Setup = {}) {
  const cluster = aCluster();
  const store = createStore({ resolution: seconds(15) });
  measure(store);
  for (let at = 0; at < (setup.more ?? 0); at++) addMeasured(cluster, store, at);
  const { routes } = createMetricsApi({
    view: cluster.view,
    samples: store.reader,
    nodeSelector: parseSelector(setup.nodeSelector ?? ""),
    clock: { wall: () => epochMillis(T0 + 30_000), mono: () => monoMillis(20_062 + (setup.later ?? 9_938)) },
    meter: {
      count: () => undefined,
      set: () => undefined,
      forget: () => undefined,
      observe: (_, age) => void setup.served?.push(age),
    },
    resolution: seconds(15),
    round: () =>
      "unsettled" in setup && setup.unsettled === undefined
        ? undefined
        : { nodes: 2, unsettled: setup.unsettled ?? 0, measured: 1 },
    version: "0.1.0",
  });
  return (
    path: string,
    headers: Readonly<{ accept?: string; ifNoneMatch?: string }> = {},
    method = "GET",
  ): Answer => {
    const url = new URL(`https://secure${path}`);
    const reply = routes({ method, url, accept: headers.accept, ifNoneMatch: headers.ifNoneMatch });
    if (reply === undefined) return { status: 0, headers: {}, body: undefined, text: "", slices: [] };
    const slices = typeof reply.body === "string" ? [reply.body] : [...reply.body.slices];
    const text = slices.join("");
    return { ...reply, slices, text, body: text === "" ? undefined : JSON.parse(text) };
  };
}

type TestCluster = ReturnType<typeof createCluster>;

function aCluster(): TestCluster {
  const cluster = createCluster();
  const [pods, nodes] = [cluster.pen("pods"), cluster.pen("nodes")];
  pods.apply({ kind: "listing-began" });
  for (const pod of Object.values(PODS)) addPod(cluster, pod, pod === PODS.ended ? "Succeeded" : "Running");
  pods.apply({ kind: "listing-ended", resourceVersion: "9" });
  nodes.apply({ kind: "listing-began" });
  for (const name of EVERY_NODE)
    nodes.apply({
      kind: "listed",
      object: {
        meta: aMeta({ namespace: "", name }),
        labels: { "kubernetes.io/hostname": name, zone: name === "node-1" ? "a" : "b" },
        ready: undefined, addresses: [], kubeletPort: undefined, metricsPath: undefined, capacity: {},
      },
    }); // prettier-ignore
  nodes.apply({ kind: "listing-ended", resourceVersion: "9" });
  return cluster;
}

function addPod(
  cluster: TestCluster,
  { namespace, name }: Readonly<{ namespace: string; name: string }>,
  phase: PodPhase,
): void {
  const app = name.startsWith("web") ? "web" : "other";
  const labels: Labels = name === "silent" ? {} : { app };
  const object = {
    meta: aMeta({ namespace, name, uid: uid(name) }),
    labels,
    shape: { containers: [], podRequests: undefined, overhead: {} },
    node: nodeName("node-1"), phase, startTime: undefined, readiness: undefined, runningSince: undefined, oomKills: [],
  }; // prettier-ignore
  cluster.pen("pods").apply({ kind: "listed", object });
}

const MIB = 1_048_576;

/** Two answers of node-1, 10.062 s apart; node-2 has never answered. */
function measure(store: ReturnType<typeof createStore>): void {
  for (const [nth, at] of [10_000, 20_062].entries()) {
    const pods = ["web-1", "web-2", "zeta", ...(nth === 0 ? [] : ["young"])].map((name) => ({
      pod: uid(name),
      expected: ["app"],
      unusable: [],
      samples: [
        aSample({ at, cpu: 100 + nth * 1.0062, memory: 64 * MIB, container: "app" }),
        ...(name === "web-2"
          ? [aSample({ at: at - 1000, cpu: 50 + nth * 5.031, memory: 1000, container: "side" })]
          : []),
      ],
    }));
    store.writer.append({
      node: nodeName("node-1"),
      arrivedAt: monoMillis(at),
      nodeSample: { cpu: (1000 + nth * 5.031) * 1e9, memory: bytes(1536 * MIB), at: epochMillis(T0 + at) },
      pods,
    });
  }
}

function addMeasured(cluster: TestCluster, store: ReturnType<typeof createStore>, at: number): void {
  const name = `many-${String(at).padStart(5, "0")}`;
  const meta = aMeta({ namespace: "many", name, uid: uid(name) });
  const shape = { containers: [], podRequests: undefined, overhead: {} };
  const rest = {
    node: nodeName("node-3"),
    phase: "Running",
    startTime: undefined,
    readiness: undefined,
  } as const;
  const object = { meta, labels: { app: "many" }, shape, ...rest, runningSince: undefined, oomKills: [] };
  cluster.pen("pods").apply({ kind: "changed", object, resourceVersion: "10" });
  for (const stamp of [10_000, 20_000])
    store.writer.append({
      node: nodeName(`node-of-${name}`),
      arrivedAt: monoMillis(stamp),
      nodeSample: undefined,
      pods: [
        {
          pod: uid(name),
          expected: ["app"],
          unusable: [],
          samples: [aSample({ at: stamp, cpu: stamp / 10_000 })],
        },
      ],
    });
}
