/**
 * What a utilization has to become when someone changes its request by hand: the two are one decision, for
 * the percentage is of the request. From 60 % of 500m with a tolerance of 10 %, which is 300m a pod:
 *
 *   recommended   request                         averageUtilization   averageValue
 *   450m          450m                            66                   300m
 *   240m          335m (⌊66⌋ + 1 = 67 % of 500m)   89                   300m
 *   500m          no pair: nothing changes
 *
 * Invariant: under the advised pair horizontal holds the usage per pod that it held before, and the request
 * leaves it the room to see that more is asked for.
 */
import { amountText } from "../../base/quantity.ts";
import { milliUnits, type ResourceName } from "../../base/units.ts";
import type { TargetPair } from "../../policy/vertical/status.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";
import type { ContainerQuestion } from "../../vertical/question.ts";
import type { FollowedUtilization, VerticalVerdict } from "../record.ts";

export const targetPairs = (verdict: VerticalVerdict): readonly TargetPair[] =>
  verdict.followed.flatMap((followed) => pairFor(followed, verdict) ?? []);

function pairFor(
  { metric: { resource, container, target }, tolerance }: FollowedUtilization,
  { question, proposal }: VerticalVerdict,
): TargetPair | undefined {
  if (target.kind !== "utilization") return undefined;
  const counted = question.containers.filter(
    ({ name, role }) => role !== "init" && (container === undefined || name === container),
  );
  const base = sumOf(counted, ({ requests }) => requests[resource]);
  const recommended = new Map(proposal.containers.map((one) => [one.container, one]));
  const wanted = sumOf(counted, ({ name, requests }) => {
    const one = recommended.get(name);
    return (one?.kind === "recommendation" ? one.target[resource] : undefined) ?? requests[resource];
  });
  if (base === undefined || base === 0 || wanted === undefined || wanted === base) return undefined;
  const room = Math.floor(exactly(target.percent * (1 + tolerance))) + 1;
  const request = Math.max(wanted, Math.ceil((base * room) / 100));
  const carry = Math.floor((base * target.percent) / 100);
  return {
    metric: container === undefined ? resource : `${container}/${resource}`,
    request: textOf(resource, request),
    averageUtilization: Math.max(1, Math.floor((base * target.percent) / request)),
    averageValue: textOf(resource, carry),
  };
}

/** 60 × 1.1 is 66 and not 66.00000000000001. */
const exactly = (product: number): number => Math.round(product * 1e9) / 1e9;

/** undefined where one of them is not known: then no pod has a utilization either. */
function sumOf(
  containers: readonly ContainerQuestion[],
  of: (container: ContainerQuestion) => number | undefined,
): number | undefined {
  return containers.reduce<number | undefined>((sum, container) => {
    const amount = of(container);
    return sum === undefined || amount === undefined ? undefined : sum + amount;
  }, 0);
}

/** Requests are in millicores and bytes; a text is made of thousandths. */
const textOf = (resource: ResourceName, amount: number): string =>
  amountText(resource, milliUnits(resource === "cpu" ? amount : amount * 1000));

export const recommendationsIn = ({ proposal }: VerticalVerdict): readonly ContainerRecommendation[] =>
  proposal.containers.filter((one) => one.kind === "recommendation");
