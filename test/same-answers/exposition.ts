/**
 * What a kubelet says, as the text that it sends. A line that is left out is one that the kubelet did not print.
 */

/** Values as they are printed; stamps in milliseconds, none where the line bears none. */
export type ContainerSaid = Readonly<{
  namespace: string;
  pod: string;
  container: string;
  cpu?: string;
  memory?: string;
  start?: string;
  cpuAt?: number;
  memoryAt?: number;
}>;
export type NodeSaid = Readonly<{ cpu: string; memory: string; at?: number }>;
export type Said = Readonly<{ node: NodeSaid | undefined; containers: readonly ContainerSaid[] }>;

/** By name, as a kubelet prints its families. */
export function answerText({ node, containers }: Said): string {
  return [
    ...family("container_cpu_usage_seconds_total", containers, ({ cpu, cpuAt }) => [cpu, cpuAt]),
    ...family("container_memory_working_set_bytes", containers, ({ memory, memoryAt }) => [memory, memoryAt]),
    ...family("container_start_time_seconds", containers, ({ start }) => [start]),
    ...family("container_swap_usage_bytes", containers, ({ memoryAt }) => ["0", memoryAt]),
    ...(node === undefined ? [] : nodeLines(node)),
    "# TYPE resource_scrape_error gauge",
    "resource_scrape_error 0",
    "",
  ].join("\n");
}

type Point = readonly [value: string | undefined, at?: number | undefined];

function family(
  name: string,
  containers: readonly ContainerSaid[],
  pointOf: (said: ContainerSaid) => Point,
): string[] {
  const lines = containers.flatMap((said) => {
    const [value, at] = pointOf(said);
    const { namespace, pod, container } = said;
    const labels = `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
    return value === undefined ? [] : [`${name}${labels} ${value}${stamp(at)}`];
  });
  return [`# HELP ${name} [STABLE] Said by a recording kubelet`, `# TYPE ${name} gauge`, ...lines];
}

const nodeLines = ({ cpu, memory, at }: NodeSaid): string[] => [
  `node_cpu_usage_seconds_total ${cpu}${stamp(at)}`,
  `node_memory_working_set_bytes ${memory}${stamp(at)}`,
];

const stamp = (at: number | undefined): string => (at === undefined ? "" : ` ${at}`);

/** Cumulative CPU in nanoseconds as seconds. */
export const cpuText = (nanos: number): string => String(nanos / 1e9);

/** As Go prints large numbers. */
export const memoryText = (bytes: number): string =>
  bytes < 1e6 ? String(bytes) : bytes.toExponential().replace(/e\+(\d)$/, "e+0$1");

/** A moment in milliseconds, with its parts, as seconds. */
export const startText = (millis: number): string => (millis / 1000).toFixed(9);
