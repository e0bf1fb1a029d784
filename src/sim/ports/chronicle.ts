/**
 * The recent past of one kind, for listings by API servers that are behind.
 *
 * Invariant: what a listing of an age leaves out are exactly the changes that came since, in their order.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { millis, minutes, type Millis } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { Kind, Kinds } from "../../cluster/port.ts";
import type { WatchEvent } from "../../cluster/watch-event.ts";
import type { SimCluster } from "../model/cluster.ts";

type Change<K extends Kind> = Extract<WatchEvent<Kinds[K]>, { kind: "changed" | "deleted" }>;

/** How far behind a server can be. */
const REMEMBERED = minutes(5);

export class Chronicle<K extends Kind> {
  readonly #cluster: SimCluster;
  /** As it was before the oldest change that is remembered. */
  readonly #base: Map<ObjectKey, Kinds[K]>;
  #baseRevision: string;
  #changes: Readonly<{ at: Millis; change: Change<K> }>[] = [];
  readonly #stop: () => void;

  constructor(cluster: SimCluster, kind: K) {
    const { registry, time } = cluster;
    this.#cluster = cluster;
    this.#base = new Map(registry.all(kind).map((object) => [keyOf(object), object]));
    this.#baseRevision = registry.revision();
    this.#stop = registry.follow(kind, (change) => {
      this.#changes.push({ at: time.now(), change });
      this.#forget();
    });
  }

  /** The listing of a server that is `age` behind, and what it has not seen. */
  asOf(age: Millis): Readonly<{ listing: readonly WatchEvent<Kinds[K]>[]; since: readonly Change<K>[] }> {
    const moment = millis(this.#cluster.time.now() - age);
    const objects = new Map(this.#base);
    let revision = this.#baseRevision;
    const since: Change<K>[] = [];
    for (const { at, change } of this.#changes) {
      if (at > moment && age > 0) since.push(change);
      else revision = applied(objects, change);
    }
    const listed = [...objects.values()].map((object) => ({ kind: "listed" as const, object }));
    return {
      listing: [{ kind: "listing-began" }, ...listed, { kind: "listing-ended", resourceVersion: revision }],
      since,
    };
  }

  stop(): void {
    this.#stop();
  }

  #forget(): void {
    const now = this.#cluster.time.now();
    const kept = this.#changes.findIndex(({ at }) => at + REMEMBERED >= now);
    if (kept < 64) return;
    for (const { change } of this.#changes.splice(0, kept)) this.#baseRevision = applied(this.#base, change);
  }
}

/** Brings `objects` up to date with one change; answers its revision. */
function applied<K extends Kind>(objects: Map<ObjectKey, Kinds[K]>, change: Change<K>): string {
  if (change.kind === "deleted") objects.delete(change.key);
  else objects.set(keyOf(change.object), change.object);
  return change.resourceVersion;
}
