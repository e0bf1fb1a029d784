/**
 * One storm: an hour of a small world under faults, with every invariant judged at every step, then calm, in which the
 * operator has to come to rest where it should.
 *
 * Invariant: a run depends on its weather alone, so that a failure can be played again.
 */
import { objectKey } from "../../../src/base/ids.ts";
import { epochMillis, type Millis, millis, minutes, seconds } from "../../../src/base/units.ts";
import type { Kind } from "../../../src/cluster/port.ts";
import { schedule } from "../../../src/sim/faults/faults.ts";
import type { FaultPlan, Ground } from "../../../src/sim/faults/fault-row.ts";
import { INVARIANTS } from "../../../src/sim/invariants/invariants.ts";
import type { Observation } from "../../../src/sim/invariants/observed.ts";
import { Witness } from "../../../src/sim/invariants/witness.ts";
import { chanceOf } from "../../../src/sim/chance.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import { createSimulatedWorld, type SimulatedWorld } from "../../../src/sim/world.ts";
import { calmDown } from "./calm.ts";
import { createFleet } from "./fleet.ts";
import { heapNow } from "./heap.ts";
import { NODE } from "../../../src/sim/scenario/stage.ts";
import { scenarioTextOf } from "./scenario-text.ts";
import { shapesOf } from "./shapes.ts";
import type { Weather } from "./weather.ts";

export type StormResult = Readonly<{
  seed: number;
  /** What was broken, with the moment; empty: nothing was. */
  problems: readonly string[];
  simulated: Millis;
  /** How many faults there were to be. */
  planned: number;
  /** How often each kind of fault took effect. */
  faults: Readonly<Record<string, number>>;
  /** How often each invariant had something to judge. */
  checks: Readonly<Record<string, number>>;
  /** How many workloads were of each shape. */
  shapes: Readonly<Record<string, number>>;
  writes: number;
  processes: number;
  /** In bytes, without garbage: when the second day of a long run began, and at its end. */
  heap: Readonly<{ settled: number; end: number }> | undefined;
}>;

const LOOK_EVERY = seconds(5);
/** A view is this old at most when nothing is done to its watch. */
const LAG = seconds(5);
/** Faults of watches keep a view back for as long as they last, and two minutes more. */
const LAG_AFTER = minutes(4);
const PROBLEMS_MAX = 5;

export async function runStorm(weather: Weather): Promise<StormResult> {
  const faults: Fault[] = [];
  const simulated = createSimulatedWorld({ seed: weather.seed, faults });
  const { model, time } = simulated;
  const tally = new Tally();
  const { resolution } = weather;
  const tell = (seen: Observation): void => tally.judge(seen, time.now());
  const witness = new Witness(simulated, { lag: rightfulLag(weather), resolution, tell });
  const { processes, records } = createFleet(simulated, { witness, resolution }, (level, message, facts) => {
    if (level === "error") tally.complain(`${message} ${JSON.stringify(facts)}`, time.now());
  });
  for (const name of weather.nodes) model.addNode({ name, ...NODE });
  for (const { blueprint } of weather.workloads) model.addWorkload(blueprint, "settled");
  for (const { policy } of weather.workloads) model.apply(policy);
  const ground: Ground = {
    ...weather,
    model,
    time,
    faults,
    random: chanceOf(weather.seed, "faults"),
    operators: processes,
  };
  for (const plan of weather.faults) schedule(ground, plan, () => tally.bit(plan));
  processes.start();
  if (weather.standby) processes.start();
  const days = new Days(simulated, witness);
  while (time.now() < weather.calmFrom) {
    await time.advance(LOOK_EVERY);
    witness.look(undisturbedAt(weather, time.now()));
    days.turn();
  }
  const heap = days.end();
  if (heap !== undefined) tell({ kind: "heap", ...heap });
  await calmDown({ records, weather, simulated, witness, tell });
  await processes.end();
  return {
    ...tally.result(),
    seed: weather.seed,
    planned: weather.faults.length,
    shapes: countShapes(weather),
    simulated: time.now(),
    writes: witness.writeCount,
    processes: processes.started,
    heap,
  };
}

const DAY = minutes(24 * 60);
/** Longer than any window, budget or lag that is judged by. */
const ASKED_FOR = minutes(2 * 60);

/** Of a run of days: its heap, and what the judges themselves remember. */
class Days {
  readonly #simulated: SimulatedWorld;
  readonly #witness: Witness;
  #begun = 0;
  #settled: number | undefined;

