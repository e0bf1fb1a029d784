/**
 * What replicas should be, worked out from the load itself.
 *
 * Invariant: nothing here is of the operator: amounts and shares are the workload's own, targets the policy's text.
 */
import { must } from "../../../src/base/assert.ts";
import { parseQuantity, quantityAsNumber } from "../../../src/base/quantity.ts";
import type { Millis } from "../../../src/base/units.ts";
import { targetKey } from "../../../src/cluster/workload.ts";
import { demandAt } from "../../../src/sim/kubelet/load.ts";
import type { ContainerBlueprint, WorkloadBlueprint } from "../../../src/sim/model/blueprint.ts";
import type { Weather } from "./weather.ts";

type Resource = "cpu" | "memory";
type Target = Readonly<{ averageUtilization?: number; averageValue?: string }>;
type Followed = Readonly<{ name: Resource; container?: string; target: Target }>;
type Metric = Readonly<{ resource?: Followed; containerResource?: Followed }>;

/** `measured`: what is measured of the load, a fraction of it. */
export type Moment = Readonly<{ seed: number; at: Millis; replicas: number; measured: number }>;

/**
 * Pods' worth of load: what replicas would be without bounds, a fraction; the metric that asks for most decides. A
 * utilization is a whole percentage, as the HPA has it: 49.9 % of a mark of 60 % on 5 pods are 49/60 of them, 4.08.
 */
export function podsNeeded({ blueprint, policy }: Weather["workloads"][number], moment: Moment): number {
  const { horizontal } = policy.spec as { horizontal: { metrics: readonly Metric[] } };
  const ratios = horizontal.metrics.map(({ resource, containerResource }) => {
    const followed = must(resource ?? containerResource, "a metric follows something");
    return ratioOf(blueprint, followed, moment);
  });
  return moment.replicas * Math.max(...ratios);
}

const ownOf = ({ containers }: WorkloadBlueprint, { container }: Followed): readonly ContainerBlueprint[] =>
  containers.filter(({ name }) => container === undefined || name === container);

/** Of one pod, when all share the load evenly: cores or bytes. */
function usageOf(blueprint: WorkloadBlueprint, followed: Followed, { seed, at, replicas }: Moment): number {
  const { load, namespace, target } = blueprint;
  const name = targetKey(namespace, target);
  const cores = demandAt(load.cpu, at, { seed, name }) / replicas;
  const own = load.memory === undefined ? 0 : demandAt(load.memory, at, { seed, name: `${name}/memory` });
  const memory = load.memoryBase + own / replicas + cores * load.memoryPerCore;
  return sumOf(ownOf(blueprint, followed), ({ share }) => share * (followed.name === "cpu" ? cores : memory));
}

/** What is used, of what is wanted. */
function ratioOf(blueprint: WorkloadBlueprint, followed: Followed, moment: Moment): number {
  const { averageUtilization, averageValue } = followed.target;
  const usage = usageOf(blueprint, followed, moment) * moment.measured;
  if (averageValue !== undefined) return usage / amountOf(averageValue);
  const requested = sumOf(
    ownOf(blueprint, followed),
    ({ requests }) => (requests[followed.name] ?? 0) / 1000,
  );
  const percent = Math.floor((100 * usage) / requested);
  return percent / must(averageUtilization, "a target has an amount or a percentage");
}

function amountOf(text: string): number {
  const parsed = parseQuantity(text);
  return parsed.kind === "quantity" ? quantityAsNumber(parsed.quantity) : Number.NaN;
}

const sumOf = <T>(items: readonly T[], amount: (item: T) => number): number =>
  items.reduce((sum, item) => sum + amount(item), 0);
