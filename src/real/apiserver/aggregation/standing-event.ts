/**
 * An Event about an APIService that is not ours, or not there: it says why. Events of what has no namespace
 * live in `default`.
 */
import type { Clock } from "../../../base/clock.ts";
import type { WriteOutcome } from "../../../base/outcome.ts";
import type { Random } from "../../../base/random.ts";
import { microTimeText } from "../../../base/rfc3339.ts";
import { eventReasonOf } from "../../../report/event-reasons.ts";
import { explain, type StayingOut } from "../../../serve/registration/staying-out.ts";
import { writeOutcome } from "../failure.ts";
import { MANAGER } from "../naming.ts";
import type { ApiTransport } from "../transport.ts";
import { API_VERSION } from "./registrations.ts";

const EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";

export type Teller = (standing: StayingOut) => Promise<WriteOutcome>;

type Tools = Readonly<{ clock: Clock; random: Random; group: string; identity: string }>;

export function createStandingEvents(
  transport: ApiTransport,
  { clock, random, group, identity }: Tools,
): Teller {
  return async (standing) => {
    const name = `${standing.version}.${group}`;
    const { reason, note } = explain(standing);
    const { type, action } = eventReasonOf(reason);
    const suffix = Math.floor(random.next() * 2 ** 48).toString(16);
    const body = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { namespace: "default", name: `${name}.${suffix}` },
      eventTime: microTimeText(clock.wall()),
      reportingController: MANAGER,
      reportingInstance: identity.slice(0, 128),
      type,
      reason,
      action,
      note,
      regarding: { apiVersion: API_VERSION, kind: "APIService", name },
    };
    const query = { fieldManager: MANAGER };
    return writeOutcome(await transport.send({ method: "POST", path: EVENTS, query, body }), "Event");
  };
}
