/**
 * What a fleet of kubelets answers, round after round, for benchmarks: the families, names and sizes of a
 * kubelet v1.36 (swap and pod families too); in each round all values differ and some pods are replaced.
 */
import type { Random } from "../../src/base/random.ts";
import { seededRandom } from "../../src/base/random.ts";

export type FleetSize = Readonly<{ nodes: number; podsPerNode: number; containers: readonly string[] }>;
export type FleetContainer = {
  name: string;
  namespace: string;
  pod: string;
  cpu: number;
  memory: number;
  start: string;
};
/** A line's family, and its value for a container. */
type Lines = readonly [family: string, valueOf: (container: FleetContainer) => string, stamped: boolean];

const T0 = 1_795_577_044_000;
const ROUND_MILLIS = 15_000;
const CONTAINER_LINES: readonly Lines[] = [
  ["container_cpu_usage_seconds_total", ({ cpu }) => `${Math.round(cpu * 1e9) / 1e9}`, true],
  ["container_memory_working_set_bytes", ({ memory }) => goNumber(memory), true],
  ["container_start_time_seconds", ({ start }) => start, false],
  ["container_swap_limit_bytes", () => "0", true],
  ["container_swap_usage_bytes", () => "0", true],
];
const POD_FAMILIES = ["pod_cpu_usage_seconds_total", "pod_memory_working_set_bytes", "pod_swap_usage_bytes"];

export class Fleet {
  readonly nodes: FleetContainer[][];
  readonly #random: Random;
  readonly #size: FleetSize;
  #made = 0;
  #round = 0;

  constructor(size: FleetSize, seed = 1) {
    this.#random = seededRandom(seed);
    this.#size = size;
    this.nodes = Array.from({ length: size.nodes }, () =>
      Array.from({ length: size.podsPerNode }, () => this.#newPod()).flat(),
    );
  }

  /** Replaces this part of the pods, lets the rest use something, and moves time on by a round. */
  advance(churnFraction: number): void {
    this.#round++;
    for (const [index, node] of this.nodes.entries()) {
      const pods = new Set(node.map(({ pod }) => pod));
      const leaving = new Set([...pods].filter(() => this.#random.next() < churnFraction));
      const staying = node.filter(({ pod }) => !leaving.has(pod));
      for (const container of staying) {
        container.cpu += this.#random.next() * 15;
        container.memory += Math.floor(this.#random.next() * 100) * 4096;
      }
      this.nodes[index] = [...staying, ...Array.from(leaving, () => this.#newPod()).flat()];
    }
  }

  answer(node: number): Buffer {
    const containers = (this.nodes[node] ?? []).toSorted(byLabels);
    const at = T0 + this.#round * ROUND_MILLIS;
    const lines: string[] = [];
    for (const [family, valueOf, stamped] of CONTAINER_LINES) {
      lines.push(
        `# HELP ${family} [STABLE] Words of about the length of a kubelet's`,
        `# TYPE ${family} gauge`,
      );
      for (const container of containers) {
        const stamp = stamped ? ` ${at - Math.floor((container.cpu * 7919) % 13_000)}` : "";
        lines.push(`${family}${labels(container)} ${valueOf(container)}${stamp}`);
      }
    }
    lines.push(`node_cpu_usage_seconds_total ${90_321.554 + this.#round} ${at}`);
    lines.push(`node_memory_working_set_bytes ${goNumber(6_193_471_488)} ${at}`);
    const pods = new Map(
      containers.map((container) => [`${container.namespace}/${container.pod}`, container]),
    );
    for (const family of POD_FAMILIES) {
      lines.push(
        `# HELP ${family} [STABLE] Words of about the length of a kubelet's`,
        `# TYPE ${family} gauge`,
      );
      for (const { namespace, pod, cpu } of pods.values())
        lines.push(`${family}{namespace="${namespace}",pod="${pod}"} ${goNumber(cpu)} ${at}`);
    }
    lines.push("# TYPE resource_scrape_error gauge", "resource_scrape_error 0", "");
    return Buffer.from(lines.join("\n"));
  }

  #newPod(): FleetContainer[] {
    const next = (): number => this.#random.next();
    const namespace = `team-${Math.floor(next() * 40)}`;
    const template = Math.floor(next() * 2 ** 32)
      .toString(36)
      .padStart(10, "0")
      .slice(0, 10);
    const pod = `service-${Math.floor(next() * 300)}-${template}-${(this.#made++).toString(36).padStart(5, "0")}`;
    return this.#size.containers.map((name) => ({
      name, namespace, pod,
      cpu: 0.01 + next() * 5000,
      memory: (1 + Math.floor(next() * 100_000)) * 4096,
      start: `1.79557${Math.floor(1e9 + next() * 5.9e9)}e+09`,
    })); // prettier-ignore
  }
}

const labels = ({ name, namespace, pod }: FleetContainer): string =>
  `{container="${name}",namespace="${namespace}",pod="${pod}"}`;

const byLabels = (one: FleetContainer, other: FleetContainer): number =>
  labels(one) < labels(other) ? -1 : 1;

/** Go prints an exponent from 1e21 for `%v` of integers, and from 1e6 in the exposition. */
function goNumber(value: number): string {
  return value < 1e6 ? `${value}` : value.toExponential().replace(/e\+(\d)$/, "e+0$1");
}
