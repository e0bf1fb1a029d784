/**
 * What a judge knows of a run: each scale write with the truth at the moment it was sent, each status, each
 * look.
 *
 * Invariant: the truth is the model's; nothing here is what the operator believes.
 */
import type { Uid } from "../../base/ids.ts";
import type { Millis } from "../../base/units.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { Act } from "../../policy/status.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";
import type { HeldLease } from "../ports/lease.ts";

/** spec.replicas of a target over time, oldest first. */
export type ReplicaHistory = readonly Readonly<{ at: Millis; replicas: number }>[];

export type ObservedWrite = Readonly<{
  /** When it was carried out. */
  at: Millis;
  /** Which process sent it. */
  identity: string;
  /** `namespace/name` */
  target: string;
  to: number;
  /** Whether the API server carried it out. */
  accepted: boolean;
  /** Of the object that the decision was about. */
  basis: Uid;
  truth: TruthOfWrite;
}>;

/** What was so when a write was sent. */
export type TruthOfWrite = Readonly<{
  /** Of the object that stands there; undefined: there is none. */
  uid: Uid | undefined;
  replicas: number;
  history: ReplicaHistory;
  /** What Active policies on this target said at any moment that the sender may rightly still have seen. */
  specs: readonly HorizontalSpec[];
  /** When it was carried out: a write may be long on its way. */
  lease: HeldLease | undefined;
  /** Pods that have run for long enough to be measured, and those of them that no believable sample is of. */
  expectedPods: number;
  lackingPods: number;
  /** The sender's view of the target is older than its own last write, for less than half a minute. */
  viewIsBehind: boolean;
  /** For how long the sender has not heard of the kind that it heard of least. */
  deafFor: Millis;
  /** Since when this very object, and a policy on it, have been there. */
  there: Millis;
  /** Since when the sender leads. */
  ledSince: Millis;
  /** What it found of the past then; "unclear" where clocks were wrong. */
  pastFound: "whole" | "none" | "unclear";
}>;

export type Observation =
  /** With every earlier write of the run. */
  | Readonly<{ kind: "write"; write: ObservedWrite; earlier: readonly ObservedWrite[] }>
  /** A policy's status was written: the acts in it that were not there before. */
  | Readonly<{
      kind: "acts";
      at: Millis;
      policy: string;
      acts: readonly Pick<Act, "what" | "why">[];
      history: ReplicaHistory;
    }>
  /** What a decision recommends about requests, for each container that has a recommendation. */
  | Readonly<{ kind: "recommended"; policy: string; containers: readonly ObservedRecommendation[] }>
  /** A policy wrote, which is one of these, oldest first, that have been Active on its target for a while. */
  | Readonly<{ kind: "owner"; policy: string; actives: readonly string[] }>
  /**
   * Policies that nothing has disturbed for a while, targets of someone else's autoscaler, and those at 0.
   */
  | Readonly<{
      kind: "look";
      at: Millis;
      /** How often kubelets are asked, and each policy is decided on. */
      resolution: Millis;
      undisturbed: readonly Readonly<{ policy: string; decidedAt: Millis }>[];
      taken: readonly Untouchable[];
      stopped: readonly Untouchable[];
    }>
  /** Three periods after the last fault: what the latest decision's metrics say, or why they say nothing. */
  | Readonly<{ kind: "answer"; policy: string; needed: number; wanted: number; answer: number | string }>
  /** Long after the last fault: where replicas are, and what was written in the last 20 periods. */
  | Readonly<{
      kind: "rest";
      /** Whole counts that are as right as any, for a load that is measured a little too low or too high. */
      right: readonly number[];
      policy: string;
      needed: number;
      wanted: number;
      minReplicas: number;
      maxReplicas: number;
      writes: readonly ObservedWrite[];
    }>
  /** Of a run of days: bytes of the heap without garbage, when its second day began and at its end. */
  | Readonly<{ kind: "heap"; settled: number; end: number }>;

export type ObservedRecommendation = Pick<ContainerRecommendation, "target" | "lowerBound" | "upperBound">;

/** A target that is not to be written. */
export type Untouchable = Readonly<{
  target: string;
  /** Since when, and how old a view of that may rightly be. */
  since: Millis;
  lag: Millis;
  /** Our last write; undefined: none. */
  writtenAt: Millis | undefined;
}>;

/** `about` tells of which object, where the observation is of several. */
export type Judgement = "idle" | "holds" | Readonly<{ broken: string; about?: string }>;

export type Invariant = Readonly<{
  name: string;
  statement: string;
  /** "idle": it has nothing to say about this. */
  judge(observation: Observation): Judgement;
}>;

/** An invariant about writes that the API server carried out. */
export const ofWrites = (
  name: string,
  statement: string,
  judge: (write: ObservedWrite, earlier: readonly ObservedWrite[]) => Judgement,
): Invariant => ({
  name,
  statement,
  judge: (seen) => (seen.kind === "write" && seen.write.accepted ? judge(seen.write, seen.earlier) : "idle"),
});

export const broken = (what: string, about?: string): Judgement =>
  about === undefined ? { broken: what } : { broken: what, about };
export const isDecrease = ({ to, truth }: ObservedWrite): boolean => to < truth.replicas;
/** Bringing a count back under the maximum is an order, not a decision. */
export const isOrder = ({ to, truth }: ObservedWrite): boolean =>
  truth.specs.some(({ maxReplicas }) => to === maxReplicas && truth.replicas > maxReplicas);
