/**
 * A recommendation for a resource that someone scales on by utilization is half of a pair: the percentage
 * means the request, so a smaller request alone would call for more pods, and those for a smaller request.
 * With the target that goes with it, the number of pods stays as it is.
 *
 *   target 60 % of 500m, 10 % tolerance, recommended 250m for the one container
 *     floor     500m × (⌊60 × 1.1⌋ + 1) % = 335m       headroom belongs to whoever adds pods
 *     request   max(250m, 335m) = 335m
 *     carry     60 % of 500m = 300m a pod              averageValue
 *     target    ⌊60 × 500 / 335⌋ = 89 %                averageUtilization
 *
 * Invariant: at the advised target, a pod carries what it carries now, or up to one percent of its request
 * less; a percentage is 1 at least.
 */
import type { ResourceName } from "../../base/units.ts";
import { isCounted } from "../../usage/history/store.ts";
import { carryOf, floorOf, percentOf } from "../../vertical/pair.ts";
import type { Mark, Scaler } from "../subject.ts";

export type PairAdvice = Readonly<{
  scaler: Readonly<{ kind: Scaler["kind"]; name: string }>;
  resource: ResourceName;
  /** The container that the metric follows; undefined: the pod. */
  container: string | undefined;
  /** Percent of the request, now and with the requests of this pair. */
  target: Readonly<{ now: number; after: number }>;
  /** What a pod carries at the target, in millicores or bytes. */
  carry: number;
  /** Per container, whole. */
  requests: readonly Readonly<{ container: string; amount: number }>[];
}>;

/** The HPA's default; a policy may have another, which moves the floor by a few percent. */
const TOLERANCE = 0.1;

export type PairContainer = Readonly<{
  name: string;
  role: "main" | "sidecar" | "init";
  request: number | undefined;
  recommended: number | undefined;
  /** Its p90 usage, by which a floor is shared out; undefined while unknown. */
  p90: number | undefined;
}>;

/** undefined: nothing would change, or too little is known to say what goes with it. */
export function pairFor(
  mark: Mark,
  scaler: Scaler,
  containers: readonly PairContainer[],
): PairAdvice | undefined {
  const counted = countedBy(mark, containers);
  const base = sumOf(counted.map(({ request }) => request));
  const wanted = sumOf(counted.map(({ recommended, request }) => recommended ?? request));
  if (base === undefined || wanted === undefined || base === 0 || wanted === base) return undefined;
  const yardstick = { base, percent: mark.percent };
  const requests = liftTo(floorOf(yardstick, TOLERANCE), counted, wanted);
  const total = requests.reduce((sum, { amount }) => sum + amount, 0);
  return {
    scaler: { kind: scaler.kind, name: scaler.name },
    resource: mark.resource,
    container: mark.container,
    target: { now: mark.percent, after: percentOf(yardstick, total) },
    carry: carryOf(yardstick),
    requests,
  };
}

/** The containers whose usage the metric reads. */
export function countedBy<T extends PairContainer>({ container }: Mark, containers: readonly T[]): T[] {
  return containers.filter(
    (one) => isCounted(one.role) && (container === undefined || one.name === container),
  );
}

/** undefined as soon as one is: the HPA, too, needs the request of every container. */
export function sumOf(amounts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const amount of amounts) {
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return sum;
}

/** Each gets the larger of what is recommended and its part of the floor. */
function liftTo(floor: number, containers: readonly PairContainer[], wanted: number) {
  const weights = containers.map(({ p90, recommended, request }) => p90 ?? recommended ?? request ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return containers.map(({ name, recommended, request }, at) => {
    const own = recommended ?? request ?? 0;
    const share = total === 0 ? 1 / containers.length : (weights[at] ?? 0) / total;
    return { container: name, amount: wanted >= floor ? own : Math.max(own, Math.ceil(floor * share)) };
  });
}
