/**
 * Takes each decision's record to where people look: the policy's status, paced over all policies, and its
 * Events. Deciding never waits for this.
 *
 * Invariant: what is written is the newest status at the moment of writing, only by a leader, and a status
 * that could not be written is written with a later decision.
 */
import { Bell } from "./bell.ts";
import type { Clock } from "../base/clock.ts";
import type { ObjectKey, Uid } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import type { WriteOutcome } from "../base/outcome.ts";
import { hasReached } from "../base/resource-version.ts";
import { elapsed, millis, minutes, type MonoMillis } from "../base/units.ts";
import { keyOf, type Meta } from "../cluster/object.ts";
import type { Reader } from "../cluster/view.ts";
import type { PolicyObject } from "../cluster/workload.ts";
import { parseStatus } from "../policy/parse-status.ts";
import type { Act, HistoryStatus, ScalePolicyStatus } from "../policy/status.ts";
import { EventBudget } from "../report/event-budget.ts";
import { eventsOf } from "../report/events.ts";
import { measureWrite } from "../report/measure/decisions.ts";
import { StatusPacer } from "../report/pacer.ts";
import type { NodeEvent, ReportedEvent, ReportPort } from "../report/port.ts";
import type { DecisionRecord } from "../report/record.ts";
import { needsWriting } from "../report/status-change.ts";
import { statusOf } from "../report/status.ts";
import type { Leadership } from "./election/driver.ts";

/** Events that wait to be sent; when full, further ones are dropped and counted, for they are never state. */
const EVENTS_MAX = 1000;
const IDLE = minutes(1);
/** One that is slow keeps no place from the others; each policy has one at most. */
const SIDE_BY_SIDE = 8;

export type ReporterPorts = Readonly<{
  clock: Clock;
  api: ReportPort;
  leadership: Leadership;
  policies: Reader<PolicyObject>;
  /** The API server, asked for this version, does not find a policy that the watch still shows. */
  missed(policy: Meta): void;
  /** It has taken a policy's status, which made this version. */
  taken(policy: Meta, resourceVersion: string): void;
  /** The name that each status carries. */
  installation: string;
  log: Log;
  meter: Meter;
  /** Breaks off whatever is under way. */
  signal: AbortSignal;
}>;

export type News = Readonly<{
  record: DecisionRecord;
  history: HistoryStatus | undefined;
  /** What others did to the target since the last record, newest first. */
  acts: readonly Act[];
}>;

/** `status` was computed last, `written` was accepted last (or is what the API showed at the start). */
type Told = Readonly<{
  policy: Uid;
  /** Of our own last write, which the watch may not have shown yet. */
  resourceVersion: string | undefined;
  status: ScalePolicyStatus | undefined;
  written: ScalePolicyStatus | undefined;
  writtenAt: MonoMillis | undefined;
}>;

type Attempt = Readonly<{ status: ScalePolicyStatus; outcome: WriteOutcome }>;

