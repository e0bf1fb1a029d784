/**
 * Stories: a few minutes of a small world, each around one thing that an operator does or that is done to it. Trials
 * play them with and without a mishap, and compare.
 *
 * Invariant: a story ends at one count, which no detour changes: at a bound of its policy, or one step from where it
 * began. Elsewhere the tolerance lets a count rest where it came from.
 */
import { type Millis, minutes, seconds } from "../../../src/base/units.ts";
import type { Kind } from "../../../src/cluster/port.ts";
import type { Manifest } from "../../../src/sim/manifest.ts";
import type { SimModel } from "../../../src/sim/model.ts";
import { deployment, deploymentCalled, policy, steady } from "../../sim/operating.ts";

export type Story = Readonly<{
  name: string;
  /** What is there at the start, for an hour. */
  prepare(model: SimModel): void;
  acts: readonly Readonly<{ at: Millis; act(model: SimModel): void }>[];
  /** From here on a write of replicas, and of what is told about it, is still to come. */
  movesFrom: Millis;
  /** The moment the story is about. */
  turnsAt: Millis;
  /** Long enough for all windows, and for 20 periods of rest. */
  length: Millis;
  /** What is not reached by `turnsAt` is never reached. */
  endsAtTurn?: true;
  /** The kind whose watch alone tells of what somebody does in it. */
  toldBy?: Kind;
}>;

export const WINDOW = seconds(60);
const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
const LENGTH = minutes(10);
/** By then a process that began with no history has waited for its window. */
const FIRST = minutes(2);
const SECOND = minutes(5);

const policyOf = (of: Parameters<typeof policy>[0] = {}): Manifest =>
  policy({ behavior, maxReplicas: 12, ...of });

const load = (model: SimModel, cores: number): void => model.setLoad("default", "web", steady(cores));

/** A workload at its mark: 60 % of 500m each. */
function settle(model: SimModel, replicas: number, of: Partial<Parameters<typeof deployment>[0]> = {}): void {
  model.addWorkload(deployment({ replicas, cores: replicas * 0.3, ...of }), "settled");
}

const once = { movesFrom: FIRST, turnsAt: FIRST, length: LENGTH };
const twice = { movesFrom: FIRST, turnsAt: SECOND, length: LENGTH };
const statefulSet = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" };

export const STORIES: readonly Story[] = [
  {
    name: "scale up",
    ...once,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
    },
    acts: [{ at: FIRST, act: (model) => load(model, 4.2) }],
  },
  {
    name: "scale down after the window",
    ...once,
    prepare(model) {
      settle(model, 6);
      model.apply(policyOf());
    },
    acts: [{ at: FIRST, act: (model) => load(model, 0.4) }],
  },
  {
    name: "up and down again",
    ...twice,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
    },
    acts: [
      { at: FIRST, act: (model) => load(model, 4.2) },
      { at: SECOND, act: (model) => load(model, 0.4) },
    ],
  },
  {
    name: "a rollout in progress",
    ...once,
    prepare(model) {
      settle(model, 6);
      model.apply(policyOf());
    },
    acts: [
      {
        at: FIRST,
        act(model) {
          model.rollOut("default", "web", {});
          load(model, 4.2);
        },
      },
    ],
  },
  {
    name: "the policy is deleted",
    ...twice,
    endsAtTurn: true,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
    },
    acts: [
      { at: FIRST, act: (model) => load(model, 4.2) },
      {
        at: SECOND,
        act(model) {
          model.deletePolicy("default", "web");
          load(model, 0.4);
        },
      },
    ],
  },
  {
    name: "the policy is deleted and made anew",
    ...twice,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
    },
    acts: [
      { at: FIRST, act: (model) => load(model, 4.2) },
      {
        at: SECOND,
        act(model) {
          model.deletePolicy("default", "web");
          model.apply(policyOf());
          load(model, 0.4);
        },
      },
    ],
  },
  {
    name: "the target is deleted and made anew",
    ...once,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
    },
    acts: [
      { at: FIRST, act: (model) => model.removeWorkload("default", "web") },
      {
        at: seconds(125),
        act: (model) => model.addWorkload(deployment({ replicas: 4, cores: 4.2 }), "starting"),
      },
    ],
  },
  {
    name: "several policies on one target",
    ...twice,
    prepare(model) {
      settle(model, 3);
      model.apply(policyOf());
      model.apply(policyOf({ name: "web-rival", target: deploymentCalled("web"), maxReplicas: 7 }));
    },
    acts: [
      { at: FIRST, act: (model) => load(model, 4.2) },
      { at: SECOND, act: (model) => model.deletePolicy("default", "web") },
    ],
  },
  {
    name: "a StatefulSet",
    ...once,
    prepare(model) {
      settle(model, 3, { target: statefulSet });
      model.apply(policyOf({ target: statefulSet, maxReplicas: 8 }));
    },
    acts: [{ at: FIRST, act: (model) => load(model, 2.8) }],
  },
  {
    name: "the first move after an edit",
    ...once,
    prepare(model) {
      settle(model, 6);
      model.apply(policyOf({ maxReplicas: 6 }));
      load(model, 2.9);
    },
    acts: [{ at: FIRST, act: (model) => model.apply(policyOf({ maxReplicas: 15 })) }],
  },
  {
    name: "somebody scales by hand",
    ...once,
    toldBy: "deployments",
    prepare(model) {
      settle(model, 4);
      model.apply(policyOf());
    },
    acts: [{ at: FIRST, act: (model) => model.scale("default", "web", 9) }],
  },
];
