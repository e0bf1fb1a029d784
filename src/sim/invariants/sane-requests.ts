/**
 * I7: a request that is recommended is one that a container could be given.
 *
 *   25m within [25m, 100m]      holds
 *   0, NaN, above its upper bound, below its lower one      broken
 *
 * That limits and the QoS class stay what they are is a matter of writing, which nothing does yet.
 */
import type { RequestAmounts } from "../../base/units.ts";
import { broken, type Invariant, type ObservedRecommendation } from "./observed.ts";

/** The VPA's own limit. */
const AMOUNT_MAX = 1e14;

export const saneRequests: Invariant = {
  name: "I7",
  statement: "a recommended request is finite, above 0, and between its bounds",
  judge(seen) {
    if (seen.kind !== "recommended" || seen.containers.length === 0) return "idle";
    const wrong = seen.containers.find((one) => !isSane(one));
    return wrong === undefined
      ? "holds"
      : broken(`${seen.policy} recommends ${JSON.stringify(wrong)}`, seen.policy);
  },
};

function isSane({ target, lowerBound, upperBound }: ObservedRecommendation): boolean {
  return (["cpu", "memory"] as const).every((resource) => {
    const [low, amount, high] = [lowerBound, target, upperBound].map((of) => of[resource]);
    if (low === undefined || amount === undefined || high === undefined)
      return low === amount && amount === high;
    return isAmount(amount) && isAmount(high) && low <= amount && amount <= high;
  });
}

const isAmount = (amount: NonNullable<RequestAmounts["cpu" | "memory"]>): boolean =>
  amount > 0 && amount <= AMOUNT_MAX;
