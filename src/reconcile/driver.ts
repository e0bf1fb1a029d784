/**
 * The conductor: takes policies whose time has come, runs their rounds side by side, and says when each is
 * to be looked at again. It decides nothing.
 *
 * Invariants: rounds run only while this replica leads and every cache has been filled once; one round per
 * policy at a time and at most `ROUNDS_MAX` in all; what goes wrong in one policy's round delays no other.
 */
import { doubling } from "../actuate/reaction.ts";
import { Bell } from "./bell.ts";
import type { NodeName, ObjectKey } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import {
  elapsed,
  later,
  type Millis,
  millis,
  minutes,
  type MonoMillis,
  monoMillis,
  seconds,
} from "../base/units.ts";
import { keyOf } from "../cluster/object.ts";
import { KINDS } from "../cluster/port.ts";
import type { ClusterView } from "../cluster/view.ts";
import { encodeHistory } from "../coordinate/history.ts";
import { measureDecision, measureWrite, type RoundTimes } from "../report/measure/decisions.ts";
import type { PolicyGauges } from "../report/measure/policies.ts";
import type { DecisionRecord, Trigger } from "../report/record.ts";
import { Freshness } from "./due/freshness.ts";
import { KeyedQueue, type Turn } from "./due/queue.ts";
import type { Waking } from "./due/waking.ts";
import type { Reporter } from "./report-driver.ts";
import { type Recorded, type RoundParts, type RoundResult, runRound } from "./round/driver.ts";

/** Rounds that may wait for the API server at the same time; those that need no request do not count long. */
const ROUNDS_MAX = 32;
/** A pass gives way to other work after this long. */
const SLICE = millis(10);
/** How soon to look again for our own write in the watch. */
const OWN_WRITE_PAUSE = millis(250);
const IDLE = seconds(1);

/** Whatever changes, a policy is looked at once a second for it at most. */
const WAKE_PERIOD = seconds(1);
const CRASH_PAUSE_FIRST = seconds(10);
const CRASH_PAUSE_MAX = minutes(10);

type Planned = Extract<DecisionRecord["verdict"], { kind: "planned" }>;

