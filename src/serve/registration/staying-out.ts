/**
 * Why the metrics API is not announced, in words: the reason and note of the Event, and the line of the log.
 */
import { unreachable } from "../../base/assert.ts";
import type { EventReasonName } from "../../report/event-reasons.ts";
import type { Standing } from "./decide.ts";

export type StayingOut = Extract<Standing, { kind: "left-to-other" | "no-service" }>;

export const isStayingOut = (standing: Standing): standing is StayingOut =>
  standing.kind === "left-to-other" || standing.kind === "no-service";

export type Explanation = Readonly<{
  reason: EventReasonName;
  note: string;
  message: string;
  fields: Readonly<Record<string, string>>;
}>;

export function explain(standing: StayingOut): Explanation {
  const { version } = standing;
  switch (standing.kind) {
    case "left-to-other":
      return {
        reason: "LeftToOther",
        note: `${standing.owner} serves this API and keeps it; --metrics-api=Always would take it over`,
        message: "another server has the metrics API; it keeps it, and ours stays unregistered",
        fields: { version, service: standing.owner, takeOver: "--metrics-api=Always" },
      };
    case "no-service":
      return {
        reason: "NoService",
        note: `Service ${standing.service} does not exist; this API would lead nowhere, and is not announced`,
        message: "the metrics API is not announced: the Service that would lead to it does not exist",
        fields: { version, service: standing.service, remedy: "make it, or say --metrics-api=Off" },
      };
    default:
      return unreachable(standing);
  }
}
