/**
 * A request is the yardstick of whoever scales on a utilization of it: moving it moves the replicas. Until
 * both axes are decided together, such a resource is recommended and not written.
 *
 * Invariant: a resource that is followed by utilization keeps its request and its limit.
 */
import { isSame, withPartOf } from "../amounts.ts";
import { perContainer, type RequestRail } from "../rail.ts";
import { changeText } from "../wording.ts";

export const headroom: RequestRail = {
  name: "headroom",
  rule: "A resource that this policy or an HPA scales the target on by utilization is recommended and not written.",
  answers:
    "An HPA on CPU utilization and a VPA on CPU fight: each change of the request changes the percentage (autoscaler#6247).",
  apply: (draft, question) =>
    perContainer(draft, question, (wish, { present }) => {
      const kept = question.followed.reduce(
        (rest, { resource }) => withPartOf(rest, resource, present),
        wish,
      );
      if (isSame(wish, kept)) return undefined;
      const by = [...new Set(question.followed.map((one) => `${one.by} follows ${one.resource}`))].join(", ");
      const why = `${by} by utilization; recommended: ${changeText(kept, wish)}`;
      return { wish: kept, reason: "NeedsCoordination", why };
    }),
};