export type ReconcilerParts = RoundParts &
  Readonly<{
    reporter: Reporter;
    gauges: PolicyGauges;
    log: Log;
    meter: Meter;
    resolution: Millis;
    /** Every record, for whoever watches (the demo, tests). */
    observe(record: DecisionRecord): void;
  }>;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #queue = new KeyedQueue<ObjectKey, Trigger>();
  readonly #freshness: Freshness;
  readonly #bell = new Bell();
  /** Policies whose round met a bug, and until when they are left alone. */
  readonly #quarantine = new Map<ObjectKey, Readonly<{ crashes: number; until: MonoMillis }>>();
  readonly #lookedAt = new Map<ObjectKey, MonoMillis>();
  /** Counts leaderships: what a round of an earlier one brings is dropped. */
  #term = 0;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#freshness = new Freshness(parts.resolution);
  }

  /** A policy, or something that its decision depends on, is not what it was. */
  wake({ policy, trigger, replicas }: Waking): void {
    const state = this.#parts.states.known(policy);
    if (replicas !== undefined && state?.wroteLast(replicas) === true) return;
    if (trigger === "policy-changed") {
      this.#quarantine.delete(policy);
      state?.recovered();
    }
    const now = this.#parts.clock.mono();
    const soonest = later(this.#lookedAt.get(policy) ?? monoMillis(0), WAKE_PERIOD);
    this.#enqueue(policy, soonest > now ? soonest : now, trigger);
  }

  /** A container of this workload, if of any, was killed for want of memory: its policies say so at once. */
  killed(workload: ObjectKey | undefined): void {
    if (workload === undefined) return;
    for (const policy of this.#parts.sources.view.policiesTargeting(workload)) {
      this.#parts.recommender.outdate(keyOf(policy));
      this.wake({ policy: keyOf(policy), trigger: "oom-kill" });
    }
  }

  /** A kubelet has answered; `fresh`: with samples that were new. */
  heard(node: NodeName, fresh: boolean): void {
    for (const { policy, due } of this.#freshness.heard(node, fresh, this.#parts.clock.mono()))
      this.#enqueue(policy, due, "fresh-samples");
  }

  /** Leadership began: everything is decided afresh, from what the API remembers. */
  begin(): void {
    const now = this.#parts.clock.mono();
    this.#forgetAll();
    for (const { meta } of this.#parts.sources.view.of.scalepolicies.all())
      this.#enqueue(`${meta.namespace}/${meta.name}` as ObjectKey, now, "took-over");
  }

  /** Leadership ended: what this replica remembers may be overtaken by the next leader. */
  end(): void {
    this.#forgetAll();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, stalls } = this.#parts;
    const running = new Set<Promise<void>>();
    let sliceStart = clock.mono();
    while (!signal.aborted) {
      const turn = this.#nextTurn(running.size);
      const now = clock.mono();
      const pause = turn === undefined ? this.#untilNext() : millis(0);
      stalls.expectBack(now, later(now, pause));
      if (turn === undefined) {
        await this.#bell.wait(clock, pause, signal);
        sliceStart = clock.mono();
        continue;
      }
      const round = this.#runTurn(turn).then(() => {
        running.delete(round);
        this.#bell.ring();
      });
      running.add(round);
      if (elapsed(sliceStart, clock.mono()) < SLICE) continue;
      await clock.sleep(millis(0), signal);
      sliceStart = clock.mono();
    }
    await Promise.all(running);
  }

  #nextTurn(runningCount: number): Turn<ObjectKey, Trigger> | undefined {
    const { leadership, sources, clock, meter } = this.#parts;
    if (runningCount >= ROUNDS_MAX || !leadership.leading() || !allSynced(sources.view)) return undefined;
    const turn = this.#queue.take(clock.mono());
    if (turn !== undefined) meter.observe("plimsoll_queue_wait_seconds", turn.waitedFor / 1000);
    return turn;
  }

  /** Until something is due; a due policy that may not run yet waits for the bell. */
  #untilNext(): Millis {
    const wait = (this.#queue.nextDue() ?? Infinity) - this.#parts.clock.mono();
    return wait > 0 && wait < IDLE ? millis(wait) : IDLE;
  }

  async #runTurn({ key, reason, waitedFor }: Turn<ObjectKey, Trigger>): Promise<void> {
    const { clock } = this.#parts;
    const [start, term] = [clock.mono(), this.#term];
    this.#lookedAt.set(key, start);
    try {
      const result = await runRound(this.#parts, key, reason);
      if (term !== this.#term) return;
      this.#quarantine.delete(key);
      this.#follow(key, result);
      const times = { waited: millis(waitedFor), took: elapsed(start, clock.mono()) };
      if (result.kind === "recorded") this.#tell(result, times);
    } catch (bug) {
      this.#isolate(key, bug);
    } finally {
      this.#queue.done(key);
    }
  }

  /** One broken object delays no other, and is left alone ever longer itself. */
  #isolate(key: ObjectKey, bug: unknown): void {
    const now = this.#parts.clock.mono();
    const crashes = (this.#quarantine.get(key)?.crashes ?? 0) + 1;
    const until = later(now, doubling(CRASH_PAUSE_FIRST, crashes, CRASH_PAUSE_MAX));
    this.#parts.log("error", "a policy's round failed on a bug; it is tried again later, others go on", {
      policy: key,
      problem: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug),
    });
    this.#quarantine.set(key, { crashes, until });
    this.#enqueue(key, until, "retry");
  }

  #follow(key: ObjectKey, result: RoundResult): void {
    const now = this.#parts.clock.mono();
    switch (result.kind) {
      case "gone":
        this.#forget(key);
        return;
      case "too-early":
        this.#enqueue(key, later(now, OWN_WRITE_PAUSE), "retry");
        return;
      case "waiting":
        this.#enqueue(key, later(now, result.pause), "retry");
        return;
      case "recorded": {
        this.#enqueue(key, this.#freshness.close(key, result.nodes, now), "timer");
        if (result.lookAgainIn !== undefined) this.#enqueue(key, later(now, result.lookAgainIn), "retry");
      }
    }
  }

  #tell({ record, memory, acts, spec }: Recorded, times: RoundTimes): void {
    const { reporter, gauges, observe, meter } = this.#parts;
    const { verdict } = record;
    const planned = verdict.kind === "planned" ? verdict : undefined;
    const history = planned && memory && encodeHistory(memory, planned.question, countAfter(planned));
    const status = reporter.report({ record, history, acts });
    if (status !== undefined) gauges.show(record.id.policy, { record, status, spec });
    measureDecision(meter, record, times);
    if (planned?.effect.kind === "scaled") measureWrite(meter, "scale", planned.effect.outcome);
    observe(record);
  }

  /** A replica that does not lead keeps no wishes: whoever begins to lead looks at everything. */
  #enqueue(key: ObjectKey, at: MonoMillis, trigger: Trigger): void {
    if (!this.#parts.leadership.leading()) return;
    const { until } = this.#quarantine.get(key) ?? { until: at };
    this.#queue.add(key, until > at ? until : at, trigger);
    this.#bell.ring();
  }

  #forget(key: ObjectKey): void {
    const { states, fleet, reporter, gauges, recommender, applier } = this.#parts;
    this.#freshness.forget(key);
    this.#quarantine.delete(key);
    this.#lookedAt.delete(key);
    states.forget(key);
    fleet.forget(key);
    reporter.forget(key);
    gauges.forget(key);
    recommender.outdate(key);
    applier.forget(key);
  }

  #forgetAll(): void {
    const { states, fleet, reporter, gauges, recommender, applier } = this.#parts;
    this.#term += 1;
    this.#queue.clear();
    this.#freshness.clear();
    this.#quarantine.clear();
    this.#lookedAt.clear();
    states.clear();
    fleet.clear();
    reporter.clear();
    gauges.clear();
    recommender.clear();
    applier.clear();
  }
}

/** spec.replicas of the target as far as this round knows. */
function countAfter({ plan, effect }: Planned): number {
  return effect.kind === "scaled" && effect.outcome.kind === "written" ? plan.to : plan.from;
}

function allSynced(view: ClusterView): boolean {
  return KINDS.every((kind) => view.of[kind].synced());
}
