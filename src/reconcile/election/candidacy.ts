/**
 * Who leads, after client-go: a Lease that is renewed every few seconds, and taken over when its record has
 * not changed for a whole lease duration **by the watcher's own monotonic clock**. The times inside the
 * record are never compared with anything, so clocks may be wrong; only their rates must agree within
 * `leaseDuration / renewDeadline`.
 *
 * Invariant: `leads` is true only while the last accepted renewal was *sent* less than `renewDeadline` ago.
 * A holder that cannot renew therefore stops `leaseDuration − renewDeadline` before anyone may follow. One
 * whose writes are done and never answered lets its own Lease run out like anybody's: claiming it again and
 * again would renew it for nobody.
 */
import type { EpochMillis, Millis, MonoMillis } from "../../base/units.ts";
import { elapsed, millis, seconds } from "../../base/units.ts";
import type { Lease, LeaseRecord } from "../port.ts";

export type ElectionTimes = Readonly<{ leaseDuration: Millis; renewDeadline: Millis; retryPeriod: Millis }>;
export const ELECTION_TIMES: ElectionTimes = {
  leaseDuration: seconds(15),
  renewDeadline: seconds(10),
  retryPeriod: seconds(2),
};

export type Candidacy =
  /** Never read the Lease yet, or it was not there. */
  | Readonly<{ kind: "looking" }>
  /** Someone else holds it, or nobody; `unchangedSince` is when this very record was first seen. */
  | Readonly<{ kind: "standby"; lease: Lease; unchangedSince: MonoMillis }>
  /** We hold it; the renewal that was accepted last was sent at `renewedAt`. */
  | Readonly<{ kind: "leading"; lease: Lease; renewedAt: MonoMillis }>;

/** What to do about the Lease now. */
export type Attempt =
  | Readonly<{ kind: "read" }>
  | Readonly<{ kind: "create"; record: LeaseRecord }>
  | Readonly<{ kind: "update"; basis: Lease; record: LeaseRecord }>;

/** A write whose answer was lost: when the Lease, read after it, shows the very record, it was accepted. */
export function onLostAnswer(
  candidacy: Candidacy,
  { record, sentAt }: Readonly<{ record: LeaseRecord; sentAt: MonoMillis }>,
): Candidacy {
  if (candidacy.kind !== "standby" || !sameRecord(candidacy.lease.record, record)) return candidacy;
  return { kind: "leading", lease: candidacy.lease, renewedAt: sentAt };
}

export type Candidate = Readonly<{ identity: string; times: ElectionTimes }>;

/** For how long from `now` writes are allowed, if no further renewal is accepted; 0: not at all. */
export function timeLeft(candidacy: Candidacy, { times }: Candidate, now: MonoMillis): Millis {
  if (candidacy.kind !== "leading") return millis(0);
  return millis(Math.max(0, times.renewDeadline - elapsed(candidacy.renewedAt, now)));
}

/** Whether writes are allowed at `now`. */
export const leads = (candidacy: Candidacy, candidate: Candidate, now: MonoMillis): boolean =>
  timeLeft(candidacy, candidate, now) > 0;

/** A leader past its renew deadline is a standby like any other: it looks at the Lease before trying again. */
export function steppedDown(candidacy: Candidacy, candidate: Candidate, now: MonoMillis): Candidacy {
  if (candidacy.kind !== "leading" || leads(candidacy, candidate, now)) return candidacy;
  return { kind: "standby", lease: candidacy.lease, unchangedSince: now };
}

/** The next request of a candidate that has nothing fresh to go by: a leader renews, everybody else reads. */
export function firstAttempt(candidacy: Candidacy, wall: EpochMillis): Attempt {
  if (candidacy.kind !== "leading") return { kind: "read" };
  return { kind: "update", basis: candidacy.lease, record: { ...candidacy.lease.record, renewedAt: wall } };
}

/** What a Lease that was just read means to this candidate. */
export function onRead(candidacy: Candidacy, lease: Lease, { candidate, now }: Moment): Candidacy {
  if (lease.record.holder === candidate.identity && candidacy.kind === "leading")
    return { ...candidacy, lease };
  if (candidacy.kind === "standby" && sameRecord(candidacy.lease.record, lease.record))
    return { ...candidacy, lease };
  return { kind: "standby", lease, unchangedSince: now };
}

/**
 * What it means that the Lease is not there. Whoever holds it does not know yet that somebody deleted
 * it, and acts until its next renewal makes it anew: a standby that saw it held waits as if it were there.
 */
export function onAbsent(candidacy: Candidacy, { candidate, now }: Moment): Candidacy {
  const isHeld = candidacy.kind === "standby" && !isFree(candidacy, candidate, now);
  return isHeld ? candidacy : { kind: "looking" };
}

export type Moment = Readonly<{
  candidate: Candidate;
  now: MonoMillis;
  wall: EpochMillis;
  /** What we wrote last and were told of. */
  accepted?: LeaseRecord | undefined;
}>;

/** After reading: the Lease is tried when it is free, run out, or ours from a lost term; undefined: wait. */
export function claim(candidacy: Candidacy, moment: Moment): Attempt | undefined {
  const { candidate, now, wall, accepted } = moment;
  if (candidacy.kind === "looking") return { kind: "create", record: newRecord(candidate, wall, 0) };
  if (candidacy.kind === "leading") return undefined;
  const { lease } = candidacy;
  const isOurs = accepted !== undefined && sameRecord(lease.record, accepted);
  if (!isOurs && !isFree(candidacy, candidate, now)) return undefined;
  return {
    kind: "update",
    basis: lease,
    record: newRecord(candidate, wall, lease.record.transitions + 1),
  };
}

function isFree(
  { lease, unchangedSince }: Extract<Candidacy, { kind: "standby" }>,
  { times }: Candidate,
  now: MonoMillis,
): boolean {
  return lease.record.holder === "" || elapsed(unchangedSince, now) >= times.leaseDuration;
}

/** The record that lets go: nobody needs to wait out the duration. */
export function released(lease: Lease, wall: EpochMillis): LeaseRecord {
  return { ...lease.record, holder: "", duration: seconds(1), renewedAt: wall, acquiredAt: wall };
}

function newRecord({ identity, times }: Candidate, wall: EpochMillis, transitions: number): LeaseRecord {
  return { holder: identity, duration: times.leaseDuration, acquiredAt: wall, renewedAt: wall, transitions };
}

function sameRecord(a: LeaseRecord, b: LeaseRecord): boolean {
  return a.holder === b.holder && a.renewedAt === b.renewedAt && a.transitions === b.transitions;
}
