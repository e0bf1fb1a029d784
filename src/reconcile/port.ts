/**
 * What leading needs of the world: one coordination.k8s.io/v1 Lease.
 */
import type { ReadOutcome, WriteOutcome } from "../base/outcome.ts";
import type { EpochMillis, Millis } from "../base/units.ts";

/** The record inside a Lease. */
export type LeaseRecord = Readonly<{
  /** "" when the last holder let go. */
  holder: string;
  duration: Millis;
  acquiredAt: EpochMillis;
  renewedAt: EpochMillis;
  transitions: number;
}>;
export type Lease = Readonly<{ resourceVersion: string; record: LeaseRecord }>;

export interface LeasePort {
  /** `signal` aborts a request that outlives its use: at the renew deadline nothing may still be on its way. */
  readLease(signal: AbortSignal): Promise<ReadOutcome<Lease>>;
  createLease(record: LeaseRecord, signal: AbortSignal): Promise<WriteOutcome>;
  /** PUT guarded by `basis.resourceVersion`. */
  updateLease(basis: Lease, record: LeaseRecord, signal: AbortSignal): Promise<WriteOutcome>;
  /**
   * Calls `changed` whenever the Lease changes, so that a standby sees a release at once; resolves when
   * `signal` aborts. Losing the watch costs only speed: the retry period still reads.
   */
  watchLease(changed: (lease: Lease) => void, signal: AbortSignal): Promise<void>;
}
