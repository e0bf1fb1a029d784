/**
 * What a utilization has to become when someone changes its request by hand, metric by metric of a policy.
 *
 * Invariant: under the advised pair horizontal holds the usage per pod that it held before, and the request
 * leaves it the room to see that more is asked for (vertical/pair.ts).
 */
import { amountText } from "../../base/quantity.ts";
import { milliUnits, type ResourceName } from "../../base/units.ts";
import type { TargetPair } from "../../policy/vertical/status.ts";
import { carryOf, floorOf, percentOf } from "../../vertical/pair.ts";
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
  const yardstick = { base, percent: target.percent };
  const request = Math.max(wanted, Math.ceil(floorOf(yardstick, tolerance)));
  return {
    metric: container === undefined ? resource : `${container}/${resource}`,
    request: textOf(resource, request),
    averageUtilization: percentOf(yardstick, request),
    averageValue: textOf(resource, carryOf(yardstick)),
  };
}

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
