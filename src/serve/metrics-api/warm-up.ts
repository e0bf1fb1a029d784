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
  /** undefined before the first look at the nodes; `unsettled`: nodes neither asked twice nor failing. */
  round(): Readonly<{ unsettled: number }> | undefined;
  now(): MonoMillis;
}>;

/** After this many resolutions with known nodes, those that have not answered twice are not waited for. */
const RESOLUTIONS_MAX = 3;
/** Clients of Kubernetes come back up to ten times; in thirds of a round they need six at most. */
const WAITS_PER_RESOLUTION = 3;

export function createWarmUp({ resolution, synced, round, now }: WarmUpFacts): () => Millis | undefined {
  let over = false;
  let since: MonoMillis | undefined;
  return () => {
    if (over) return undefined;
    const looked = synced() ? round() : undefined;
    if (looked !== undefined) {
      since ??= now();
      over = looked.unsettled === 0 || elapsed(since, now()) > RESOLUTIONS_MAX * resolution;
    }
    return over ? undefined : millis(resolution / WAITS_PER_RESOLUTION);
  };
}
