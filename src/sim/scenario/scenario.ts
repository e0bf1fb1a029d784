/**
 * A story over time, as text: what is there, what happens, what must come of it. The forms of the lines are
 * described in the files that read them.
 *
 *   # A doubled load doubles the pods.
 *   policy   web   min=2 max=10 cpu=60%
 *   workload web   replicas=2 cpu=500m
 *   load     web   0s: 500m   10m: 2000m
 *   at 20m   do    kill-node node-1
 *   fault 30m..35m silent-node node-2
 *   standby                            a second process stands by
 *   calm 40m                           loads and faults are over; a storm is judged at rest from here on
 *   expect   12m   replicas=7
 *
 * Invariant: a scenario that was read is whole: every load and expectation is about a workload in it.
 */
import { must } from "../../base/assert.ts";
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { millis } from "../../base/units.ts";
import type { FaultPlan, Ground } from "../faults/fault-row.ts";
import type { Shape } from "../kubelet/load.ts";
import type { Manifest } from "../manifest.ts";
import type { Action } from "./action.ts";
import { actionOf } from "./action.ts";
import type { Expectation } from "./expectation.ts";
import { expectationOf } from "./expectation.ts";
import { checkFault, faultOf } from "./fault-line.ts";
import type { Line, Problem } from "./line.ts";
import { linesOf } from "./line.ts";
import { shapeOf } from "./load-line.ts";
import { policyOf } from "./policy-line.ts";
import type { ContainerBlueprint } from "../model/blueprint.ts";
import type { StockAnswer } from "./stock-line.ts";
import { stockAnswerOf } from "./stock-line.ts";
import type { StagedWorkload } from "./workload-line.ts";
import { containerOf, nameOf, withContainer, workloadOf } from "./workload-line.ts";

export type Scenario = Readonly<{
  seed: number;
  nodes: number;
  policies: readonly Manifest[];
  workloads: readonly StagedWorkload[];
  /** In the order of time. */
  actions: readonly Action[];
  faults: readonly FaultPlan[];
  expectations: readonly (Expectation & Readonly<{ about: ObjectKey }>)[];
  /** What a stock HPA makes of the same story, where the scenario says. */
  stock: readonly (StockAnswer & Readonly<{ about: ObjectKey }>)[];
  /** Whether a second process stands by. */
  standby: boolean;
  /** From when on nothing happens, where the scenario says. */
  calmFrom: Millis | undefined;
  /** When nothing more is expected. */
  ends: Millis;
}>;

export type ScenarioOutcome =
  | Readonly<{ kind: "scenario"; scenario: Scenario }>
  | Readonly<{ kind: "invalid"; problems: readonly Problem[] }>;

/** Gathered line by line; loads find their workload at the end. */
type Draft = {
  seed: number;
  nodes: number;
  policies: Manifest[];
  workloads: StagedWorkload[];
  loads: { line: Line; about: ObjectKey; resource: "cpu" | "memory"; shape: Shape }[];
  actions: Action[];
  faults: { line: Line; plan: FaultPlan }[];
  containers: { line: Line; about: ObjectKey; container: ContainerBlueprint }[];
  expectations: { line: Line; expectation: Expectation }[];
  stock: { line: Line; expectation: StockAnswer }[];
  standby: boolean;
  calm: { line: Line; at: Millis } | undefined;
};

const NODES_DEFAULT = 3;

const VERBS: Readonly<Record<string, (line: Line, draft: Draft) => void>> = {
  seed: (line, draft) => void (draft.seed = line.countOf(line.word("a number"))),
  nodes: (line, draft) => void (draft.nodes = line.countOf(line.word("a number"))),
  policy: (line, draft) => draft.policies.push(policyOf(line)),
  workload: (line, draft) => draft.workloads.push(workloadOf(line)),
  container: (line, draft) => addContainer(line, draft),
  load: (line, draft) => addLoad(line, draft, "cpu"),
  memory: (line, draft) => addLoad(line, draft, "memory"),
  at: (line, draft) => draft.actions.push(actionOf(line)),
  fault: (line, draft) => draft.faults.push({ line, plan: faultOf(line) }),
  expect: (line, draft) => draft.expectations.push({ line, expectation: expectationOf(line) }),
  stock: (line, draft) => draft.stock.push({ line, expectation: stockAnswerOf(line) }),
  standby: (_, draft) => void (draft.standby = true),
  calm: (line, draft) => void (draft.calm = { line, at: line.durationOf(line.word("a time such as 40m")) }),
};

