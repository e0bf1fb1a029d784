/**
 * What we need to know of the cluster, and no more: follow a kind.
 */
import type { Millis } from "../base/units.ts";
import type { Node } from "./node.ts";
import type { Pod } from "./pod.ts";
import type { WatchEvent } from "./watch-event.ts";
import type { ForeignAutoscaler, PolicyObject, ReplicaSet, Workload } from "./workload.ts";

/** The kinds that are followed, by plural resource name. */
export type Kinds = {
  pods: Pod;
  nodes: Node;
  replicasets: ReplicaSet;
  deployments: Workload;
  statefulsets: Workload;
  horizontalpodautoscalers: ForeignAutoscaler;
  scalepolicies: PolicyObject;
};
export type Kind = keyof Kinds;

export const KINDS: readonly Kind[] = [
  "pods", "nodes", "replicasets", "deployments", "statefulsets", "horizontalpodautoscalers", "scalepolicies",
]; // prettier-ignore

/**
 * Why a kind cannot be followed at the moment; it is tried again by itself. `problem` is one of a few words
 * (a label of a series), `message` what the world said, for the log.
 */
export type Trouble = Readonly<{ kind: Kind; problem: string; retryIn: Millis; message?: string }>;

/** One object that could not be read; the stream goes on without it. */
export type LostObject = Readonly<{ kind: Kind; message: string }>;

/** Who follows a kind. */
export type Listener<T> = Readonly<{
  apply(event: WatchEvent<T>): void;
  hear(): void;
  trouble(what: Trouble): void;
  lose?(what: LostObject): void;
}>;

export interface ClusterSource {
  /**
   * Follows one kind until `signal` aborts, then resolves. Events come in order, a listing first; after
   * trouble that lost events a new listing is announced. Between the beginning and the end of a listing,
   * `changed` and `deleted` belong to it. `hear` is called whenever the world proved to be alive (an event, a
   * bookmark, a finished listing, a watch that ends in order); `trouble` whenever it did not answer as it
   * should; `lose` for every object that could not be read.
   */
  follow<K extends Kind>(kind: K, listener: Listener<Kinds[K]>, signal: AbortSignal): Promise<void>;
}

/** Pods that have failed, whose last words `ClusterSource` leaves out. */
export interface PodFailureSource {
  /**
   * Tells of every failed pod until `signal` aborts, then resolves. Those that are there already are told
   * too, and all of them anew where the watch broke.
   */
  follow(tell: (pod: Pod) => void, signal: AbortSignal): Promise<void>;
}
