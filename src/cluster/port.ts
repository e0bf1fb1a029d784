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

/** Why a kind cannot be followed at the moment; it is tried again by itself. */
export type Trouble = Readonly<{ kind: Kind; problem: string; retryIn: Millis }>;

export interface ClusterSource {
  /**
   * Follows one kind until `signal` aborts, then resolves. Events come in order, a listing first; after
   * trouble that lost events a new listing is announced. `hear` is called whenever the world proved to be
   * alive (an event, a bookmark, a finished listing); `trouble` whenever it did not answer as it should.
   */
  follow<K extends Kind>(
    kind: K,
    listener: Readonly<{
      apply(event: WatchEvent<Kinds[K]>): void;
      hear(): void;
      trouble(what: Trouble): void;
    }>,
    signal: AbortSignal,
  ): Promise<void>;
}
