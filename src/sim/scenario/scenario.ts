/**
 * A story over time, as text: what is there, what happens, what must come of it. The forms of the lines are
 * described in the files that read them.
 *
 *   # A doubled load doubles the pods.
 *   policy   web   min=2 max=10 cpu=60%
 *   workload web   replicas=2 cpu=500m
 *   load     web   0s: 500m   10m: 2000m
 *   at 20m   do    kill-node node-1
 *   expect   12m   replicas=7
 *
 * Invariant: a scenario that was read is whole: every load and expectation is about a workload in it.
 */
import { must } from "../../base/assert.ts";
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import { millis } from "../../base/units.ts";
import type { Shape } from "../kubelet/load.ts";
import type { Manifest } from "../manifest.ts";
import type { Action } from "./action.ts";
import { actionOf } from "./action.ts";
import type { Expectation } from "./expectation.ts";
import { expectationOf } from "./expectation.ts";
import type { Line, Problem } from "./line.ts";
import { linesOf } from "./line.ts";
import { shapeOf } from "./load-line.ts";
import { policyOf } from "./policy-line.ts";
import type { StagedWorkload } from "./workload-line.ts";
import { nameOf, workloadOf } from "./workload-line.ts";

export type Scenario = Readonly<{
  seed: number;
  nodes: number;
  policies: readonly Manifest[];
  workloads: readonly StagedWorkload[];
  /** In the order of time. */
  actions: readonly Action[];
  expectations: readonly (Expectation & Readonly<{ about: ObjectKey }>)[];
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
  expectations: { line: Line; expectation: Expectation }[];
};

const NODES_DEFAULT = 3;

const VERBS: Readonly<Record<string, (line: Line, draft: Draft) => void>> = {
  seed: (line, draft) => void (draft.seed = line.countOf(line.word("a number"))),
  nodes: (line, draft) => void (draft.nodes = line.countOf(line.word("a number"))),
  policy: (line, draft) => draft.policies.push(policyOf(line)),
  workload: (line, draft) => draft.workloads.push(workloadOf(line)),
  load: (line, draft) => addLoad(line, draft, "cpu"),
  memory: (line, draft) => addLoad(line, draft, "memory"),
  at: (line, draft) => draft.actions.push(actionOf(line)),
  expect: (line, draft) => draft.expectations.push({ line, expectation: expectationOf(line) }),
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
    expectations: [],
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

function assemble({ seed, nodes, policies, workloads, loads, actions, expectations }: Draft): Scenario {
  const keys = workloads.map(keyOfStaged);
  for (const { line, about } of loads)
    if (!keys.includes(about)) line.complain(`no workload ${about}; add \`workload ${about} …\``);
  const resolved = expectations.map(({ line, expectation }) => ({
    ...expectation,
    about: aboutOf(line, expectation, keys),
  }));
  const moments = [...actions.map(({ at }) => at), ...resolved.map(({ to }) => to)];
  return {
    seed,
    nodes,
    policies,
    workloads: workloads.map((staged) => withLoads(staged, loads)),
    actions: actions.toSorted((a, b) => a.at - b.at),
    expectations: resolved,
    ends: millis(Math.max(0, ...moments)),
  };
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
