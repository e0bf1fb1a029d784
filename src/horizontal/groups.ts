/**
 * Sorts pods into those whose usage counts and those it must be assumed of, as the HPA does (first
 * match wins):
 *
 *   being deleted, or Failed                          ignored
 *   Pending                                           unready
 *   no sample                                         missing
 *   cpu, and the sample is not to be trusted yet      unready
 *   else                                              measured
 *
 * Invariant: every pod is in exactly one group.
 */
import { type EpochMillis, later } from "../base/units.ts";
import type { MetricSpec } from "../policy/policy.ts";
import type { PodEvidence } from "../usage/evidence.ts";
import { usageOf } from "./amounts.ts";
import type { HorizontalSettings } from "./question.ts";

export type MeasuredPod = Readonly<{ pod: PodEvidence; usage: number }>;

export type PodGroups = Readonly<{
  measured: readonly MeasuredPod[];
  unready: readonly PodEvidence[];
  missing: readonly PodEvidence[];
  ignored: readonly PodEvidence[];
}>;

export function groupPods(
  pods: readonly PodEvidence[],
  metric: Pick<MetricSpec, "resource" | "container">,
  { now, settings }: Readonly<{ now: EpochMillis; settings: HorizontalSettings }>,
): PodGroups {
  const measured: MeasuredPod[] = [];
  const unready: PodEvidence[] = [];
  const missing: PodEvidence[] = [];
  const ignored: PodEvidence[] = [];
  for (const pod of pods) {
    const usage = usageOf(pod, metric);
    if (pod.deleting || pod.phase === "Failed") ignored.push(pod);
    else if (pod.phase === "Pending") unready.push(pod);
    else if (usage === undefined) missing.push(pod);
    else if (metric.resource === "cpu" && isStartUp(pod, now, settings)) unready.push(pod);
    else measured.push({ pod, usage });
  }
  return { measured, unready, missing, ignored };
}

/**
 * Whether a pod's CPU is that of starting, and says nothing about load: within the initialization period,
 * while it is not ready or its sample reaches back before it became so; after it, when it has never been
 * ready. A pod that was ready and is not any more counts with its real usage. All comparisons are strict.
 */
function isStartUp(
  { readiness, startTime, usage }: PodEvidence,
  now: EpochMillis,
  settings: HorizontalSettings,
) {
  if (readiness === undefined || startTime === undefined || usage === undefined) return true;
  const notReady = readiness.status === "False";
  if (later(startTime, settings.cpuInitializationPeriod) > now)
    return notReady || usage.at < later(readiness.since, usage.window);
  return notReady && later(startTime, settings.initialReadinessDelay) > readiness.since;
}
