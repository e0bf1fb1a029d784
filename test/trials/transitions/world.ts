/**
 * Worlds that can be compared: namespaces that have nothing to do with each other, each with a Deployment `web`,
 * a StatefulSet `db` and one policy, and what can be seen of them once they have settled.
 */
import { must } from "../../../src/base/assert.ts";
import { milliUnits } from "../../../src/base/units.ts";
import type { ScalePolicyStatus } from "../../../src/policy/status.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import { VERTICAL_TYPES } from "../../../src/report/vertical/conditions.ts";
import { MEBI, workload, type WorkloadBlueprint } from "../../../src/sim/model/blueprint.ts";
import type { SimModel } from "../../../src/sim/model.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { operate, steady } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";
import { type Demand, exactUsage } from "./exact-usage.ts";

export type Counts = Readonly<{ web: number; db: number }>;
export const NAMES = ["web", "db"] as const;
export const POLICY = "policy";

/** By round, so that there is something to follow. */
const LEVELS = [1, 0.45, 1.9, 0.7, 1.4];

/** Never a whole number of pods for any target of the specs: a count does not hang on the last bit. */
function demandOf(namespace: string, name: string, round: number): Demand {
  const n = Number(namespace.slice("shop-".length));
  const share =
    (name === "web" ? 1 : 0.6) * must(LEVELS[(n + round) % LEVELS.length], "each round has a level");
  return { cores: share * (0.417 + 0.2137 * (n % 7)), bytes: share * (201.7 + 97.3 * (n % 5)) * MEBI };
}

export function blueprintOf(
  namespace: string,
  name: (typeof NAMES)[number],
  replicas: number,
): WorkloadBlueprint {
  const requests = { cpu: milliUnits(200), memory: milliUnits(128 * MEBI * 1000) };
  const target = { apiVersion: "apps/v1", kind: name === "web" ? "Deployment" : "StatefulSet", name };
  return workload({ name, namespace, target, replicas, request: requests, ...steady(0.1) });
}

export type Running = SimulatedWorld &
  Readonly<{
    last: ReadonlyMap<string, DecisionRecord>;
    errors: string[];
    /** From now on the demand is that of this round. */
    demand(round: number): void;
    end(): Promise<unknown>;
  }>;

/** An operator over the given counts, one entry a namespace, under the demand of a round. */
export function begin(counts: readonly Counts[], firstRound: number): Running {
  let round = firstRound;
  const faults: Fault[] = [];
  const simulated = smallWorld({ faults });
  faults.push(exactUsage(simulated, (namespace, name) => demandOf(namespace, name, round)));
  counts.forEach((count, n) => {
    for (const name of NAMES)
      simulated.model.addWorkload(blueprintOf(`shop-${n}`, name, count[name]), "settled");
  });
  const errors: string[] = [];
  const last = new Map<string, DecisionRecord>();
  const operator = operate(simulated, {
    log: (level, message, fields) =>
      void (level === "error" && errors.push(`${message} ${JSON.stringify(fields)}`)),
    decision: { brakes: { decrease: false, increase: false } },
    observe: (record) => last.set(record.policy.namespace, record),
  });
  const demand = (next: number): void => {
    round = next;
  };
  return { ...simulated, last, errors, demand, end: () => operator.end() };
}

export const countsIn = (model: SimModel, namespace: string): Counts => ({
  web: model.replicas(namespace, "web").wanted,
  db: model.replicas(namespace, "db").wanted,
});

export const apply = (model: SimModel, namespace: string, spec: unknown): void =>
  model.apply({ kind: "ScalePolicy", metadata: { name: POLICY, namespace }, spec });

/** All that must not depend on the way. */
export type Seen = Readonly<{ counts: Counts; decision: unknown; conditions: unknown }>;

export function look({ model, last }: Running, namespace: string): Seen {
  const { meta, status } = must(model.policy(namespace, POLICY), "its policy is there");
  const { conditions = [] } = (status ?? {}) as Partial<ScalePolicyStatus>;
  return {
    counts: countsIn(model, namespace),
    decision: decisionOf(must(last.get(namespace), "it was decided on")),
    conditions: Object.fromEntries(
      conditions
        .filter(isOfTheSpec(last.get(namespace)))
        .map(({ type, status: is, reason, observedGeneration }) => [
          type,
          // What the present spec says nothing about keeps its last word, under the generation of that word.
          observedGeneration < meta.generation || reason === "NeverObserved" ? "unsaid" : `${is}/${reason}`,
        ]),
    ),
  };
}

/** Where a spec does not parse, nobody knows whether it is about requests: what was said of them stays. */
const isOfTheSpec =
  (record: DecisionRecord | undefined) =>
  ({ type }: ScalePolicyStatus["conditions"][number]): boolean =>
    record?.mode !== undefined || !VERTICAL_TYPES.some((known) => known === type);

function decisionOf({ verdict, mode, target }: DecisionRecord): unknown {
  if (verdict.kind === "not-decided") return { mode, target, why: verdict.why.reason };
  const { plan, effect } = verdict;
  const { combined, metrics } = plan.proposal;
  return {
    mode,
    target,
    from: plan.from,
    to: plan.to,
    asked: combined.kind === "replicas" ? combined.replicas : combined.kind,
    metrics: metrics.map((metric) => (metric.kind === "valid" ? metric.because : metric.kind)),
    moves: plan.moves.map(({ rail, before, after }) => `${rail} ${before} → ${after}`),
    effect: effect.kind === "withheld" ? effect.because : effect.kind,
  };
}
