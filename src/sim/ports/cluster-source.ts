/**
 * Following a kind of the simulated cluster: a listing, then each change a moment after it happened.
 *
 * Invariant: changes of one kind are told in order; one is lost only with its watch, and then a listing
 * follows that makes up for it. Different kinds may overtake each other.
 */
import type { Millis } from "../../base/units.ts";
import { millis, minutes, seconds } from "../../base/units.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterSource, Kind, Kinds, Listener, PodFailureSource } from "../../cluster/port.ts";
import type { WatchEvent } from "../../cluster/watch-event.ts";
import { between, chanceOf } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import { Chronicle } from "./chronicle.ts";
import type { Cut, Fault } from "./fault.ts";
import { cutOf, delayOf } from "./fault.ts";

/** Milliseconds from a change to its arrival. */
const LAG = { min: 5, max: 40 };
/** The API server's habit: about one bookmark a minute. */
const BOOKMARK_EVERY: Millis = minutes(1);
/** How often a quiet watch notices that it is broken, and a broken one that it can be opened again. */
const LOOK_EVERY: Millis = seconds(10);
const MENDING: Millis = seconds(1);

export function createClusterSource(cluster: SimCluster, faults: readonly Fault[]): ClusterSource {
  return {
    async follow(kind, listener, signal) {
      const { time } = cluster;
      const chronicle = new Chronicle(cluster, kind);
      await time.sleep(lagOf(cluster, faults, kind), signal);
      const met = new Set<Cut>();
      let age = millis(0);
      const following = { kind, listener, signal, met };
      while (!signal.aborted) {
        await watch(cluster, faults, { ...following, chronicle, age });
        age = await mended(cluster, faults, following);
      }
      chronicle.stop();
    },
  };
}

type Following<K extends Kind> = Readonly<{
  kind: K;
  listener: Listener<Kinds[K]>;
  signal: AbortSignal;
  /** Cuts that come once, and have. */
  met: Set<Cut>;
}>;
type Watch<K extends Kind> = Following<K> & Readonly<{ chronicle: Chronicle<K>; age: Millis }>;

/** One watch, from its listing until it breaks or `signal` aborts. */
async function watch<K extends Kind>(
  cluster: SimCluster,
  faults: readonly Fault[],
  of: Watch<K>,
): Promise<void> {
  const { kind, listener, signal, chronicle, age, met } = of;
  const { time, registry } = cluster;
  const broken = new AbortController();
  const over = AbortSignal.any([signal, broken.signal]);
  const tell = createTelling(cluster, faults, { kind, listener, signal: over });
  const { listing, since } = chronicle.asOf(age);
  for (const event of listing) listener.apply(event);
  for (const event of since) tell(event);
  if (since.length === 0) listener.hear();
  const stop = registry.follow(kind, (event) => {
    if (cutOf(faults, kind, met) === undefined) tell(event);
    else broken.abort();
  });
  let bookmarked = time.now();
  while (!over.aborted) {
    await time.sleep(faults.length === 0 ? BOOKMARK_EVERY : LOOK_EVERY, over);
    if (cutOf(faults, kind, met) !== undefined) broken.abort();
    if (over.aborted || time.now() - bookmarked < BOOKMARK_EVERY) continue;
    bookmarked = time.now();
    tell({ kind: "progressed", resourceVersion: registry.revision() });
  }
  stop();
}

/** Waits until the watch can be opened again; answers how far behind the server is that answers then. */
async function mended<K extends Kind>(
  { time }: SimCluster,
  faults: readonly Fault[],
  { kind, listener, signal, met }: Following<K>,
): Promise<Millis> {
  let age = millis(0);
  const next = (): Cut | undefined => (signal.aborted ? undefined : cutOf(faults, kind, met));
  for (let cut = next(); cut !== undefined; cut = next()) {
    age = cut.age;
    listener.trouble({ kind, problem: "simulated", retryIn: MENDING });
    if (cut.once === true) {
      met.add(cut);
      continue;
    }
    await time.sleep(MENDING, signal);
  }
  return age;
}

/** Gathers events and tells them together, a little later, in order. */
function createTelling<K extends Kind>(
  cluster: SimCluster,
  faults: readonly Fault[],
  { kind, listener, signal }: Omit<Following<K>, "met">,
): (event: WatchEvent<Kinds[K]>) => void {
  let waiting: WatchEvent<Kinds[K]>[] = [];
  return (event) => {
    waiting.push(event);
    if (waiting.length > 1) return;
    cluster.time.after(lagOf(cluster, faults, kind), () => {
      const events = waiting;
      waiting = [];
      if (signal.aborted) return;
      for (const each of events) listener.apply(each);
      listener.hear();
    });
  };
}

function lagOf({ seed, time }: SimCluster, faults: readonly Fault[], kind: Kind): Millis {
  const chance = chanceOf(seed, `watch/${kind}/${time.now()}`);
  return millis(between(chance, LAG.min, LAG.max) + delayOf(faults, kind));
}

/** Tells at once: no decision is as quick as to meet a failed pod before its end. */
export function createPodFailureSource({ registry }: SimCluster): PodFailureSource {
  return {
    follow: (tell, signal) =>
      new Promise((resolve) => {
        const told = (pod: Pod): void => (pod.phase === "Failed" ? tell(pod) : undefined);
        for (const pod of registry.all("pods")) told(pod);
        const stop = registry.follow("pods", (event) => {
          if (event.kind === "changed") told(event.object);
        });
        const end = (): void => {
          stop();
          resolve();
        };
        if (signal.aborted) end();
        else signal.addEventListener("abort", end, { once: true });
      }),
  };
}
