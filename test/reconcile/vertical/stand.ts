/**
 * A keeper of histories over a cluster of one's own, kubelets that answer what a test says, and time that is moved.
 */
import { objectKey, type Uid, uid } from "../../../src/base/ids.ts";
import {
  bytes,
  epochMillis,
  millis,
  milliUnits,
  monoMillis,
  nanoCores,
  seconds,
} from "../../../src/base/units.ts";
import { type Cluster, createCluster } from "../../../src/cluster/cluster.ts";
import type { Owner } from "../../../src/cluster/object.ts";
import type { OomKill, Pod } from "../../../src/cluster/pod.ts";
import { type Kind, KINDS } from "../../../src/cluster/port.ts";
import { HistoryKeeper } from "../../../src/reconcile/vertical/history-driver.ts";
import { createClock, VirtualTime } from "../../../src/sim/clock.ts";
import type { PodAbsence, PodUsage } from "../../../src/store/reader.ts";
import { createHistoryStore } from "../../../src/usage/history/store.ts";
import { T0 } from "../../builders.ts";
import { aPod, aReplicaSet, changed, deleted, listing, ownedBy } from "../../view/objects.ts";

export const WEB = objectKey("shop", "apps/Deployment/web");
export const WEB_UID = uid("uid-of-web");
export const OF_WEB = ownedBy("ReplicaSet", "web-1");

const ABSENT: PodAbsence = { kind: "absent", because: "never-scraped" };

export const container = (name = "app", role: Pod["shape"]["containers"][number]["role"] = "main") => ({
  name,
  role,
  requests: {},
  limits: {},
});

export function podOf(
  name: string,
  over: Partial<Pod> & Readonly<{ owner?: Owner; version?: number }> = {},
): Pod {
  const { owner = OF_WEB, version = 1, ...rest } = over;
  return {
    ...aPod({ name, owner, resourceVersion: `${version}`, createdAt: epochMillis(T0 + version) }),
    shape: { containers: [container()], podRequests: undefined, overhead: {} },
    ...rest,
  };
}

export const kill = (request: number | undefined, ago = seconds(1), name = "app"): OomKill => ({
  container: name,
  at: epochMillis(T0 - ago),
  request: request === undefined ? undefined : milliUnits(request),
});

export class Stand {
  readonly time = new VirtualTime(T0);
  readonly histories = createHistoryStore();
  readonly cluster: Cluster;
  readonly keeper: HistoryKeeper;
  readonly counted: string[] = [];
  readonly gauges = new Map<string, number>();
  /** Workloads that a kill was told of. */
  readonly killed: (string | undefined)[] = [];
  readonly #usage = new Map<Uid, PodUsage>();
  readonly #stop = new AbortController();

  constructor(pods: readonly Pod[]) {
    this.cluster = createCluster((change) => {
      if (change.kind === "pods") this.killed.push(this.keeper.saw(change));
    });
    const clock = createClock(this.time);
    this.keeper = new HistoryKeeper({
      clock,
      view: this.cluster.view,
      samples: { pod: (pod) => this.#usage.get(pod) ?? ABSENT, lastAnswer: () => undefined },
      histories: this.histories,
      meter: {
        count: (series) => void this.counted.push(series),
        set: (series, value) => void this.gauges.set(series, value),
        observe: () => undefined,
        forget: () => undefined,
      },
    });
    const sets = [aReplicaSet({ name: "web-1", owner: ownedBy("Deployment", "web") })];
    const initial: Partial<Record<Kind, readonly unknown[]>> = { replicasets: sets, pods };
    for (const kind of ["replicasets", ...KINDS.filter((kind) => kind !== "replicasets")] as const)
      for (const event of listing("1", initial[kind] ?? [])) this.cluster.pen(kind).apply(event as never);
    void this.keeper.run(this.#stop.signal);
  }

  put(pod: Pod): void {
    this.cluster.pen("pods").apply(changed(pod));
  }

  remove(name: string): void {
    this.cluster.pen("pods").apply(deleted(name, 1000));
  }

  /** What the kubelet says of a pod from now on, stamped with this moment. */
  measure(pod: Pod, usage: Readonly<Record<string, readonly [milli: number, mebi: number]>>): void {
    const at = epochMillis(Math.floor(this.time.wall()));
    this.#usage.set(pod.meta.uid, {
      kind: "usage",
      at,
      window: seconds(15),
      arrivedAt: monoMillis(0),
      containers: Object.entries(usage).map(([name, [milli, mebi]]) => ({
        container: name,
        cpu: nanoCores(milli * 1e6),
        memory: bytes(mebi * 2 ** 20),
        at,
        window: seconds(15),
      })),
    });
  }

  /** Lets time pass, with a fresh measurement of these pods every 15 s. */
  async pass(
    span: number,
    pods: readonly Pod[] = [],
    usage: Readonly<Record<string, readonly [number, number]>> = { app: [100, 100] },
  ): Promise<void> {
    const end = this.time.now() + span;
    while (this.time.now() < end) {
      for (const pod of pods) this.measure(pod, usage);
      await this.time.advanceTo(millis(Math.min(end, this.time.now() + 15_000)));
    }
  }

  snapshot(name = "app", workload = WEB_UID) {
    return this.histories.snapshots(workload).get(name);
  }

  end(): void {
    this.#stop.abort();
  }
}
