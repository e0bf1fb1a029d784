/**
 * What a pod is said to use, as far as its node can be made to give it.
 *
 * Invariant: no pod's containers together use more than the node has, and usage that fits is left as it is.
 * So one kubelet's wrong or forged number counts as a busy node at most, never as a million cores.
 *
 *   node of 16 cores, containers at 10⁶ and 0 cores      16 and 0
 *   containers at 24 and 8 cores                         12 and 4: each in its proportion
 *   capacity unknown                                     as measured
 */
import { type Amounts, bytes, cpuInMilli, memoryInMilli, type MilliUnits, nanoCores } from "../base/units.ts";
import type { ContainerUsage } from "../store/reader.ts";

/** Undefined when nothing had to be cut. */
export function cutToNode(
  containers: readonly ContainerUsage[],
  capacity: Amounts,
): readonly ContainerUsage[] | undefined {
  const cpu = excessOver(
    capacity.cpu,
    containers.map((one) => cpuInMilli(one.cpu)),
  );
  const memory = excessOver(
    capacity.memory,
    containers.map((one) => memoryInMilli(one.memory)),
  );
  if (cpu <= 1 && memory <= 1) return undefined;
  return containers.map((one) => ({
    ...one,
    cpu: cpu > 1 ? nanoCores(Math.floor(one.cpu / cpu)) : one.cpu,
    memory: memory > 1 ? bytes(Math.floor(one.memory / memory)) : one.memory,
  }));
}

/** How many times over the capacity the sum is; what is not known is not exceeded. */
function excessOver(capacity: MilliUnits | undefined, amounts: readonly MilliUnits[]): number {
  if (capacity === undefined || capacity === 0) return 0;
  return amounts.reduce<number>((sum, amount) => sum + amount, 0) / capacity;
}
