/**
 * Keeps a candidate's hand on the Lease: renews while leading, watches and waits otherwise, lets go at the
 * end. It alone waits; what each answer means is in candidacy.ts.
 *
 * Invariant: a request about the Lease is never on its way after the moment at which it stops being of use.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { WriteOutcome } from "../../base/outcome.ts";
import { type Millis, millis, type MonoMillis } from "../../base/units.ts";
import type { Lease, LeasePort } from "../port.ts";
import {
  type Attempt,
  type Candidacy,
  type Candidate,
  claim,
  firstAttempt,
  leads,
  type Moment,
  onRead,
  released,
} from "./candidacy.ts";

/** What the rest of the operator may know of the election. */
export type Leadership = Readonly<{
  /** Whether this process may write now; ask again right before each write. */
  leading(): boolean;
  /** `leaseTransitions` of our term: decisions of different terms cannot be mixed up. */
  epoch(): number;
}>;

/** A Lease that this process believes to hold: when its last accepted renewal was sent. */
export type Term = Readonly<{ renewedAt: MonoMillis; duration: Millis }>;

export type ElectionPorts = Readonly<{ clock: Clock; random: Random; lease: LeasePort; log: Log }>;

export type Election = Leadership &
  Readonly<{
    /** For the watchdog: undefined while somebody else leads, or nobody. */
    term(): Term | undefined;
    /** Runs until `signal` aborts. `changed` is called when leadership begins or ends. */
    run(changed: (leading: boolean) => void, signal: AbortSignal): Promise<void>;
    /** Lets go of the Lease, so that a standby follows at once: call after all work has stopped. */
    release(): Promise<void>;
  }>;

export function createElection(ports: ElectionPorts, candidate: Candidate): Election {
  const { clock, random, lease: port, log } = ports;
  let candidacy: Candidacy = { kind: "looking" };
  let announced = false;
  let wake = new AbortController();

  const leading = (): boolean => leads(candidacy, candidate, clock.mono());
  const moment = (): Moment => ({ candidate, now: clock.mono(), wall: clock.wall() });

  const announce = (changed: (leading: boolean) => void): void => {
    if (leading() === announced) return;
    announced = !announced;
    log("info", announced ? "leading: this replica decides and acts" : "no longer leading: deciding stops", {
      identity: candidate.identity,
      ...(candidacy.kind === "looking" ? {} : { holder: candidacy.lease.record.holder }),
    });
    changed(announced);
  };

  /** Aborts at the renew deadline of the current term, or after one deadline for everybody else. */
  const deadline = (): { signal: AbortSignal; done(): void } => {
    const controller = new AbortController();
    const start = candidacy.kind === "leading" ? candidacy.renewedAt : clock.mono();
    const left = Math.max(0, start + candidate.times.renewDeadline - clock.mono());
    const finished = new AbortController();
    void clock.sleep(millis(left), finished.signal).then(() => {
      controller.abort();
    });
    return { signal: controller.signal, done: () => finished.abort() };
  };

  const perform = async (attempt: Attempt): Promise<void> => {
    const sentAt = clock.mono();
    const limit = deadline();
    if (attempt.kind === "read") await look(limit.signal);
    else if (attempt.kind === "create") {
      const outcome = await port.createLease(attempt.record, limit.signal);
      settle(outcome, { resourceVersion: "", record: attempt.record }, sentAt);
    } else {
      const outcome = await port.updateLease(attempt.basis, attempt.record, limit.signal);
      settle(outcome, { resourceVersion: "", record: attempt.record }, sentAt);
      if (outcome.kind !== "written") await look(limit.signal);
    }
    limit.done();
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const reading = await port.readLease(signal);
    if (reading.kind === "read") candidacy = onRead(candidacy, reading.value, moment());
    else if (reading.kind === "absent") candidacy = { kind: "looking" };
    else log("warn", "the Lease cannot be read", { problem: reading.message });
  };

  const settle = (outcome: WriteOutcome, wanted: Lease, sentAt: MonoMillis): void => {
    if (outcome.kind === "written")
      candidacy = {
        kind: "leading",
        lease: { ...wanted, resourceVersion: outcome.resourceVersion },
        renewedAt: sentAt,
      };
    else if (outcome.kind !== "conflict")
      log("warn", "the Lease cannot be written", { problem: outcome.message, outcome: outcome.kind });
  };

  const watch = (signal: AbortSignal): Promise<void> =>
    port.watchLease((lease) => {
      if (candidacy.kind === "leading") return;
      candidacy = onRead(candidacy, lease, moment());
      if (lease.record.holder === "") wake.abort();
    }, signal);

  const pause = async (signal: AbortSignal): Promise<void> => {
    wake = new AbortController();
    const jittered = millis(candidate.times.retryPeriod * (1 + 0.2 * random.next()));
    await clock.sleep(jittered, AbortSignal.any([signal, wake.signal]));
  };

  return {
    leading,
    epoch: () => (candidacy.kind === "leading" ? candidacy.lease.record.transitions : -1),
    term: () =>
      candidacy.kind === "leading"
        ? { renewedAt: candidacy.renewedAt, duration: candidate.times.leaseDuration }
        : undefined,
    async run(changed, signal) {
      const watching = watch(signal);
      while (!signal.aborted) {
        await perform(firstAttempt(candidacy, clock.wall()));
        const attempt = signal.aborted ? undefined : claim(candidacy, moment());
        if (attempt !== undefined) await perform(attempt);
        announce(changed);
        await pause(signal);
        announce(changed);
      }
      await watching;
    },
    async release() {
      if (candidacy.kind !== "leading") return;
      const { lease } = candidacy;
      candidacy = { kind: "looking" };
      const limit = deadline();
      await port.updateLease(lease, released(lease, clock.wall()), limit.signal);
      limit.done();
      log("info", "the Lease is released", { identity: candidate.identity });
    },
  };
}