/** Reads a scenario; every mistake in it is named with its line. */
export function parseScenario(text: string): ScenarioOutcome {
  const draft: Draft = {
    seed: 1,
    nodes: NODES_DEFAULT,
    policies: [],
    workloads: [],
    loads: [],
    actions: [],
    faults: [],
    containers: [],
    expectations: [],
    stock: [],
    standby: false,
    calm: undefined,
  };
  const lines = linesOf(text);
  for (const line of lines) {
    const read = VERBS[line.verb];
    if (read === undefined)
      line.complain(`"${line.verb}" begins no line; write one of ${Object.keys(VERBS).join(", ")}`);
    else {
      read(line, draft);
      line.finish();
    }
  }
  const scenario = assemble(draft);
  const problems = lines.flatMap((line) => line.problems);
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "scenario", scenario };
}

function addLoad(line: Line, draft: Draft, resource: "cpu" | "memory"): void {
  const { namespace, name } = nameOf(line);
  draft.loads.push({ line, about: objectKey(namespace, name), resource, shape: shapeOf(line) });
}

function addContainer(line: Line, { containers }: Draft): void {
  const { namespace, name } = nameOf(line);
  containers.push({ line, about: objectKey(namespace, name), container: containerOf(line) });
}

function assemble(draft: Draft): Scenario {
  const { seed, nodes, policies, workloads, loads, containers, actions } = draft;
  const keys = workloads.map(keyOfStaged);
  for (const { line, about } of [...loads, ...containers])
    if (!keys.includes(about)) line.complain(`no workload ${about}; add \`workload ${about} …\``);
  const resolved = resolve(draft.expectations, keys);
  for (const { line, plan } of draft.faults) checkFault(line, plan, populationOf(draft));
  const faults = draft.faults.map(({ plan }) => plan);
  const moments = [
    ...actions.map(({ at }) => at),
    ...faults.map(({ until }) => until),
    ...resolved.map(({ to }) => to),
    ...(draft.calm === undefined ? [] : [draft.calm.at]),
  ];
  if (draft.calm !== undefined && draft.calm.at < Math.max(0, ...faults.map(({ until }) => until)))
    draft.calm.line.complain("a fault lasts longer: it is calm when all of them are over");
  return {
    seed,
    nodes,
    policies,
    workloads: workloads.map((staged) => withLoads(withContainers(staged, containers), loads)),
    actions: actions.toSorted((a, b) => a.at - b.at),
    faults,
    expectations: resolved,
    stock: resolve(draft.stock, keys),
    standby: draft.standby,
    calmFrom: draft.calm?.at,
    ends: millis(Math.max(0, ...moments)),
  };
}

/** Who is there to be hit: the nodes, and the workloads that have a policy of their name. */
export function populationOf({
  nodes,
  policies,
  workloads,
}: Pick<Scenario, "nodes" | "policies" | "workloads">): Pick<Ground, "nodes" | "workloads"> {
  return {
    nodes: Array.from({ length: nodes }, (_, n) => `node-${n + 1}`),
    workloads: workloads.flatMap(({ blueprint }) => {
      const policy = policies.find(
        ({ metadata }) =>
          metadata.name === blueprint.target.name &&
          (metadata.namespace ?? "default") === blueprint.namespace,
      );
      return policy === undefined ? [] : [{ blueprint, policy }];
    }),
  };
}

function resolve<E extends Expectation>(
  told: readonly Readonly<{ line: Line; expectation: E }>[],
  keys: readonly ObjectKey[],
): readonly (E & Readonly<{ about: ObjectKey }>)[] {
  return told.map(({ line, expectation }) => ({ ...expectation, about: aboutOf(line, expectation, keys) }));
}

function withContainers(staged: StagedWorkload, containers: Draft["containers"]): StagedWorkload {
  const own = containers.filter(({ about }) => about === keyOfStaged(staged));
  return own.reduce((all, { container }) => withContainer(all, container), staged);
}

function aboutOf(line: Line, { about }: Expectation, keys: readonly ObjectKey[]): ObjectKey {
  if (about === undefined && keys.length !== 1)
    line.complain(
      "there is not exactly one workload; name the one that is meant: `expect 10m web replicas=3`",
    );
  if (about !== undefined && !keys.includes(about)) line.complain(`no workload ${about}`);
  return about ?? keys[0] ?? objectKey("", "");
}

function withLoads(staged: StagedWorkload, loads: Draft["loads"]): StagedWorkload {
  const own = loads.filter(({ about }) => about === keyOfStaged(staged));
  const changes = Object.fromEntries(own.map(({ resource, shape }) => [resource, shape]));
  const { blueprint } = staged;
  return { ...staged, blueprint: { ...blueprint, load: { ...blueprint.load, ...changes } } };
}

function keyOfStaged({ blueprint: { namespace, target } }: StagedWorkload): ObjectKey {
  return objectKey(namespace, must(target.name, "a workload has a name"));
}