  constructor(simulated: SimulatedWorld, witness: Witness) {
    this.#simulated = simulated;
    this.#witness = witness;
  }

  turn(): void {
    if (this.#simulated.time.now() < (this.#begun + 1) * DAY) return;
    this.#begun += 1;
    this.#settled ??= this.#measured();
  }

  /** Nothing where there was no second day. */
  end(): StormResult["heap"] {
    return this.#begun > 1 && this.#settled !== undefined
      ? { settled: this.#settled, end: this.#measured() }
      : undefined;
  }

  #measured(): number {
    const { time, model } = this.#simulated;
    this.#witness.forget(millis(time.now() - ASKED_FOR));
    model.forget(epochMillis(time.wall() - ASKED_FOR));
    return heapNow();
  }
}

/** Counts, and remembers the first problems. */
class Tally {
  readonly #problems: string[] = [];
  readonly #faults: Record<string, number> = {};
  readonly #checks: Record<string, number> = Object.fromEntries(INVARIANTS.map(({ name }) => [name, 0]));

  bit({ kind }: FaultPlan): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
  }

  judge(seen: Observation, at: Millis): void {
    for (const { name, statement, judge } of INVARIANTS) {
      const judgement = judge(seen);
      if (judgement === "idle") continue;
      this.#checks[name] = (this.#checks[name] ?? 0) + 1;
      if (judgement === "holds") continue;
      const about = judgement.about ?? subjectOf(seen);
      this.complain(`${name} ${about}: ${statement}: ${judgement.broken}${detailsOf(seen)}`, at);
    }
  }

  complain(problem: string, at: Millis): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(`at ${Math.round(at / 1000)}s ${problem}`);
  }

  result(): Pick<StormResult, "problems" | "faults" | "checks"> {
    return { problems: this.#problems, faults: this.#faults, checks: this.#checks };
  }
}

function subjectOf(seen: Observation): string {
  if (seen.kind === "look" || seen.kind === "heap") return "";
  return seen.kind === "write" ? seen.write.target : seen.policy;
}

function detailsOf(seen: Observation): string {
  if (seen.kind !== "write") return "";
  const { to, truth, identity } = seen.write;
  return ` (${truth.replicas} → ${to} by ${identity})`;
}

/** How old a view may be by what the weather does to its watch and to the process. */
function rightfulLag({ faults }: Weather): (kind: Kind, at: Millis) => Millis {
  const delaying = faults.filter(({ kind }) => /-watch$|^old-server$|^paused-process$/.test(kind));
  return (kind, at) => {
    const hit = delaying.some(
      (fault) =>
        (fault.on === kind || fault.kind === "paused-process") &&
        fault.from <= at &&
        at <= fault.until + LAG_AFTER,
    );
    return hit ? minutes(8) : LAG;
  };
}

/** Things that are done to single objects: everything else may rightly keep all policies waiting. */
const OF_ONE_OBJECT =
  /^(human-scales|scaled-to-zero|gitops|foreign-autoscaler|policy-|target-|roll-out|broken-release|missing-)/;

/** A policy that the API server did not find is left alone for five minutes. */
const WORN_OFF = minutes(6);

/** Policies that have had no reason to wait for the last minutes. */
function undisturbedAt({ faults, workloads }: Weather, now: Millis): readonly ReturnType<typeof objectKey>[] {
  const recent = faults.filter(({ from, until }) => from <= now && now <= until + WORN_OFF);
  if (now < minutes(2) || recent.some(({ kind }) => !OF_ONE_OBJECT.test(kind))) return [];
  const names = workloads.map(({ blueprint }) => blueprint.target.name);
  const disturbed = new Set(recent.map(({ on }) => on));
  return recent.length === 0
    ? []
    : names.filter((name) => !disturbed.has(name)).map((name) => objectKey("default", name));
}

function countShapes({ workloads }: Weather): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { blueprint, policy } of workloads)
    for (const shape of shapesOf(blueprint, policy)) counts[shape] = (counts[shape] ?? 0) + 1;
  return counts;
}

/** A weather in words: what a failure is reported with. */
export const describeWeather = (weather: Weather): string =>
  scenarioTextOf(weather, "") ?? `seed ${weather.seed}, a long run`;

export const simulatedHours = (results: readonly StormResult[]): number =>
  results.reduce((sum, { simulated }) => sum + simulated, 0) / minutes(60);
