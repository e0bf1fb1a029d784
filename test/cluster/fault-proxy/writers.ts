/**
 * Who held the Lease, and who wrote, as the proxy saw it on its own clock.
 */
import type { Logged } from "./proxy.ts";

/** What the operator gives its Lease unless told otherwise. */
const LEASE_MILLIS = 15_000;
const WRITES: readonly string[] = ["create", "update", "patch", "delete"];

/** A Lease write that the API server accepted. */
export type Grant = Readonly<{
  /** Who wrote it. */
  user: string;
  /** undefined: it let go. */
  holder: string | undefined;
  /** It was sent before this moment, and in effect at `at`. */
  seenAt: number;
  at: number;
}>;

export function grantsOf(log: readonly Logged[]): Grant[] {
  return log
    .filter(
      ({ resource, verb, status }) => resource === "leases" && WRITES.includes(verb) && isSuccess(status),
    )
    .map(({ user, said, seenAt, answeredAt = seenAt }) => {
      const { spec } = said as { spec: { holderIdentity?: string } };
      return { user, holder: spec.holderIdentity, seenAt, at: answeredAt };
    })
    .toSorted((a, b) => a.at - b.at);
}

/** Everything that operators wrote but the Lease itself. */
export const writesOf = (log: readonly Logged[]): Logged[] =>
  log.filter(({ resource, verb }) => resource !== "leases" && WRITES.includes(verb));

/** Writes whose author held no Lease when they came: nobody's, another's, or one that had run out. */
export function writesWithoutLease(log: readonly Logged[], leaseMillis = LEASE_MILLIS): Logged[] {
  const grants = grantsOf(log);
  return writesOf(log).filter(({ user, seenAt }) => {
    const last = grants.findLast(({ at }) => at <= seenAt);
    const holds = last !== undefined && last.holder !== undefined && last.user === user;
    return !holds || seenAt - last.seenAt > leaseMillis;
  });
}

/** How often the Lease went to somebody else than the one who had it last. */
export function handoversOf(log: readonly Logged[]): number {
  const users = grantsOf(log).map(({ user }) => user);
  return users.filter((user, nth) => nth > 0 && user !== users[nth - 1]).length;
}

/** Replicas that were asked for, and when, in order; whatever came of it. */
export function scaleWrites(log: readonly Logged[], name: string): { seenAt: number; replicas: number }[] {
  return log
    .filter((each) => each.resource === "deployments/scale" && each.verb === "update" && each.name === name)
    .map(({ seenAt, said }) => ({
      seenAt,
      replicas: (said as { spec: { replicas: number } }).spec.replicas,
    }));
}

/** Those that the API server accepted: a conflict is decided anew, and moves nothing. */
export const acceptedWrites = (log: readonly Logged[], name: string): ReturnType<typeof scaleWrites> =>
  scaleWrites(
    log.filter(({ status }) => isSuccess(status)),
    name,
  );

export const countsWritten = (log: readonly Logged[], name: string): number[] =>
  scaleWrites(log, name).map(({ replicas }) => replicas);

const isSuccess = (status: number | undefined): boolean => status !== undefined && status < 300;
