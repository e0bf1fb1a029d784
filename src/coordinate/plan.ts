/**
 * One plan for a workload: what is wanted, what each rail did to it, and the sentence that says so.
 * Downstream of this, nothing decides.
 */
import type { HorizontalProposal } from "../horizontal/proposal.ts";

/** The rails of design order; `coordinate/rails.ts` lists them. */
export type RailName =
  | "count-own-pods"
  | "exact-arithmetic"
  | "hold-on-missing-evidence"
  | "freeze-on-blind-cluster"
  | "censored-demand"
  | "no-decrease-while-rolling"
  | "one-step-when-all-unready"
  | "behavior"
  | "first-move-after-edit"
  | "memory-of-windows"
  | "after-silence"
  | "cluster-brake"
  | "quota-and-failure"
  | "bounds";

/** A rail that moved the answer: before, after, and why, in words with the numbers in them. */
export type RailMove = Readonly<{ rail: RailName; before: number; after: number; why: string }>;

/** A condition as a plan states it; `report/` adds generation and times. */
export type PlanCondition = Readonly<{
  type: "ScalingActive" | "AbleToScale" | "ScalingLimited";
  status: "True" | "False";
  reason: string;
  message: string;
}>;

export type Plan = Readonly<{
  from: number;
  to: number;
  proposal: HorizontalProposal;
  /** In the order in which they ran; only those that moved the answer. */
  moves: readonly RailMove[];
  conditions: readonly PlanCondition[];
  /** One sentence that a person at night understands: `cpu 90 % of request, mark 60 %: 4 → 6`. */
  sentence: string;
}>;
