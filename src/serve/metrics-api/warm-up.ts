/**
 * How long clients are asked to wait after a start, until usage is known of what runs: caches filled, and
 * every node that answers asked twice.
 *
 * Invariant: once it was over it stays over; a node that comes later makes nobody wait.
 */
import { elapsed, millis, type Millis, type MonoMillis } from "../../base/units.ts";

export type WarmUpFacts = Readonly<{
  resolution: Millis;
  /** Whether pods and nodes are known. */
  synced(): boolean;
  /** Nodes that are to be asked. */
  nodes(): number;
  /**
   * undefined before the first look at the nodes; `unsettled`: nodes that neither answered twice nor fail.
   */
  round(): Readonly<{ nodes: number; unsettled: number }> | undefined;
  now(): MonoMillis;
}>;

/** After this many resolutions with known nodes, those that have not answered twice are not waited for. */
const RESOLUTIONS_MAX = 3;
/** Clients of Kubernetes come back up to ten times; in thirds of a round they need six at most. */
const WAITS_PER_RESOLUTION = 3;

export function createWarmUp({
  resolution,
  synced,
  nodes,
  round,
  now,
}: WarmUpFacts): () => Millis | undefined {
  let over = false;
  let since: MonoMillis | undefined;
  return () => {
    if (over) return undefined;
    const looked = synced() ? round() : undefined;
    if (looked !== undefined) {
      since ??= now();
      // a look may be older than what is known of nodes now
      const isSettled = looked.unsettled === 0 && looked.nodes >= nodes();
      over = isSettled || elapsed(since, now()) > RESOLUTIONS_MAX * resolution;
    }
    return over ? undefined : millis(resolution / WAITS_PER_RESOLUTION);
  };
}
