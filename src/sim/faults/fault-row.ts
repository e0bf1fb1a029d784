/**
 * What a kind of fault is: whom it may hit, and how it takes effect in a world.
 *
 * Invariant: whatever begins ends by its returned function, which leaves the world able to be calm again.
 */
import type { Random } from "../../base/random.ts";
import type { Millis } from "../../base/units.ts";
import type { SimModel } from "../model.ts";
import type { Manifest } from "../manifest.ts";
import type { WorkloadBlueprint } from "../model/blueprint.ts";
import type { VirtualTime } from "../clock.ts";
import type { Fault } from "../ports/fault.ts";
import type { CallMatch, CrashPosition, SimulatedProcess, WriteSite } from "../process.ts";

/** The operator's processes, of which at least one is to run. */
export type Operators = Readonly<{
  /** Those that live, the oldest first. */
  alive(): readonly SimulatedProcess[];
  /**
   * The next call of this kind is the last of the process that makes it; another one starts. Answers how
   * that is called off.
   */
  crashAt(site: WriteSite, position: CrashPosition, matches?: CallMatch): () => void;
  /** The oldest is told to end, and another one starts. */
  restart(): void;
  /** The oldest is killed, and another one starts. */
  kill(): void;
}>;

/** Where faults happen. */
export type Ground = Readonly<{
  model: SimModel;
  time: VirtualTime;
  /** What the ports ask; pushed to, and taken from. */
  faults: Fault[];
  random: Random;
  operators: Operators;
  nodes: readonly string[];
  /** Each with its policy, of the same name. */
  workloads: readonly Readonly<{ blueprint: WorkloadBlueprint; policy: Manifest }>[];
}>;

/** One fault of a run: `fault 20m..25m silent-node node-1`. */
export type FaultPlan = Readonly<{
  kind: string;
  from: Millis;
  until: Millis;
  /** Whom it hits; what that is depends on the kind. */
  on: string;
}>;

export type FaultRow = Readonly<{
  kind: string;
  /** In a sentence, for the documentation. */
  what: string;
  victims(ground: Pick<Ground, "nodes" | "workloads">): readonly string[];
  /** Begins now; `bite` is called when it takes effect, once or more often. Answers how it ends. */
  begin(ground: Ground, plan: FaultPlan, bite: () => void): () => void;
  /** Shorter it would pass unnoticed; default: 1 s. */
  shortest?: Millis;
  /** Longer than this it would be another fault; default: 10 min. */
  longest?: Millis;
}>;

/** Stands among the ports' faults from now until its end, and bites whenever it answers or changes. */
export function standing({ faults }: Ground, fault: Fault, bite: () => void): () => void {
  const told = telling(fault, bite);
  faults.push(told);
  return () => {
    const at = faults.indexOf(told);
    if (at >= 0) faults.splice(at, 1);
  };
}

function telling({ name, scrape, garble, call, delay, cut }: Fault, bite: () => void): Fault {
  const noting = <A extends readonly unknown[], T>(ask: (...args: A) => T): ((...args: A) => T) => {
    return (...args) => {
      const answer = ask(...args);
      if (answer !== undefined) bite();
      return answer;
    };
  };
  const changing = (ask: NonNullable<Fault["garble"]>): NonNullable<Fault["garble"]> => {
    return (node, answer) => {
      const changed = ask(node, answer);
      if (changed !== answer) bite();
      return changed;
    };
  };
  return {
    name,
    ...(scrape && { scrape: noting(scrape) }),
    ...(garble && { garble: changing(garble) }),
    ...(call && { call: noting(call) }),
    ...(delay && { delay: noting(delay) }),
    ...(cut && { cut: noting(cut) }),
  };
}

/** Bites whenever one of these nodes is asked for its metrics. */
export const askedOf = (ground: Ground, nodes: readonly string[], bite: () => void): (() => void) =>
  standing(
    ground,
    {
      name: "asked",
      scrape(node) {
        if (nodes.includes(node)) bite();
        return undefined;
      },
    },
    () => undefined,
  );

/** Does something now and every `period` until its end. */
export function again({ time }: Ground, period: Millis, act: () => void): () => void {
  let over = false;
  const turn = (): void => {
    if (over) return;
    act();
    time.after(period, turn);
  };
  turn();
  return () => {
    over = true;
  };
}

export const nothingToEnd = (): void => undefined;
export const nodesOf: FaultRow["victims"] = ({ nodes }) => nodes;
export const workloadsOf: FaultRow["victims"] = ({ workloads }) =>
  workloads.map(({ blueprint }) => blueprint.target.name);
export const everyone: FaultRow["victims"] = () => ["all"];