export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #told = new Map<ObjectKey, Told>();
  readonly #pacer = new StatusPacer();
  readonly #writing = new Map<ObjectKey, Promise<void>>();
  readonly #events: ReportedEvent[] = [];
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
    if (object === undefined || object.meta.uid !== record.policy.uid) return undefined;
    const known = this.#told.get(key);
    const told = known?.policy === object.meta.uid ? known : asShown(object);
    const { installation } = this.#ports;
    const status = statusOf({ record, previous: told.status, history, acts, installation });
    this.#queueEvents(key, eventsOf({ record, policy: object.meta, previous: told.status, next: status }));
    this.#told.set(key, { ...told, status });
    this.#wantWritten(key, told, status);
    return status;
  }

  #wantWritten(key: ObjectKey, { written, writtenAt }: Told, status: ScalePolicyStatus): void {
    const since = writtenAt === undefined ? undefined : elapsed(writtenAt, this.#ports.clock.mono());
    const need = needsWriting(written, status, since);
    if (need === undefined || this.#writing.has(key)) return;
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

  /**
   * At the end, while this replica still leads: what changed its meaning is written, until all that is under
   * way is broken off.
   */
  async flush(): Promise<void> {
    const { signal } = this.#ports;
    const waiting = this.#told.entries();
    const writeSome = async (): Promise<void> => {
      for (const [key, { status, written }] of waiting) {
        if (signal.aborted) return;
        if (status !== undefined && needsWriting(written, status, millis(0)) === "meaning")
          await this.#writeStatus(key);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, writeSome));
    while (this.#events.length > 0 && !signal.aborted) await this.#emitNext();
  }

  async #runStatuses(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      const isFull = this.#writing.size >= SIDE_BY_SIDE;
      const key = isFull ? undefined : this.#pacer.take(clock.mono());
      if (key !== undefined) this.#startWriting(key);
      else {
        const next = isFull ? undefined : this.#pacer.nextTurn(clock.mono());
        const pause = next === undefined ? IDLE : millis(Math.max(1, next - clock.mono()));
        await this.#statusBell.wait(clock, pause, signal);
      }
    }
    await Promise.all(this.#writing.values());
  }

  /** What is decided meanwhile is written afterwards. */
  #startWriting(key: ObjectKey): void {
    const begun = this.#told.get(key)?.status;
    const writing = this.#writeStatus(key).then(() => {
      this.#writing.delete(key);
      const told = this.#told.get(key);
      if (told?.status !== undefined && told.status !== begun) this.#wantWritten(key, told, told.status);
      this.#statusBell.ring();
    });
    this.#writing.set(key, writing);
  }

  async #writeStatus(key: ObjectKey): Promise<void> {
    const { api, policies, leadership, meter } = this.#ports;
    const told = this.#told.get(key);
    const meta = policies.get(key)?.meta;
    const status = told?.status;
    if (told === undefined || status === undefined || meta === undefined || !leadership.leading()) return;
    const asked = newest(meta, told);
    const outcome = await api.writeStatus(asked, status, this.#ports.signal);
    measureWrite(meter, "status", outcome);
    this.#learn(key, asked, { status, outcome });
  }

  /** What was not written is tried again with the next decision; after a conflict, on the newer version. */
  #learn(key: ObjectKey, asked: Meta, { status, outcome }: Attempt): void {
    const { clock, taken, missed, log } = this.#ports;
    switch (outcome.kind) {
      case "written": {
        const { resourceVersion } = outcome;
        this.#update(key, asked, { resourceVersion, written: status, writtenAt: clock.mono() });
        return taken(asked, resourceVersion);
      }
      case "absent":
        // It shows nothing: the next status is written whatever it says, to learn whether it is there.
        this.#update(key, asked, { written: undefined });
        return missed(asked);
      case "conflict":
        return;
      case "forbidden":
      case "refused":
      case "throttled":
      case "failed":
      case "unreachable":
        log("warn", "a policy's status cannot be written", { policy: key, problem: outcome.message });
    }
  }

  #update(key: ObjectKey, { uid }: Meta, change: Partial<Told>): void {
    const now = this.#told.get(key);
    if (now?.policy === uid) this.#told.set(key, { ...now, ...change });
  }

  /** Tells of a node, if this replica leads: all of them see the same. Whether it is told. */
  tellOfNode(event: NodeEvent): boolean {
    return this.#ports.leadership.leading() && this.#queueEvents(keyOf({ meta: event.node }), [event]);
  }

  /** Whether all of them are sent. */
  #queueEvents(key: ObjectKey, events: readonly ReportedEvent[]): boolean {
    const { clock, meter } = this.#ports;
    let all = true;
    for (const event of events)
      if (this.#events.length < EVENTS_MAX && this.#budget.spend(key, clock.mono())) this.#events.push(event);
      else {
        meter.count("plimsoll_events_dropped_total");
        all = false;
      }
    if (this.#events.length > 0) this.#eventBell.ring();
    return all;
  }

  async #runEvents(signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      if (this.#events.length > 0) await this.#emitNext();
      else await this.#eventBell.wait(this.#ports.clock, IDLE, signal);
  }

  async #emitNext(): Promise<void> {
    const { api, meter, signal } = this.#ports;
    const event = this.#events.shift();
    if (event !== undefined) measureWrite(meter, "event", await api.emit(event, signal));
  }
}

/** What the API shows before this process has told anything. */
function asShown({ meta, status }: PolicyObject): Told {
  const shown = parseStatus(status);
  return {
    policy: meta.uid,
    resourceVersion: undefined,
    status: shown,
    written: shown,
    writtenAt: undefined,
  };
}

/** The object at the later of the versions that the watch showed and that our own write made. */
function newest(meta: Meta, { policy, resourceVersion }: Told): Meta {
  const behind =
    policy === meta.uid &&
    resourceVersion !== undefined &&
    hasReached(meta.resourceVersion, resourceVersion) === false;
  return behind ? { ...meta, resourceVersion } : meta;
}
