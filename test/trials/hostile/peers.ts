/**
 * Others who touch what is ours: who they are, what they do and how often, and what must be seen of them.
 */
import { must } from "../../../src/base/assert.ts";
import { minutes, type Millis, seconds } from "../../../src/base/units.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { deployment, deploymentCalled, policy, statusOf, wantedOf } from "../../sim/operating.ts";

type PeerWorld = SimulatedWorld & Readonly<{ faults: Fault[] }>;

export type Peer = Readonly<{
  name: string;
  /** Before the operator starts. */
  prepare?(world: PeerWorld): void;
  every: Millis;
  /** What it does at each beat, from 0. */
  act(world: SimulatedWorld, beat: number): void;
  /** What it does at last. */
  leave?(world: PeerWorld): void;
  /**
   * A reason, or who is said to have acted, that is shown while it is there and not without it; undefined: it takes nothing
   * from us, and there is nothing to tell.
   */
  shows: string | undefined;
  /** Whether what it did is undone: looked at before its next beat, and to be so every two minutes. */
  isUndone?(world: SimulatedWorld): boolean;
  /** At most so many writes of ours in any ten minutes, of one object. */
  writesMax: number;
}>;

/** 5.2 cores are wanted of pods with a mark of 0.3: 16 are at 108 % of it, 19 at 91 %. */
export const DEMAND = 5.2;
export const REST = { fewest: 16, most: 19 } as const;
/** Writes of one object in ten minutes. */
export const BUDGET = 6;
const WEB = { namespace: "default", name: "web" };

const hpa = (ownerReferences: readonly { kind: string }[] = []) => ({
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web-hpa", namespace: "default", ownerReferences },
  spec: { scaleTargetRef: deploymentCalled("web"), metrics: [{ resource: { name: "cpu" as const } }] },
});

const answersLost: Fault = {
  name: "answers to our writes are lost",
  call: ({ verb }) =>
    verb === "write-scale" ? { kind: "answer-lost", message: "the connection broke" } : undefined,
};
const removeHpa = ({ model }: SimulatedWorld): void => model.deleteAutoscaler("default", "web-hpa");
const scaleTo = ({ model }: SimulatedWorld, replicas: number): void =>
  model.scale(WEB.namespace, WEB.name, replicas);
const twinPolicy = policy({ name: "twin", target: deploymentCalled("web"), maxReplicas: 9 });

/** A status as someone would forge it: all is well, and a history that wants one replica. */
const FORGED = {
  observedGeneration: 99,
  conditions: [],
  recentActs: [],
  display: { metrics: "0 %", requests: "" },
  horizontal: {
    currentReplicas: 1,
    desiredReplicas: 1,
    currentMetrics: [],
    history: {
      version: 1,
      targetUID: "forged",
      bucketSeconds: 15,
      completeSince: "2020-01-01T00:00:00Z",
      recordedAt: "2026-03-02T08:00:00Z",
      replicas: 1,
      buckets: [],
    },
  },
};

