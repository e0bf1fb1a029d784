/**
 * The objects of the simulated cluster, as the API server would keep them: one revision counter, and every
 * change told to whoever follows its kind, in order.
 *
 * Invariant: a stored object is never changed in place, and no two versions of anything share a revision.
 */
import type { ObjectKey, Uid } from "../../base/ids.ts";
import type { EpochMillis } from "../../base/units.ts";
import { uid } from "../../base/ids.ts";
import type { Meta, Owner } from "../../cluster/object.ts";
import { keyOf } from "../../cluster/object.ts";
import type { Kinds } from "../../cluster/port.ts";
import type { WatchEvent } from "../../cluster/watch-event.ts";
import type { Workload } from "../../cluster/workload.ts";

/** Any object with `/scale`: for kinds beyond apps/v1 the kind is any word. */
export type Scalable = Omit<Workload, "kind"> & Readonly<{ kind: string }>;

/** What is kept: the followed kinds, and custom ones that nobody follows. */
export type Stored = Kinds & { customs: Scalable };
export type StoredKind = keyof Stored;

type Change<K extends StoredKind> = Extract<WatchEvent<Stored[K]>, { kind: "changed" | "deleted" }>;
type Shelf<K extends StoredKind> = {
  objects: Map<ObjectKey, Stored[K]>;
  followers: Set<(change: Change<K>) => void>;
};

/**
 * Revisions of a cluster that has lived a while; text of growing length is part of what must be got right.
 */
const FIRST_REVISION = 9_900;

export class Registry {
  readonly #shelves: { [K in StoredKind]: Shelf<K> } = {
    pods: shelf(),
    nodes: shelf(),
    replicasets: shelf(),
    deployments: shelf(),
    statefulsets: shelf(),
    horizontalpodautoscalers: shelf(),
    scalepolicies: shelf(),
    customs: shelf(),
  };
  #revision = FIRST_REVISION;
  #uidCount = 0;

  get<K extends StoredKind>(kind: K, key: ObjectKey): Stored[K] | undefined {
    return this.#shelf(kind).objects.get(key);
  }

  all<K extends StoredKind>(kind: K): Stored[K][] {
    return [...this.#shelf(kind).objects.values()];
  }

  count(kind: StoredKind): number {
    return this.#shelf(kind).objects.size;
  }

  /** The newest revision of anything. */
  revision(): string {
    return String(this.#revision);
  }

  /** Stores `object` under a new revision and answers what was stored. */
  put<K extends StoredKind>(kind: K, object: Stored[K]): Stored[K] {
    const resourceVersion = this.nextRevision();
    const stored: Stored[K] = { ...object, meta: { ...object.meta, resourceVersion } };
    this.#shelf(kind).objects.set(keyOf(stored), stored);
    this.#tell(kind, { kind: "changed", object: stored, resourceVersion });
    return stored;
  }

  remove(kind: StoredKind, key: ObjectKey): void {
    if (!this.#shelf(kind).objects.delete(key)) return;
    this.#tell(kind, { kind: "deleted", key, resourceVersion: this.nextRevision() });
  }

  /** Tells `follower` of each change of a kind from now on; answers how to stop. */
  follow<K extends StoredKind>(kind: K, follower: (change: Change<K>) => void): () => void {
    const { followers } = this.#shelf(kind);
    followers.add(follower);
    return () => void followers.delete(follower);
  }

  nextRevision(): string {
    this.#revision += 1;
    return this.revision();
  }

  /** The metadata of an object that is about to be created. */
  newMeta(of: Readonly<{ namespace: string; name: string; createdAt: EpochMillis; owner?: Owner }>): Meta {
    const { namespace, name, createdAt, owner } = of;
    return {
      namespace,
      name,
      uid: this.#newUid(),
      resourceVersion: "",
      generation: 1,
      createdAt,
      deleting: false,
      owner,
    };
  }

  #newUid(): Uid {
    this.#uidCount += 1;
    return uid(`00000000-0000-4000-8000-${this.#uidCount.toString(16).padStart(12, "0")}`);
  }

  #tell<K extends StoredKind>(kind: K, change: Change<K>): void {
    for (const follower of this.#shelf(kind).followers) follower(change);
  }

  /** One cast for what the compiler cannot see: a shelf of kind K holds objects of kind K. */
  #shelf<K extends StoredKind>(kind: K): Shelf<K> {
    return this.#shelves[kind] as unknown as Shelf<K>;
  }
}

function shelf<K extends StoredKind>(): Shelf<K> {
  return { objects: new Map(), followers: new Set() };
}
