/**
 * One Lease, and who watches it.
 *
 * Invariant: an update is based on the newest version, or it is a conflict.
 */
import type { WriteOutcome } from "../../base/outcome.ts";
import type { Lease, LeasePort, LeaseRecord } from "../../reconcile/port.ts";
import { type Millis, millis, minutes, seconds } from "../../base/units.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { Caller } from "./call.ts";

export type LeaseShelf = {
  lease: Lease | undefined;
  /** When it was written last. */
  storedAt: Millis;
  /** What somebody deleted, and when. */
  deleted?: Readonly<{ lease: Lease; at: Millis }> | undefined;
  readonly watchers: Set<(lease: Lease) => void>;
};

/** Who holds it, by the time of the world. */
export type HeldLease = Readonly<{
  holder: string;
  transitions: number;
  renewedAt: Millis;
  duration: Millis;
}>;

/** A holder looks at its Lease every 2 s, with jitter: until then it cannot know of a deletion. */
const NOTICED_WITHIN = seconds(3);

/** One that was deleted a moment ago is held as long as its holder cannot know. */
export function heldLease({ lease, deleted, storedAt }: LeaseShelf, now: Millis): HeldLease | undefined {
  const isFresh = deleted !== undefined && now - deleted.at <= NOTICED_WITHIN;
  const last = lease ?? (isFresh ? deleted.lease : undefined);
  if (last === undefined) return undefined;
  const { holder, transitions, duration } = last.record;
  return { holder, transitions, duration, renewedAt: storedAt };
}

const ABOUT = "plimsoll-system/plimsoll";
const ABSENT = { kind: "absent", message: "the Lease does not exist" } as const;
/** From a change to its arrival at a watcher. */
const LAG = millis(20);

export function createLeasePort({ registry, time }: SimCluster, call: Caller, shelf: LeaseShelf): LeasePort {
  const store = (record: LeaseRecord): WriteOutcome => {
    const lease: Lease = { resourceVersion: registry.nextRevision(), record };
    shelf.lease = lease;
    shelf.storedAt = time.now();
    time.after(LAG, () => {
      for (const watcher of shelf.watchers) watcher(lease);
    });
    return { kind: "written", resourceVersion: lease.resourceVersion };
  };
  return {
    readLease: (signal) =>
      call(
        { verb: "read-lease", about: ABOUT },
        () => (shelf.lease === undefined ? ABSENT : { kind: "read" as const, value: shelf.lease }),
        { signal },
      ),
    createLease: (record, signal) =>
      call(
        { verb: "create-lease", about: ABOUT },
        () =>
          shelf.lease === undefined
            ? store(record)
            : { kind: "conflict" as const, message: "the Lease already exists" },
        { signal },
      ),
    updateLease: (basis, record, signal) =>
      call(
        { verb: "update-lease", about: ABOUT },
        () => {
          if (shelf.lease === undefined) return ABSENT;
          return shelf.lease.resourceVersion === basis.resourceVersion
            ? store(record)
            : { kind: "conflict" as const, message: "the Lease has been modified" };
        },
        { signal },
      ),
    async watchLease(changed, signal) {
      shelf.watchers.add(changed);
      while (!signal.aborted) await time.sleep(minutes(5), signal);
      shelf.watchers.delete(changed);
    },
  };
}
