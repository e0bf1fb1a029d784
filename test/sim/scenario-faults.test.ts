/**
 * A story can tell of any fault that storms are made of.
 */
import { expect, test } from "vitest";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { runOperator } from "../../src/compose.ts";
import { FAULTS, faultText } from "../../src/sim/faults/faults.ts";
import { runScenario } from "../../src/sim/scenario/run.ts";
import { parseScenario } from "../../src/sim/scenario/scenario.ts";

const WORLD = `
policy web  min=2 max=10 cpu=60%
workload web replicas=6 cpu=500m
load web 0s: 1800m   10m: 600m`;

async function play(text: string): Promise<readonly string[]> {
  const outcome = parseScenario(`${WORLD}\n${text}`);
  if (outcome.kind !== "scenario") return outcome.problems.map(({ message }) => message);
  const problems = await runScenario(outcome.scenario, async (world, observe, signal) => {
    const setup = SIMULATED_SETUP;
    await runOperator({ world, setup, log: () => undefined, observe, signal });
  });
  return problems.map(({ message }) => message);
}

test("while a node is silent its pods are missed, and afterwards the count follows", async () => {
  const story = `
fault 9m..20m half-silent all
expect 9m..20m replicas=6
expect 30m replicas=2`;
  expect(await play(story)).toEqual([]);
});

test("a process that dies right after its write is followed by one that knows of it", async () => {
  const story = `
fault 10m..20m crash-answered write-scale
expect 25m replicas=2`;
  expect(await play(story)).toEqual([]);
});

test.each([
  ["fault 9m silent-node node-1", /how long it lasts/],
  ["fault 9m..8m silent-node node-1", /ends after it began/],
  ["fault 9m..10m silent-nod node-1", /"silent-nod" is no kind of fault; there are silent-node, /],
  ["fault 9m..10m silent-node node-9", /cannot hit "node-9"; write one of node-1, node-2, node-3/],
  ["fault 9m..10m missing-pods api", /cannot hit "api"; write one of web/],
])("%s is refused, with the way out", async (line, said) => {
  expect(await play(line)).toContainEqual(expect.stringMatching(said));
});

test.each(FAULTS.map(({ kind }) => kind))("%s can be written down and read back", (kind) => {
  const row = FAULTS.find((each) => each.kind === kind);
  const began = parseScenario(WORLD);
  if (row === undefined || began.kind !== "scenario") return expect.fail(kind);
  const { workloads, policies } = began.scenario;
  const pairs = workloads.map(({ blueprint }) => ({ blueprint, policy: policies[0] ?? expect.fail() }));
  const [on = ""] = row.victims({ nodes: ["node-1"], workloads: pairs });
  const text = `${WORLD}\nfault 20m..25m ${kind} ${on}`;
  const outcome = parseScenario(text);
  if (outcome.kind !== "scenario") return expect.fail(JSON.stringify(outcome.problems));
  expect(outcome.scenario.faults.map(faultText)).toEqual([`fault 20m..25m ${kind} ${on}`]);
});
