/**
 * What probes may know of the running operator: questions, and no way to change anything. Looking never acts.
 */
import type { Millis, MonoMillis } from "../base/units.ts";
import type { ClusterView } from "../cluster/view.ts";

export type Facts = Readonly<{
  /** The monotonic clock on which the other moments are given. */
  now(): MonoMillis;
  /** The caches, per kind. */
  caches: ClusterView["of"];
  scraping: Readonly<{
    /** `--metric-resolution`. */
    resolution: Millis;
    /** undefined before the first round. */
    lastRoundStartedAt(): MonoMillis | undefined;
  }>;
  eventLoop: Readonly<{ stalled(): boolean }>;
  /** The Lease as this process holds it; undefined while it does not lead. */
  leadership(): Readonly<{ renewedAt: MonoMillis; duration: Millis }> | undefined;
  /** Of this operator, as `plimsoll version` prints it. */
  version: string;
  /** What is missing before the secure port can answer; undefined: nothing, or it is not open. */
  serving(): string | undefined;
  /** The process has been told to end and is finishing its work. */
  stopping(): boolean;
}>;
