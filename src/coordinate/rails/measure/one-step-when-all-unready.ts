/**
 * Overload can fail every readiness probe at once. Upstream then sees no usable pod and does nothing; here
 * one step up is taken when the pods that were ready before use more than the target.
 *
 * Invariant: nothing happens while a pod is still starting or ready, so a step is taken only after the pods
 * of the last one have come and been overloaded too.
 *
 *   3 pods, all once ready, none ready now, 120 % of the target    → 4
 *   30 pods likewise                                               → 33
 */
import { epochMillis, later } from "../../../base/units.ts";
import { proposeReplicas } from "../../../horizontal/propose.ts";
import type { PlanQuestion } from "../../question.ts";
import type { Circumstances, Rail } from "../../rail.ts";
import { directionOf, liveReplicas } from "./count-own-pods.ts";

type Pod = PlanQuestion["evidence"]["pods"][number];

/** A step: a tenth of the replicas, at least one (our decision). */
export const stepOf = (replicas: number): number => Math.ceil(replicas / 10);

function apply(replicas: number, { question }: Circumstances) {
  const { target, evidence } = question;
  const { pods } = evidence;
  if (replicas > target.replicas || pods.length === 0 || pods.length < liveReplicas(question))
    return undefined;
  if (!pods.every((pod) => isOverloaded(pod, question)) || !isOverTarget(question)) return undefined;
  const raised = target.replicas + stepOf(target.replicas);
  return {
    replicas: raised,
    why: `all ${pods.length} pods turned unready while their usage is over the target: one step up, ${raised}`,
    states: [],
  };
}

/** Was ready once, and is not any more: the same test for "never ready" as the HPA's. */
function isOverloaded({ phase, readiness, startTime }: Pod, { settings }: PlanQuestion): boolean {
  if (phase !== "Running" || readiness === undefined || startTime === undefined) return false;
  return readiness.status !== "True" && readiness.since >= later(startTime, settings.initialReadinessDelay);
}

/** The metrics' answer if readiness were no reason to distrust a sample: ready since before any sample. */
function isOverTarget({ now, spec, settings, target, evidence }: PlanQuestion): boolean {
  const readiness = { status: "True", since: epochMillis(0) } as const;
  const pods = evidence.pods.map((pod) => ({ ...pod, readiness }));
  return (
    directionOf(proposeReplicas({ now, spec, settings, currentReplicas: target.replicas, pods })) === "up"
  );
}

export const oneStepWhenAllUnready: Rail = {
  name: "one-step-when-all-unready",
  rule: "When every pod has turned unready and their last usage is over the target, the count goes up by one step, a tenth and at least one.",
  answers:
    "Overload that fails readiness leaves an HPA without a usable pod, so that it does not scale out when most needed (kubernetes#51650, #64088).",
  apply,
};
