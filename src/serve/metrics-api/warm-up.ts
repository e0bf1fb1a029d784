/**
 * How long clients are asked to wait after a start, until usage is known of what runs: caches filled, and
 * every node that answers measured twice.
 *
 * Invariant: once it was over it stays over; a node that comes later makes nobody wait.
 */
import { elapsed, millis, type Millis, type MonoMillis, seconds } from "../../base/units.ts";

export type WarmUpFacts = Readonly<{
  resolution: Millis;
  /** Whether pods and nodes are known. */
  synced(): boolean;
  /** Nodes that are to be asked. */
  nodes(): number;
  /**
   * undefined before the first look at the nodes; `unsettled`: those whose usage
   * is still to come.
   */
  round(): Readonly<{ nodes: number; unsettled: number; measured: number }> | undefined;
  now(): MonoMillis;
}>;

/** After this many resolutions with known nodes, and this long at least, nothing is waited for any more. */
const RESOLUTIONS_MAX = 3;
const PATIENCE_MIN = seconds(30);
/** Clients of Kubernetes come back up to ten times; in thirds of a round they need six at most. */
const WAITS_PER_RESOLUTION = 3;

export function createWarmUp({
  resolution,
  synced,
  nodes,
  round,
  now,
}: WarmUpFacts): () => Millis | undefined {
  const patience = Math.max(RESOLUTIONS_MAX * resolution, PATIENCE_MIN);
  let over = false;
  let since: MonoMillis | undefined;
  return () => {
    if (over) return undefined;
    const looked = synced() ? round() : undefined;
    if (looked !== undefined) {
      since ??= now();
      // a look may be older than what is known of nodes now
      const isSettled = looked.unsettled === 0 && looked.nodes >= nodes();
      // Without a node that is to be asked nothing is known yet: at a start they may only not be ready.
      const hasAny = looked.measured > 0;
      over = (isSettled && hasAny) || elapsed(since, now()) > patience;
    }
    return over ? undefined : millis(resolution / WAITS_PER_RESOLUTION);
  };
}
