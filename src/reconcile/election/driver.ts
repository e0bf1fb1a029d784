/**
 * Keeps a candidate's hand on the Lease: renews while leading, watches and waits otherwise, lets go at the
 * end. It alone waits; what each answer means is in candidacy.ts.
 *
 * Invariant: a request about the Lease is never on its way after the moment at which it stops being of use.
 */
import { Bell } from "../bell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Meter } from "../../base/meter.ts";
import type { Random } from "../../base/random.ts";
import type { ReadOutcome, WriteOutcome } from "../../base/outcome.ts";
import { elapsed, type Millis, millis, type MonoMillis, seconds } from "../../base/units.ts";
import { measureWrite } from "../../report/measure/decisions.ts";
import type { LeasePort, LeaseRecord } from "../port.ts";
import {
  type Attempt,
  type Candidacy,
  type Candidate,
  claim,
  firstAttempt,
  leads,
  type Moment,
  onAbsent,
  onLostAnswer,
  onRead,
  released,
  steppedDown,
  timeLeft,
} from "./candidacy.ts";

/** What the rest of the operator may know of the election. */
export type Leadership = Readonly<{
  /** Whether this process may write now; ask again right before each write. */
  leading(): boolean;
  /** How long it surely may, from now: nothing that is written may be on its way after that. */
  timeLeft(): Millis;
  /** `leaseTransitions` of our term: decisions of different terms cannot be mixed up. */
  epoch(): number;
}>;

/** A Lease that this process believes to hold: when its last accepted renewal was sent. */
export type Term = Readonly<{ renewedAt: MonoMillis; duration: Millis }>;

export type Election = Leadership &
  Readonly<{
    /** For the watchdog: undefined while somebody else leads, or nobody. */
    term(): Term | undefined;
    /** Runs until `signal` aborts. `changed` is called when leadership begins or ends. */
    run(changed: (leading: boolean) => void, signal: AbortSignal): Promise<void>;
    /** Lets go of the Lease, so that a standby follows at once: call after all work has stopped. */
    release(): Promise<void>;
  }>;

export type ElectionPorts = Readonly<{
  clock: Clock;
  random: Random;
  lease: LeasePort;
  log: Log;
  meter: Meter;
  /** Breaks off whatever is under way, but not the release. */
  signal: AbortSignal;
}>;

export function createElection(ports: ElectionPorts, candidate: Candidate): Election {
  return new Campaign(ports, candidate);
}

/** A reason spares the exception that an abort without one makes each time. */
const FINISHED = "finished";
/** An API server that does not answer is not waited for: the Lease runs out by itself. */
const RELEASE_WITHIN = seconds(2);

class Campaign implements Election {
  readonly #ports: ElectionPorts;
  readonly #candidate: Candidate;
  #candidacy: Candidacy = { kind: "looking" };
  #announced = false;
  #problem: string | undefined;
  /** What we wrote last and were told of. */
  #accepted: LeaseRecord | undefined;
  readonly #bell = new Bell();

  constructor(ports: ElectionPorts, candidate: Candidate) {
    this.#ports = ports;
    this.#candidate = candidate;
  }