export const PEERS: readonly Peer[] = [
  {
    name: "an HPA that scales the same target to 6",
    prepare: ({ model }) => model.apply(hpa()),
    every: seconds(15),
    act: (world) => scaleTo(world, 6),
    leave: removeHpa,
    shows: "ForeignAutoscaler",
    writesMax: 0,
  },
  {
    name: "KEDA, by an HPA that a ScaledObject owns",
    prepare: ({ model }) => model.apply(hpa([{ kind: "ScaledObject" }])),
    every: seconds(15),
    act: (world, beat) => scaleTo(world, beat % 2 === 0 ? 4 : 7),
    leave: removeHpa,
    shows: "ForeignAutoscaler",
    writesMax: 0,
  },
  {
    name: "an HPA that comes and goes",
    every: seconds(20),
    act(world, beat) {
      if (beat % 2 === 0) world.model.apply(hpa());
      else removeHpa(world);
      scaleTo(world, 6);
    },
    leave: removeHpa,
    shows: "ForeignAutoscaler",
    writesMax: BUDGET,
  },
  {
    name: "an autoscaler of another kind, which no object tells of",
    every: seconds(15),
    act: (world, beat) => scaleTo(world, 5 + (beat % 3)),
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "GitOps that reverts every 5 s",
    every: seconds(5),
    act: (world) => scaleTo(world, 6),
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "GitOps that reverts every 5 s, while no answer to our writes arrives",
    prepare: ({ faults }) => faults.push(answersLost),
    every: seconds(5),
    act: (world) => scaleTo(world, 6),
    leave: ({ faults }) => faults.splice(faults.indexOf(answersLost), 1),
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "GitOps that applies another maximum every 10 s",
    every: seconds(10),
    act: ({ model }, beat) => model.apply(policy({ maxReplicas: beat % 2 === 0 ? 8 : 40 })),
    leave: ({ model }) => model.apply(policy()),
    shows: "TooManyReplicas",
    // An increase that nobody contests is not held back by six writes before it.
    writesMax: BUDGET + 1,
  },
  {
    name: "a human who scales up, down and to 0",
    every: minutes(1),
    act: (world, beat) => scaleTo(world, must([30, 2, 0, 3][beat % 4], "one of four")),
    leave: (world) => scaleTo(world, 6),
    shows: "set by kubectl",
    writesMax: BUDGET,
  },
  {
    name: "a human who leaves it at 0",
    every: minutes(1),
    act: (world) => scaleTo(world, 0),
    leave: (world) => scaleTo(world, 6),
    shows: "ScalingDisabled",
    writesMax: 0,
  },
  {
    name: "a webhook that changes the template every minute",
    every: minutes(1),
    act: ({ model }, beat) => model.rollOut(WEB.namespace, WEB.name, { startup: seconds(5 + (beat % 2)) }),
    shows: undefined,
    writesMax: BUDGET,
  },
  {
    name: "an older policy on the same target, which writes and does not write in turn",
    prepare: ({ model }) => {
      model.deletePolicy("default", "web");
      model.apply(twinPolicy);
      model.apply(policy());
    },
    every: seconds(20),
    act: ({ model }, beat) =>
      model.apply({ ...twinPolicy, spec: { ...(twinPolicy.spec as object), mode: beat % 2 === 0 ? "Active" : "Shadow" } }),
    leave: ({ model }) => model.deletePolicy("default", "twin"),
    shows: "TargetConflict",
    // As above.
    writesMax: BUDGET + 1,
  },
  {
    name: "a controller that forges the status every 5 s",
    every: seconds(5),
    act: ({ model }) => model.editStatus("default", "web", () => FORGED),
    shows: undefined,
    isUndone: ({ model }) => statusOf(model).horizontal?.history?.targetUID !== "forged" && statusOf(model).conditions.length > 0,
    writesMax: BUDGET,
  },
  {
    name: "a controller that empties the status every 5 s, and reverts",
    every: seconds(5),
    act(world) {
      world.model.editStatus("default", "web", () => undefined);
      scaleTo(world, 6);
    },
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "a controller that makes the policy anew every 30 s, and reverts",
    every: seconds(30),
    act(world) {
      world.model.deletePolicy("default", "web");
      world.model.apply(policy());
      scaleTo(world, 6);
    },
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "someone who moves the replicas over the maximum every 5 s",
    every: seconds(5),
    act: (world) => scaleTo(world, 45),
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "someone who moves the replicas under the minimum every 5 s",
    every: seconds(5),
    act: (world) => scaleTo(world, 1),
    shows: "Contended",
    writesMax: BUDGET,
  },
  {
    name: "a controller that makes the target anew every 45 s",
    every: seconds(45),
    act({ model }) {
      const replicas = Math.min(wantedOf(model), 6);
      model.removeWorkload(WEB.namespace, WEB.name);
      model.addWorkload(deployment({ replicas, cores: DEMAND }), "settled");
    },
    shows: "set by someone else",
    writesMax: BUDGET,
  },
]; // prettier-ignore
