/**
 * What a horizontal target says, held against the containers that it counts (where their workload is among
 * the manifests).
 */
import type { MilliUnits } from "../../base/units.ts";
import type { MetricSpec } from "../../policy/policy.ts";
import type { Finding, RuleName, Severity } from "../finding.ts";
import {
  type Autoscaler,
  type ContainerManifest,
  countedBy,
  type Manifests,
  requestOf,
  type WorkloadManifest,
} from "../manifest.ts";

type Looked = Readonly<{
  autoscaler: Autoscaler;
  metric: MetricSpec;
  at: string;
  workload: WorkloadManifest | undefined;
}>;

function metricsOf({ autoscalers, workloads }: Manifests): readonly Looked[] {
  return autoscalers.flatMap((autoscaler) => {
    const workload = workloads.find(({ key }) => key === autoscaler.key);
    const metrics = autoscaler.horizontal?.metrics ?? [];
    return metrics.map((metric): Looked => ({ autoscaler, metric, at: wordsOf(metric), workload }));
  });
}

const wordsOf = ({ resource, container }: MetricSpec): string =>
  container === undefined ? resource : `${resource} of container ${container}`;

const finding = (
  rule: RuleName,
  severity: Severity,
  { autoscaler, at }: Looked,
  message: string,
): Finding => ({
  rule,
  severity,
  source: autoscaler.source,
  field: `metrics (${at})`,
  message,
});

/** Without a request a percentage of it cannot be computed, and the count never moves. */
export const noRequests = (manifests: Manifests): readonly Finding[] =>
  metricsOf(manifests).flatMap((looked): readonly Finding[] => {
    const { metric, workload } = looked;
    if (metric.target.kind !== "utilization" || workload === undefined) return [];
    const without = countedBy(metric, workload).filter(
      (each) => requestOf(each, metric.resource) === undefined,
    );
    if (without.length === 0) return [];
    const names = without.map(({ name }) => name).join(", ");
    const message = `no ${metric.resource} request in ${names}: set one, or there is no percentage of it`;
    return [finding("no-requests", "error", looked, message)];
  });

export const unknownContainers = (manifests: Manifests): readonly Finding[] =>
  metricsOf(manifests).flatMap((looked): readonly Finding[] => {
    const { metric, workload } = looked;
    if (metric.container === undefined || workload === undefined) return [];
    if (countedBy(metric, workload).length > 0) return [];
    const names = workload.containers.map(({ name }) => name).join(", ");
    return [
      finding("unknown-container", "error", looked, `the target has no such container: it has ${names}`),
    ];
  });

const FULL_PERCENT = 100;

/**
 * A mark that usage can never reach, because the limit is beneath it: the count stays at the minimum while
 * pods are throttled (CPU) or killed (memory).
 *
 * 150 % of 200m with a limit of 250m: 300m cannot be used; with a limit of 400m, or none, it can.
 */
export const outOfReach = (manifests: Manifests): readonly Finding[] =>
  metricsOf(manifests).flatMap((looked): readonly Finding[] => {
    const { metric, workload } = looked;
    const counted = workload === undefined ? [] : countedBy(metric, workload);
    const mark = markOf(metric, counted);
    const limit = sum(counted.map(({ limits }) => limits[metric.resource]));
    if (counted.length > 0 && mark !== undefined && limit !== undefined && mark >= limit) {
      const message = "the limits of a pod are reached before the mark: raise the limits or lower the target";
      return [finding("target-out-of-reach", "error", looked, message)];
    }
    if (workload !== undefined || metric.target.kind !== "utilization") return [];
    if (metric.target.percent <= FULL_PERCENT) return [];
    const message = `${metric.target.percent} % of the request is reached only where the limit is above that`;
    return [finding("target-out-of-reach", "warning", looked, message)];
  });

/** Usage per pod at which the count stays, in milli-units; undefined where a request lacks. */
function markOf({ target, resource }: MetricSpec, counted: readonly ContainerManifest[]): number | undefined {
  if (target.kind === "average-value") return target.amount;
  const request = sum(counted.map((container) => requestOf(container, resource)));
  return request === undefined ? undefined : (request * target.percent) / FULL_PERCENT;
}

/** undefined where one is missing. */
function sum(amounts: readonly (MilliUnits | number | undefined)[]): number | undefined {
  let total = 0;
  for (const amount of amounts) {
    if (amount === undefined) return undefined;
    total += amount;
  }
  return total;
}

export const minIsMax = ({ autoscalers }: Manifests): readonly Finding[] =>
  autoscalers.flatMap(({ source, horizontal }): readonly Finding[] => {
    if (horizontal === undefined || horizontal.minReplicas !== horizontal.maxReplicas) return [];
    const message = `minReplicas is maxReplicas (${horizontal.maxReplicas}): the count can never move`;
    return [{ rule: "min-is-max", severity: "warning", source, field: "maxReplicas", message }];
  });

/** More pods seldom bring memory down: caches and heaps keep what they have. */
export const memoryUtilization = (manifests: Manifests): readonly Finding[] =>
  metricsOf(manifests).flatMap((looked): readonly Finding[] => {
    const { metric } = looked;
    if (metric.resource !== "memory" || metric.target.kind !== "utilization") return [];
    const message =
      "most programs keep the memory they once had, so more pods do not bring it down: " +
      "be sure that this one gives it back, or follow cpu and let requests fit the memory";
    return [finding("memory-utilization", "warning", looked, message)];
  });
