/**
 * What a kubelet prints at `/metrics/resource`: the cached samples, in the Prometheus text format.
 *
 * Invariant: families come in alphabetical order, every cached value carries the stamp of its own
 * measurement, and start times carry none.
 */
import type { EpochMillis } from "../../base/units.ts";
import type { Sample } from "../model/running.ts";

/** One container as the kubelet knows it; without a sample it has not been measured yet. */
export type ContainerLines = Readonly<{
  namespace: string;
  pod: string;
  container: string;
  startedAt: EpochMillis;
  sample: Sample;
}>;
export type NodeLines = Readonly<{ node: Sample; containers: readonly ContainerLines[] }>;

/** The whole answer, as bytes. */
export function printResourceMetrics({ node, containers }: NodeLines): Uint8Array {
  const lines: string[] = [];
  const perContainer = (name: string, type: string, line: (c: ContainerLines) => string): void => {
    if (containers.length === 0) return;
    printHead(lines, name, type);
    for (const c of containers)
      lines.push(`${name}{container="${c.container}",namespace="${c.namespace}",pod="${c.pod}"} ${line(c)}`);
  };
  const perNode = (name: string, type: string, value: number): void => {
    printHead(lines, name, type);
    lines.push(`${name} ${printNumber(value)} ${node.at}`);
  };
  perContainer("container_cpu_usage_seconds_total", "counter", ({ sample }) =>
    stamped(sample.cpuSeconds, sample),
  );
  perContainer("container_memory_working_set_bytes", "gauge", ({ sample }) => stamped(sample.memory, sample));
  perContainer("container_start_time_seconds", "gauge", ({ startedAt }) => printNumber(startedAt / 1000));
  perNode("node_cpu_usage_seconds_total", "counter", node.cpuSeconds);
  perNode("node_memory_working_set_bytes", "gauge", node.memory);
  printHead(lines, "resource_scrape_error", "gauge");
  lines.push("resource_scrape_error 0", "");
  return new TextEncoder().encode(lines.join("\n"));
}

function printHead(lines: string[], name: string, type: string): void {
  lines.push(`# HELP ${name} [STABLE] simulated`, `# TYPE ${name} ${type}`);
}

const stamped = (value: number, { at }: Sample): string => `${printNumber(value)} ${at}`;

/**
 * A number as Go prints it: the shortest text, with an exponent of two digits at least from 1e6 on and
 * below 1e-4. 412.5 → 412.5, 8495104 → 8.495104e+06, 0.00001 → 1e-05.
 */
export function printNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
