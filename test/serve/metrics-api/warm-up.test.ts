import { describe, expect, test } from "vitest";
import { later, monoMillis, seconds } from "../../../src/base/units.ts";
import { createWarmUp } from "../../../src/serve/metrics-api/warm-up.ts";

type Round = Readonly<{ nodes: number; unsettled: number; measured: number }>;

function warmUp(round: Round | undefined, { synced = true, nodes = round?.nodes ?? 0 } = {}) {
  const facts = { round, synced, nodes, now: monoMillis(1_000_000) };
  const wait = createWarmUp({
    resolution: seconds(15),
    synced: () => facts.synced,
    nodes: () => facts.nodes,
    round: () => facts.round,
    now: () => facts.now,
  });
  return { facts, wait };
}

describe("clients are asked to wait", () => {
  test.each<[string, Round | undefined, Parameters<typeof warmUp>[1]]>([
    ["pods and nodes are not known", { nodes: 2, unsettled: 0, measured: 2 }, { synced: false }],
    ["nodes were not looked at", undefined, {}],
    ["a node was measured once", { nodes: 2, unsettled: 1, measured: 1 }, {}],
    ["no node has answered", { nodes: 2, unsettled: 0, measured: 0 }, {}],
    ["no node is to be asked yet", { nodes: 0, unsettled: 0, measured: 0 }, {}],
    ["the last look was before nodes were known", { nodes: 0, unsettled: 0, measured: 0 }, { nodes: 2 }],
    ["a node has come since the last look", { nodes: 1, unsettled: 0, measured: 1 }, { nodes: 2 }],
  ])("while %s", (_, round, more) => {
    expect(warmUp(round, more).wait()).toBe(5_000);
  });

  test("no longer once each node was measured twice or fails, and never again", () => {
    const { facts, wait } = warmUp({ nodes: 3, unsettled: 0, measured: 2 });
    expect(wait()).toBeUndefined();
    facts.round = { nodes: 4, unsettled: 1, measured: 2 };
    expect(wait()).toBeUndefined();
  });

  test("for three rounds at most, whatever nodes do", () => {
    const { facts, wait } = warmUp({ nodes: 0, unsettled: 0, measured: 0 });
    expect(wait()).toBe(5_000);
    facts.now = later(facts.now, seconds(45));
    expect(wait()).toBe(5_000);
    facts.now = later(facts.now, seconds(0.1));
    expect(wait()).toBeUndefined();
  });
});
