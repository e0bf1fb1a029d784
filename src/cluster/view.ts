/**
 * The cluster as it is believed to be: readers over caches that change whole. Nobody who holds a view can
 * write.
 */
import type { ObjectKey, Uid } from "../base/ids.ts";
import type { MonoMillis } from "../base/units.ts";
import type { Kind, Kinds } from "./port.ts";
import type { Pod } from "./pod.ts";
import type { ForeignAutoscaler, PolicyObject, ReplicaSet } from "./workload.ts";

export type Reader<T> = Readonly<{
  get(key: ObjectKey): T | undefined;
  all(): Iterable<T>;
  count(): number;
  /** Whether a first listing has ended. */
  synced(): boolean;
  /** The version that this view has reached; "" before the first listing ended. */
  resourceVersion(): string;
  /** When the world was last heard on this kind; undefined before. */
  heardAt(): MonoMillis | undefined;
}>;

export type ClusterView = Readonly<{
  of: Readonly<{ [K in Kind]: Reader<Kinds[K]> }>;
  /** Pods whose controller chain (directly, or through a ReplicaSet) ends at this object. */
  podsOwnedBy(owner: Uid): readonly Pod[];
  replicaSetsOwnedBy(owner: Uid): readonly ReplicaSet[];
  /**
   * Pods of a namespace that match a selector in its text form (`app=web,tier in (a,b)`); none when it does
   * not parse.
   */
  podsSelectedBy(namespace: string, selector: string): readonly Pod[];
  /** By `targetKey` of cluster/workload.ts, oldest first (creation time, then uid). */
  policiesTargeting(target: ObjectKey): readonly PolicyObject[];
  autoscalersTargeting(target: ObjectKey): readonly ForeignAutoscaler[];
}>;
