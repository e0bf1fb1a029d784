/**
 * Following a kind of the simulated cluster: a listing, then each change a moment after it happened.
 *
 * Invariant: changes of one kind are told in order and none is lost; different kinds may overtake each other.
 */
import type { Millis } from "../../base/units.ts";
import { millis, minutes } from "../../base/units.ts";
import type { ClusterSource, Kind, Kinds, Listener } from "../../cluster/port.ts";
import type { WatchEvent } from "../../cluster/watch-event.ts";
import { between, chanceOf } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { Fault } from "./fault.ts";
import { delayOf } from "./fault.ts";

/** Milliseconds from a change to its arrival. */
const LAG = { min: 5, max: 40 };
/** The API server's habit: about one bookmark a minute. */
const BOOKMARK_EVERY: Millis = minutes(1);

export function createClusterSource(cluster: SimCluster, faults: readonly Fault[]): ClusterSource {
  return {
    async follow(kind, listener, signal) {
      const { time, registry } = cluster;
      await time.sleep(lagOf(cluster, faults, kind), signal);
      if (signal.aborted) return;
      const tell = createTelling(cluster, faults, { kind, listener, signal });
      const stop = registry.follow(kind, tell);
      for (const event of listingOf(cluster, kind)) listener.apply(event);
      listener.hear();
      while (!signal.aborted) {
        await time.sleep(BOOKMARK_EVERY, signal);
        if (!signal.aborted) tell({ kind: "progressed", resourceVersion: registry.revision() });
      }
      stop();
    },
  };
}

function listingOf<K extends Kind>({ registry }: SimCluster, kind: K): WatchEvent<Kinds[K]>[] {
  return [
    { kind: "listing-began" },
    ...registry.all(kind).map((object) => ({ kind: "listed" as const, object })),
    { kind: "listing-ended", resourceVersion: registry.revision() },
  ];
}

type Following<K extends Kind> = Readonly<{
  kind: K;
  listener: Listener<Kinds[K]>;
  signal: AbortSignal;
}>;

/** Gathers events and tells them together, a little later, in order. */
function createTelling<K extends Kind>(
  cluster: SimCluster,
  faults: readonly Fault[],
  { kind, listener, signal }: Following<K>,
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
