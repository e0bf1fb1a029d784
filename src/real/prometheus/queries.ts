/**
 * The questions that a Prometheus is asked, as PromQL.
 *
 * Invariant: names reach a query only as quoted strings. Series of several jobs about one container are one:
 * the largest counts.
 */
import type { Millis } from "../../base/units.ts";
import { KRR_SETTINGS, krrQuantile } from "../../rightsizing/krr/strategy.ts";

/** Names of labels; those of cAdvisor since Kubernetes 1.16. The flags are the VPA's. */
export type LabelNames = Readonly<{ namespace: string; pod: string; container: string }>;

export const LABEL_NAMES: LabelNames = { namespace: "namespace", pod: "pod", container: "container" };

const CPU = "container_cpu_usage_seconds_total";
const MEMORY = "container_memory_working_set_bytes";

/** Cores, the mean of each step; bytes, the highest that was scraped in each step. */
export function usageQueries(
  namespace: string,
  { labels, step }: Readonly<{ labels: LabelNames; step: Millis }>,
): Readonly<{ cpu: string; memory: string }> {
  const by = `by (${labels.pod}, ${labels.container})`;
  const over = `[${step / 1000}s]`;
  const of = (metric: string): string => `${metric}{${selectorOf(namespace, labels)}}${over}`;
  return {
    cpu: `max ${by} (rate(${of(CPU)}))`,
    memory: `max ${by} (max_over_time(${of(MEMORY)}))`,
  };
}

export type KrrQueryName = "cpu" | "cpuPoints" | "memory" | "memoryPoints";

/** Exactly KRR's, but for a whole namespace at once and with all its containers. */
export function krrQueries(namespace: string, labels: LabelNames): Readonly<Record<KrrQueryName, string>> {
  const { historyHours, stepSeconds, cpuPercentile } = KRR_SETTINGS;
  const selector = selectorOf(namespace, labels);
  const by = `by (${labels.container}, ${labels.pod}, job)`;
  const window = `[${historyHours * 3600}s:${stepSeconds}s]`;
  const rate = `max(rate(${CPU}{${selector}}[${stepSeconds}s])) ${by} ${window}`;
  return {
    cpu: `quantile_over_time(${krrQuantile(cpuPercentile)}, ${rate})`,
    cpuPoints: `count_over_time(max(${CPU}{${selector}}) ${by} ${window})`,
    memory: `max_over_time(max(${MEMORY}{${selector}}) ${by} ${window})`,
    memoryPoints: `count_over_time(max(${MEMORY}{${selector}}) ${by} ${window})`,
  };
}

/** Containers of pods; not the pause container, nor the cgroup of the pod as a whole. */
function selectorOf(namespace: string, { namespace: label, pod, container }: LabelNames): string {
  return `${label}=${JSON.stringify(namespace)}, ${pod}!="", ${container}!="", ${container}!="POD"`;
}