  leading(): boolean {
    return leads(this.#candidacy, this.#candidate, this.#ports.clock.mono());
  }

  timeLeft(): Millis {
    return timeLeft(this.#candidacy, this.#candidate, this.#ports.clock.mono());
  }

  epoch(): number {
    return this.#candidacy.kind === "leading" ? this.#candidacy.lease.record.transitions : -1;
  }

  term(): Term | undefined {
    if (this.#candidacy.kind !== "leading") return undefined;
    return { renewedAt: this.#candidacy.renewedAt, duration: this.#candidate.times.leaseDuration };
  }

  async run(changed: (leading: boolean) => void, signal: AbortSignal): Promise<void> {
    const watching = this.#watch(signal);
    while (!signal.aborted) {
      const begun = this.#ports.clock.mono();
      this.#candidacy = steppedDown(this.#candidacy, this.#candidate, begun);
      await this.#perform(firstAttempt(this.#candidacy, this.#ports.clock.wall()));
      const attempt = signal.aborted ? undefined : claim(this.#candidacy, this.#moment());
      if (attempt !== undefined) await this.#perform(attempt);
      this.#announce(changed);
      await this.#pause(begun, signal);
      this.#announce(changed);
    }
    await watching;
  }

  async release(): Promise<void> {
    if (this.#candidacy.kind !== "leading") return;
    const { lease } = this.#candidacy;
    this.#candidacy = { kind: "looking" };
    const { clock, lease: port, log } = this.#ports;
    const outcome = await within(clock, RELEASE_WITHIN, (signal) =>
      port.updateLease(lease, released(lease, clock.wall()), signal),
    );
    const { identity } = this.#candidate;
    if (outcome.kind === "written") log("info", "the Lease is released", { identity });
    else log("warn", "the Lease could not be released: it runs out", { identity, problem: outcome.message });
  }

  #moment(): Moment {
    const { clock } = this.#ports;
    return {
      candidate: this.#candidate,
      now: clock.mono(),
      wall: clock.wall(),
      accepted: this.#accepted,
    };
  }

  #announce(changed: (leading: boolean) => void): void {
    const leading = this.leading();
    if (leading === this.#announced) return;
    this.#announced = leading;
    this.#ports.log(
      "info",
      leading ? "leading: this replica decides and acts" : "no longer leading: deciding stops",
      {
        identity: this.#candidate.identity,
        holder: this.#candidacy.kind === "looking" ? undefined : this.#candidacy.lease.record.holder,
      },
    );
    changed(leading);
  }

  async #perform(attempt: Attempt): Promise<void> {
    if (attempt.kind === "read") return this.#within((signal) => this.#look(signal));
    const { clock, lease: port } = this.#ports;
    const sentAt = clock.mono();
    const { record } = attempt;
    await this.#within(async (signal) => {
      const outcome = await (attempt.kind === "create"
        ? port.createLease(record, signal)
        : port.updateLease(attempt.basis, record, signal));
      this.#settle(outcome, record, sentAt);
      // What a busy server turned away did not happen: there is nothing to look for.
      if (outcome.kind !== "written" && outcome.kind !== "throttled") await this.#look(signal);
      if (outcome.kind === "unreachable") this.#candidacy = onLostAnswer(this.#candidacy, { record, sentAt });
    });
  }

  /** Until the renew deadline of the current term, or for one deadline where there is none. */
  async #within(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { clock, signal } = this.#ports;
    const isLeading = this.#candidacy.kind === "leading";
    const left = isLeading ? this.timeLeft() : this.#candidate.times.renewDeadline;
    await within(clock, left, (late) => work(late), signal);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const reading = await this.#ports.lease.readLease(signal);
    if (reading.kind === "read") this.#candidacy = onRead(this.#candidacy, reading.value, this.#moment());
    if (reading.kind === "absent") this.#candidacy = onAbsent(this.#candidacy, this.#moment());
    if (reading.kind !== "absent") this.#note("the Lease cannot be read", reading);
  }

  #settle(outcome: WriteOutcome, record: LeaseRecord, sentAt: MonoMillis): void {
    measureWrite(this.#ports.meter, "lease", outcome);
    this.#note(
      "the Lease cannot be written: nothing is decided until it can; its namespace must exist",
      outcome,
    );
    if (outcome.kind !== "written") return;
    const lease = { record, resourceVersion: outcome.resourceVersion };
    this.#accepted = record;
    this.#candidacy = { kind: "leading", lease, renewedAt: sentAt };
  }

  /** A problem is told when it begins, changes or ends, not at every attempt. */
  #note(complaint: string, outcome: ReadOutcome<unknown> | WriteOutcome): void {
    const problem = "message" in outcome && outcome.kind !== "conflict" ? outcome.message : undefined;
    if (problem === this.#problem) return;
    if (problem !== undefined) this.#ports.log("warn", complaint, { problem, outcome: outcome.kind });
    else this.#ports.log("info", "the Lease is in reach again");
    this.#problem = problem;
  }

  /** A standby that sees the Lease let go does not wait out its pause. */
  #watch(signal: AbortSignal): Promise<void> {
    return this.#ports.lease.watchLease((lease) => {
      if (this.#candidacy.kind === "leading") return;
      this.#candidacy = onRead(this.#candidacy, lease, this.#moment());
      if (lease.record.holder === "") this.#bell.ring();
    }, signal);
  }

  /** From attempt to attempt: slow answers do not add to it, so that renewals still come in time. */
  #pause(begun: MonoMillis, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports;
    const jittered = this.#candidate.times.retryPeriod * (1 + 0.2 * random.next());
    return this.#bell.wait(clock, millis(Math.max(0, jittered - elapsed(begun, clock.mono()))), signal);
  }
}

/** Work that is told to stop after `duration`, or when `breakOff` aborts. */
async function within<T>(
  clock: Clock,
  duration: Millis,
  work: (signal: AbortSignal) => Promise<T>,
  breakOff?: AbortSignal,
): Promise<T> {
  const [late, finished] = [new AbortController(), new AbortController()];
  const stop = (): void => late.abort();
  if (breakOff?.aborted === true) stop();
  breakOff?.addEventListener("abort", stop, { once: true });
  void clock.sleep(duration, finished.signal).then(() => {
    if (!finished.signal.aborted) stop();
  });
  const result = await work(late.signal);
  finished.abort(FINISHED);
  breakOff?.removeEventListener("abort", stop);
  return result;
}
