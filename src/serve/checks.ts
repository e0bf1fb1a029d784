/**
 * The checks behind the probes. Liveness asks whether a restart would help; readiness whether this replica
 * knows the cluster. Whether metrics arrive is never a question of readiness: an unready pod leaves its
 * Service, and that would turn missing data into a missing API (our decision).
 *
 * Invariant: a check reads facts and changes nothing; its reason is for the log and the single check only.
 */
import { elapsed, millis, seconds } from "../base/units.ts";
import { type Kind, KINDS } from "../cluster/port.ts";
import type { Facts } from "./facts.ts";

/** `trouble` is undefined while all is well. */
export type Check = Readonly<{ name: string; trouble(facts: Facts): string | undefined }>;

/** metrics-server's limit: a round that has not started after one and a half resolutions is late. */
const ROUNDS_LATE = 1.5;
/**
 * How long a Lease may be over before a process that still believes in it is restarted (as client-go's
 * check).
 */
const LEASE_GRACE = seconds(20);

const ping: Check = { name: "ping", trouble: () => undefined };

export const LIVENESS: readonly Check[] = [
  ping,
  { name: "metric-collection-timely", trouble: lateness },
  {
    name: "event-loop",
    trouble: ({ eventLoop }) =>
      eventLoop.stalled() ? "the event loop has stalled for a second or more, again and again" : undefined,
  },
  { name: "leader-lease", trouble: overdueLease },
];

export const READINESS: readonly Check[] = [
  ping,
  ...KINDS.map((kind) => cacheCheck(kind)),
  { name: "secure-serving", trouble: ({ serving }) => serving() },
  { name: "shutdown", trouble: ({ stopping }) => (stopping() ? "the process is shutting down" : undefined) },
];

/** Passes before the first round, so that a slow start is not a reason for a restart. */
function lateness({ now, scraping }: Facts): string | undefined {
  const startedAt = scraping.lastRoundStartedAt();
  if (startedAt === undefined) return undefined;
  const age = elapsed(startedAt, now());
  const limit = millis(scraping.resolution * ROUNDS_LATE);
  return age <= limit ? undefined : `the last scrape round started ${age} ms ago, the limit is ${limit} ms`;
}

function overdueLease({ now, leadership }: Facts): string | undefined {
  const lease = leadership();
  if (lease === undefined) return undefined;
  const age = elapsed(lease.renewedAt, now());
  if (age <= lease.duration + LEASE_GRACE) return undefined;
  return `this process believes that it leads, but renewed its lease ${age} ms ago`;
}

/** A cache that was filled once stays ready: what it misses meanwhile shows in its age, not here. */
function cacheCheck(kind: Kind): Check {
  return {
    name: `cache-${kind}`,
    trouble: ({ caches }) => (caches[kind].synced() ? undefined : `${kind} have not been listed yet`),
  };
}
