/**
 * Why a recommendation is not applied, before any rail is asked.
 *
 * Invariant: a resource that someone scales on by utilization is never changed here: the percentage would be
 * of another request, and the replicas would follow (a plan for both axes is to come).
 */
import type { ResourceName } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { ForeignAutoscaler } from "../../cluster/workload.ts";
import type { RequestPlan } from "../../coordinate/requests/plan.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { FollowedUtilization } from "../../report/record.ts";
import type { VerticalProposal } from "../../vertical/proposal.ts";

/** Who scales on a utilization of the target's resources. */
export type Followers = Readonly<{
  own: readonly FollowedUtilization[];
  foreign: readonly ForeignAutoscaler[];
}>;

/** undefined: nothing stands in the way, so the rails decide. */
export function whyNotApplied(
  { apply }: VerticalSpec,
  proposal: VerticalProposal,
  followers: Followers,
): RequestPlan["applying"] | undefined {
  const shared = sharedResources(proposal, followers);
  const who =
    shared.length === 0 ? "" : `${nameOf(followers)} scales on a utilization of ${shared.join(" and ")}`;
  if (apply.mode === "Off") {
    const hint = who === "" ? "" : `; ${who}: whoever changes that request changes the target too`;
    return withheld("ApplyModeOff", `apply.mode is Off: requests are recommended, nothing is written${hint}`);
  }
  if (who === "") return undefined;
  return withheld("NeedsCoordination", `${who}, a percentage of the very request: recommended, not applied`);
}

/** What is recommended and followed by utilization, by anyone. */
function sharedResources(
  { containers }: VerticalProposal,
  { own, foreign }: Followers,
): readonly ResourceName[] {
  const followed = new Set<ResourceName>([
    ...own.map(({ metric }) => metric.resource),
    ...foreign.flatMap(({ followsUtilizationOf }) => followsUtilizationOf),
  ]);
  return (["cpu", "memory"] as const).filter(
    (resource) =>
      followed.has(resource) &&
      containers.some((one) => one.kind === "recommendation" && one.target[resource] !== undefined),
  );
}

function nameOf({ own, foreign }: Followers): string {
  if (own.length > 0) return "horizontal";
  const [first] = foreign.filter(({ followsUtilizationOf }) => followsUtilizationOf.length > 0);
  return first === undefined ? "someone" : `HorizontalPodAutoscaler ${keyOf(first)}`;
}

const withheld = (reason: string, message: string): RequestPlan["applying"] => ({
  status: "False",
  reason,
  message,
});
