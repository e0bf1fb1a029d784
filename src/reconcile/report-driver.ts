/**
 * Takes each decision's record to where people look: the policy's status, paced over all policies, and its
 * Events. Deciding never waits for this.
 *
 * Invariant: what is written is the newest status at the moment of writing, only by a leader, and a status
 * that could not be written is written with a later decision.
 */
import { Bell } from "./bell.ts";
import type { Clock } from "../base/clock.ts";
import type { ObjectKey } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import type { WriteOutcome } from "../base/outcome.ts";
import { elapsed, millis, minutes, type MonoMillis } from "../base/units.ts";
import type { Reader } from "../cluster/view.ts";
import type { PolicyObject } from "../cluster/workload.ts";
import { parseStatus } from "../policy/parse-status.ts";
import type { Act, HistoryStatus, ScalePolicyStatus } from "../policy/status.ts";
import { EventBudget } from "../report/event-budget.ts";
import { eventsOf } from "../report/events.ts";
import { measureWrite } from "../report/measure/decisions.ts";
import { StatusPacer } from "../report/pacer.ts";
import type { PolicyEvent, ReportPort } from "../report/port.ts";
import type { DecisionRecord } from "../report/record.ts";
import { needsWriting } from "../report/status-change.ts";
import { statusOf } from "../report/status.ts";
import type { Leadership } from "./election/driver.ts";

/** Events that wait to be sent; when full, further ones are dropped and counted, for they are never state. */
const EVENTS_MAX = 1000;
const IDLE = minutes(1);

export type ReporterPorts = Readonly<{
  clock: Clock;
  api: ReportPort;
  leadership: Leadership;
  policies: Reader<PolicyObject>;
  log: Log;
  meter: Meter;
}>;

export type News = Readonly<{
  record: DecisionRecord;
  history: HistoryStatus | undefined;
  /** What others did to the target since the last record, newest first. */
  acts: readonly Act[];
}>;

/** `status` was computed last, `written` was accepted last (or is what the API showed at the start). */
type Told = Readonly<{
  status: ScalePolicyStatus | undefined;
  written: ScalePolicyStatus | undefined;
  writtenAt: MonoMillis | undefined;
}>;

export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #told = new Map<ObjectKey, Told>();
  readonly #pacer = new StatusPacer();
  readonly #events: PolicyEvent[] = [];
  readonly #budget = new EventBudget();
  readonly #statusBell = new Bell();
  readonly #eventBell = new Bell();

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  /** The status after this record; undefined when the policy went meanwhile. */
  report({ record, history, acts }: News): ScalePolicyStatus | undefined {
    const key = record.id.policy;
    const object = this.#ports.policies.get(key);
    if (object === undefined) return undefined;
    const told = this.#told.get(key) ?? asShown(object);
    const status = statusOf({ record, previous: told.status, history, acts });
    this.#queueEvents(key, eventsOf({ record, policy: object.meta, previous: told.status, next: status }));
    this.#told.set(key, { ...told, status });
    this.#wantWritten(key, told, status);
    return status;
  }

  #wantWritten(key: ObjectKey, { written, writtenAt }: Told, status: ScalePolicyStatus): void {
    const since = writtenAt === undefined ? undefined : elapsed(writtenAt, this.#ports.clock.mono());
    const need = needsWriting(written, status, since);
    if (need === undefined) return;
    this.#pacer.add(key, need);
    this.#statusBell.ring();
  }

  forget(key: ObjectKey): void {
    this.#told.delete(key);
    this.#pacer.forget(key);
    this.#budget.forget(key);
  }

  /** Another may have written since: what was told before counts for nothing. */
  clear(): void {
    this.#told.clear();
    this.#pacer.clear();
    this.#events.length = 0;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#runStatuses(signal), this.#runEvents(signal)]);
  }

  async #runStatuses(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      const key = this.#pacer.take(clock.mono());
      if (key !== undefined) await this.#writeStatus(key);
      else {
        const next = this.#pacer.nextTurn(clock.mono());
        const pause = next === undefined ? IDLE : millis(Math.max(1, next - clock.mono()));
        await this.#statusBell.wait(clock, pause, signal);
      }
    }
  }

  async #writeStatus(key: ObjectKey): Promise<void> {
    const { api, clock, policies, leadership, meter } = this.#ports;
    const told = this.#told.get(key);
    const meta = policies.get(key)?.meta;
    const status = told?.status;
    if (status === undefined || meta === undefined || !leadership.leading()) return;
    const outcome = await api.writeStatus(meta, status);
    measureWrite(meter, "status", outcome);
    const now = this.#told.get(key);
    if (now !== undefined && outcome.kind === "written")
      this.#told.set(key, { ...now, written: status, writtenAt: clock.mono() });
    else this.#notWritten(key, outcome);
  }

  /** A conflict means that the watch is behind; everything else is tried again with the next decision. */
  #notWritten(key: ObjectKey, outcome: WriteOutcome): void {
    if (outcome.kind === "written") return;
    if (outcome.kind === "conflict") this.#pacer.add(key, "meaning");
    else if (outcome.kind !== "absent")
      this.#ports.log("warn", "a policy's status cannot be written", {
        policy: key,
        problem: outcome.message,
      });
  }

  #queueEvents(key: ObjectKey, events: readonly PolicyEvent[]): void {
    const { clock, meter } = this.#ports;
    for (const event of events)
      if (this.#events.length < EVENTS_MAX && this.#budget.spend(key, clock.mono())) this.#events.push(event);
      else meter.count("plimsoll_events_dropped_total");
    if (this.#events.length > 0) this.#eventBell.ring();
  }

  async #runEvents(signal: AbortSignal): Promise<void> {
    const { api, clock, meter } = this.#ports;
    while (!signal.aborted) {
      const event = this.#events.shift();
      if (event === undefined) await this.#eventBell.wait(clock, IDLE, signal);
      else {
        const outcome = await api.emit(event);
        measureWrite(meter, "event", outcome);
      }
    }
  }
}

/** What the API shows before this process has told anything. */
function asShown(object: PolicyObject): Told {
  const shown = parseStatus(object.status);
  return { status: shown, written: shown, writtenAt: undefined };
}
