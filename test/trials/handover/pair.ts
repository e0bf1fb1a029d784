/**
 * Two replicas of the operator over one simulated world, and the truth about the Lease between them.
 *
 * Invariant: deadlines are those of renewals that the API server accepted, from the moment they were sent.
 */
import { must } from "../../../src/base/assert.ts";
import type { Clock } from "../../../src/base/clock.ts";
import { type EpochMillis, type Millis, millis, monoMillis, seconds } from "../../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { runOperator } from "../../../src/compose.ts";
import { ELECTION_TIMES } from "../../../src/reconcile/election/candidacy.ts";
import type { LeasePort, LeaseRecord } from "../../../src/reconcile/port.ts";
import type { World } from "../../../src/reconcile/world.ts";
import type { VirtualTime } from "../../../src/sim/clock.ts";
import { onlyTheHolder } from "../../../src/sim/invariants/write-invariants.ts";
import { Witness } from "../../../src/sim/invariants/witness.ts";
import type { SimModel } from "../../../src/sim/model.ts";
import type { ApiCall, Fault } from "../../../src/sim/ports/fault.ts";
import { SimulatedProcess } from "../../../src/sim/process.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { never } from "../../sim/stage.ts";

export type Replica = Readonly<{
  identity: string;
  process: SimulatedProcess;
  stop: AbortController;
  ended: Promise<unknown>;
}>;

const CUT_OFF = { kind: "unreachable", message: "cut off from the Lease" } as const;

export class Pair {
  readonly model: SimModel;
  readonly time: VirtualTime;
  /** Writes while another, or nobody, held the Lease; and those of them after the writer's own deadline. */
  readonly besideHolder: string[] = [];
  readonly afterDeadline: string[] = [];
  readonly errors: string[] = [];
  /** Who took the Lease, and when. */
  readonly terms: Readonly<{ at: Millis; holder: string; acquiredAt: EpochMillis }>[] = [];
  readonly #world: SimulatedWorld;
  readonly #witness: Witness;
  readonly #replicas: Replica[] = [];
  readonly #deadlines = new Map<string, Millis>();
  readonly #cutOff = new Set<string>();
  #latency: (call: ApiCall) => Millis = () => seconds(0);

  constructor(world: SimulatedWorld & Readonly<{ faults: Fault[] }>) {
    world.faults.push({ name: "latency", slow: (call) => this.#latency(call) });
    this.#world = world;
    this.model = world.model;
    this.time = world.time;
    this.#witness = new Witness(world, {
      lag: () => seconds(5),
      resolution: SIMULATED_SETUP.decision.resolution,
      tell: (seen) => {
        if (seen.kind !== "write") return;
        const judgement = onlyTheHolder.judge(seen);
        if (typeof judgement !== "object") return;
        const { at, identity } = seen.write;
        this.besideHolder.push(`at ${at}: ${judgement.broken}`);
        const deadline = this.#deadlines.get(identity) ?? 0;
        if (at > deadline) this.afterDeadline.push(`at ${at}, after ${deadline}: ${judgement.broken}`);
      },
    });
  }

  get writes(): Witness["writes"] {
    return this.#witness.writes;
  }

  start(identity: string, rate = 1): void {
    const process = new SimulatedProcess(this.#world);
    const world = this.#witness.worldOf(process, identity);
    const stop = new AbortController();
    const ended = runOperator({
      world: {
        ...world,
        clock: atRate(world.clock, rate),
        api: { ...world.api, ...this.#noting(world.api, identity) },
      },
      setup: { ...SIMULATED_SETUP, identity },
      log: (level, message) => void (level === "error" && this.errors.push(message)),
      observe: () => undefined,
      signal: stop.signal,
    });
    this.#replicas.push({ identity, process, stop, ended });
  }

  /** Who was given the Lease last. */
  leader(): Replica {
    const holder = this.terms.at(-1)?.holder;
    return must(
      this.#replicas.find(({ identity }) => identity === holder),
      "one of the replicas leads",
    );
  }

  standby(): Replica {
    const leader = this.leader();
    return must(
      this.#replicas.find((replica) => replica !== leader),
      "there is another one",
    );
  }

  kill(): void {
    const { process, stop } = this.leader();
    process.kill();
    stop.abort();
  }

  /** How long calls take from now on, by what they are about. */
  setLatency(latency: (call: ApiCall) => Millis): void {
    this.#latency = latency;
  }

  /** None of a replica's calls about the Lease arrives any more. */
  cutOff({ identity }: Replica): void {
    this.#cutOff.add(identity);
  }

  async editLease(change: Partial<LeaseRecord>): Promise<void> {
    const { api } = this.#world.world;
    const reading = await this.time.settle(api.readLease(never));
    if (reading.kind !== "read") return;
    const record = { ...reading.value.record, ...change };
    await this.time.settle(api.updateLease(reading.value, record, never));
  }

  async end(): Promise<void> {
    for (const { process, stop } of this.#replicas) {
      process.resume();
      stop.abort();
    }
    await this.time.settle(Promise.all(this.#replicas.map(({ ended }) => ended)));
  }

  #noting(api: World["api"], identity: string): Pick<LeasePort, "createLease" | "updateLease" | "readLease"> {
    const note = async (record: LeaseRecord, call: () => ReturnType<LeasePort["createLease"]>) => {
      const sent = this.time.now();
      const outcome = await call();
      if (outcome.kind !== "written") return outcome;
      this.#deadlines.set(identity, millis(sent + ELECTION_TIMES.renewDeadline));
      const { holder, acquiredAt } = record;
      const last = this.terms.at(-1);
      if (holder !== "" && (last?.holder !== holder || last.acquiredAt !== acquiredAt))
        this.terms.push({ at: this.time.now(), holder, acquiredAt });
      return outcome;
    };
    const reached = async <T>(call: () => Promise<T>): Promise<T | typeof CUT_OFF> =>
      this.#cutOff.has(identity) ? CUT_OFF : call();
    return {
      readLease: (signal) => reached(() => api.readLease(signal)),
      createLease: (record, signal) => reached(() => note(record, () => api.createLease(record, signal))),
      updateLease: (basis, record, signal) =>
        reached(() => note(record, () => api.updateLease(basis, record, signal))),
    };
  }
}

/** A clock that goes faster or slower than the world. */
function atRate(clock: Clock, rate: number): Clock {
  if (rate === 1) return clock;
  const start = clock.mono();
  return {
    ...clock,
    mono: () => monoMillis(start + (clock.mono() - start) * rate),
    sleep: (duration, signal) => clock.sleep(millis(duration / rate), signal),
  };
}
