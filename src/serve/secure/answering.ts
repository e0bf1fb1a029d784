/**
 * From a request on the secure port to its reply: probes for anyone; the rest for whom the API server
 * allows it, as many at a time as are let in.
 *
 * Invariant: nothing but a probe is answered before it is known who asks and that they may.
 */
import type { Clock } from "../../base/clock.ts";
import type { Meter } from "../../base/meter.ts";
import { elapsed, type MonoMillis } from "../../base/units.ts";
import { attributesOf } from "../aggregated/access/attributes.ts";
import type { Authenticator } from "../aggregated/access/authentication.ts";
import type { Authorizer } from "../aggregated/access/authorization.ts";
import { ANONYMOUS } from "../aggregated/access/caller.ts";
import type { AccessAttributes } from "../aggregated/access/port.ts";
import { refusalReply, type Reply } from "../aggregated/reply.ts";
import type { ApiRoutes } from "../aggregated/routes.ts";
import { noSuchPath, tooMany } from "../aggregated/status-body.ts";
import type { Incoming } from "./listen.ts";

export type AnsweringParts = Readonly<{
  clock: Clock;
  meter: Meter;
  authenticator: Pick<Authenticator, "authenticate">;
  authorizer: Pick<Authorizer, "refuse">;
  /** What anyone may ask; undefined: no such path. */
  open(url: URL, method: string): Promise<Reply | undefined>;
  /** Paths besides the API's, such as /metrics; undefined: no such path. */
  pages(url: URL, method: string): Promise<Reply | undefined>;
  api: ApiRoutes;
  inFlightMax: number;
}>;

export function createAnswering(parts: AnsweringParts): (incoming: Incoming) => Promise<Reply> {
  let inFlight = 0;
  return async (incoming) => {
    const open = await parts.open(incoming.url, incoming.method);
    if (open !== undefined) return open;
    const attributes = attributesOf(incoming.method, incoming.url);
    const began = parts.clock.mono();
    if (inFlight >= parts.inFlightMax) return counted(parts, { attributes, began }, refusalReply(tooMany));
    inFlight++;
    try {
      return counted(parts, { attributes, began }, await answer(incoming, attributes, parts));
    } finally {
      inFlight--;
    }
  };
}

async function answer(
  incoming: Incoming,
  attributes: AccessAttributes,
  parts: AnsweringParts,
): Promise<Reply> {
  const { rawHeaders, presented, url, method } = incoming;
  const who = await parts.authenticator.authenticate({ headers: rawHeaders, presented });
  if (who.kind === "refused") return refusalReply(who.refusal);
  if (who.caller !== ANONYMOUS) incoming.prove();
  const refusal = await parts.authorizer.refuse(who.caller, attributes);
  if (refusal !== undefined) return refusalReply(refusal);
  const page = await parts.pages(url, method);
  if (page !== undefined) return page;
  const request = {
    method,
    url,
    accept: incoming.header("accept"),
    ifNoneMatch: incoming.header("if-none-match"),
  };
  return parts.api(request) ?? refusalReply(noSuchPath);
}

/** Resources by name, so that a label never holds what a stranger wrote. */
const COUNTED: readonly string[] = ["nodes", "pods"];

function counted(
  { clock, meter }: AnsweringParts,
  { attributes, began }: Readonly<{ attributes: AccessAttributes; began: MonoMillis }>,
  reply: Reply,
): Reply {
  const isCounted = attributes.kind === "resource" && COUNTED.includes(attributes.resource);
  const resource = isCounted ? attributes.resource : "other";
  const verb = isCounted && ["get", "list"].includes(attributes.verb) ? attributes.verb : "other";
  meter.count("plimsoll_api_requests_total", { resource, verb, code: String(reply.status) });
  const took = elapsed(began, clock.mono()) / 1000;
  meter.observe("plimsoll_api_request_duration_seconds", took, { resource, verb });
  return reply;
}
