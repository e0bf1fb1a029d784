/**
 * Whose pods are a target's, and that a question holds all that a plan may know.
 */
import { describe, expect, test } from "vitest";
import { nodeName, uid } from "../../src/base/ids.ts";
import { later, monoMillis, seconds } from "../../src/base/units.ts";
import { type Cluster, createCluster } from "../../src/cluster/cluster.ts";
import type { Owner } from "../../src/cluster/object.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { KINDS } from "../../src/cluster/port.ts";
import { startMemory } from "../../src/coordinate/memory.ts";
import type { FleetActivity } from "../../src/coordinate/question.ts";
import { ask, ownPodsOf, type Sources, type Subject } from "../../src/reconcile/round/ask.ts";
import type { Reading } from "../../src/reconcile/round/phases.ts";
import { aHorizontalSpec, aPolicyObject, aWorkload, T0 } from "../builders.ts";
import { SETTINGS } from "../horizontal/pods.ts";
import { VERTICAL_SETTINGS } from "../../src/vertical/recommend.ts";
import { aPod, aReplicaSet, listing, ownedBy } from "../view/objects.ts";

const WEB = { app: "web" };
const policy = aPolicyObject({ generation: 3 });
const reading: Reading = { uid: uid("uid-of-web"), replicas: 4, observedReplicas: 5, selector: "app=web" };
const web = ownedBy("Deployment", "web");

const podOf = (name: string, owner: Owner | undefined, namespace = "shop"): Pod =>
  aPod({ name, owner, namespace }, WEB);

/** The ReplicaSet `web-1` belongs to the target; whoever else's pods are here, the labels are the same. */
function clusterOf(pods: readonly Pod[]): Cluster {
  const cluster = createCluster();
  for (const event of listing("1", pods)) cluster.pen("pods").apply(event);
  const mine = aReplicaSet({ name: "web-1", owner: web });
  for (const event of listing("1", [mine])) cluster.pen("replicasets").apply(event);
  return cluster;
}

function ownNamesOf(pods: readonly Pod[], over: Partial<Reading> = {}) {
  const own = ownPodsOf(clusterOf(pods).view, policy, { ...reading, ...over });
  return { names: own.pods.map(({ meta }) => meta.name), by: own.attributedBy };
}

describe("a target's own pods", () => {
  const own = podOf("web-1-a", ownedBy("ReplicaSet", "web-1"));
  const bare = podOf("bare", undefined);
  const ofRoom = (kind: string): Pod => podOf("other", ownedBy(kind, "other"));

  test("S16 are those that its owner chain leads to, whoever shares their labels", () => {
    const direct = podOf("web-0", web);
    const pods = [own, direct, bare, ofRoom("Job"), ofRoom("ReplicaSet"), ofRoom("GameServer")];
    expect(ownNamesOf(pods)).toEqual({ names: ["web-0", "web-1-a"], by: "owner" });
  });

  test.each<{ what: string; pod: Pod }>([
    { what: "owned by nothing", pod: bare },
    { what: "owned by an object between, of a kind that is not followed", pod: ofRoom("GameServer") },
  ])("without an owner chain, are those under the selector that are $what", ({ pod }) => {
    expect(ownNamesOf([pod])).toEqual({ names: [pod.meta.name], by: "selector" });
  });

  test.each(["Job", "CronJob", "ReplicaSet", "StatefulSet", "Deployment", "DaemonSet"])(
    "are never those of another %s under the same selector",
    (kind) => {
      expect(ownNamesOf([ofRoom(kind)])).toEqual({ names: [], by: "owner" });
      expect(ownNamesOf([ofRoom(kind), bare])).toEqual({ names: ["bare"], by: "selector" });
    },
  );

  test.each<{ what: string; pods: Pod[]; selector: string | undefined }>([
    { what: "no selector", pods: [bare], selector: undefined },
    { what: "an empty selector", pods: [bare], selector: "" },
    { what: "a selector that is none", pods: [bare], selector: "app in (web" },
    { what: "a selector that matches nothing", pods: [bare], selector: "app=api" },
    { what: "no pods", pods: [], selector: "app=web" },
    {
      what: "a selector that matches in another namespace",
      pods: [podOf("far", undefined, "bank")],
      selector: "app=web",
    },
  ])("are none with $what, and that is known by owner", ({ pods, selector }) => {
    expect(ownNamesOf(pods, { selector })).toEqual({ names: [], by: "owner" });
  });
});

describe("a question", () => {
  const now = { wall: T0, mono: monoMillis(50_000) };
  const nodes = { knownCount: 9, silent: [nodeName("n3")] };
  const brakes = { decrease: true, increase: false };
  const replicaFailure = { since: T0, message: "exceeded quota" };
  const status = { observedGeneration: 1, replicas: 5, updatedReplicas: 1, readyReplicas: 4 };
  const fleet: FleetActivity = {
    policyCount: 7,
    managedReplicas: 70,
    policiesMoved: 3,
    policiesRaised: 2,
    replicasAdded: 11,
    replicasRemoved: 13,
    ownAdded: 1,
    ownBefore: 3,
  };
  const cluster = clusterOf([podOf("web-1-a", ownedBy("ReplicaSet", "web-1"))]);
  for (const kind of KINDS) cluster.pen(kind).hear(later(now.mono, seconds(-3)));
  cluster.pen("pods").hear(later(now.mono, seconds(-7)));
  const sources: Sources = {
    view: cluster.view,
    samples: { pod: () => ({ kind: "absent", because: "never-scraped" }), lastAnswer: () => undefined },
    nodesHeard: () => nodes,
    settings: {
      horizontal: SETTINGS,
      vertical: VERTICAL_SETTINGS,
      resolution: seconds(20),
      brakes,
      paced: true,
    },
  };
  const subject: Subject = {
    policy,
    spec: aHorizontalSpec({ maxReplicas: 17 }),
    workload: aWorkload({ replicaFailure, status }),
    reading,
    pods: ownPodsOf(cluster.view, policy, reading),
    fleet,
    memory: startMemory(reading.uid, T0),
  };

  test("holds all that it is about, and all that the sources say", () => {
    const unsampled = { name: "web-1-a", phase: "Running", usage: undefined };
    expect(ask(sources, subject, now)).toEqual({
      now: now.wall,
      mono: now.mono,
      spec: subject.spec,
      generation: 3,
      settings: SETTINGS,
      resolution: seconds(20),
      target: { uid: reading.uid, replicas: 4, observedReplicas: 5 },
      evidence: {
        pods: [expect.objectContaining(unsampled)],
        expectedCount: 0,
        lacking: [],
        lostCount: 0,
        weightlessCount: 0,
        clippedCount: 0,
        attributedBy: "owner",
        cacheAge: seconds(7),
      },
      rollout: { kind: "in-progress", updated: 1, replicas: 5 },
      replicaFailure,
      nodes,
      fleet,
      brakes,
      memory: subject.memory,
    });
  });

  test("about a kind that is not followed knows neither its rollout nor why it has no pods", () => {
    expect(ask(sources, { ...subject, workload: undefined }, now)).toMatchObject({
      rollout: { kind: "unknown" },
      replicaFailure: undefined,
    });
  });

  test("says by what the pods were found", () => {
    const pods = { pods: [podOf("bare", undefined)], attributedBy: "selector" } as const;
    expect(ask(sources, { ...subject, pods }, now).evidence).toMatchObject({
      pods: [{ name: "bare" }],
      attributedBy: "selector",
    });
  });
});
