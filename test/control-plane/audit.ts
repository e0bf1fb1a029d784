/**
 * The API server's own record of who asked for what, and what came of it.
 */
import { readFileSync } from "node:fs";

export type AuditEvent = Readonly<{
  verb: string;
  group: string;
  /** With the subresource: `deployments/scale`. Empty for a path that is no resource. */
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  path: string;
  status: number;
}>;

/** The parts of an audit.k8s.io/v1 Event that are read. */
type Line = Readonly<{
  verb: string;
  requestURI: string;
  requestReceivedTimestamp: string;
  user: { username: string };
  objectRef?: {
    resource?: string;
    subresource?: string;
    apiGroup?: string;
    namespace?: string;
    name?: string;
  };
  responseStatus?: { code?: number };
}>;

/** Since when, in milliseconds since the epoch, and whose. */
export type AuditQuestion = Readonly<{ user: string; since: number }>;

/** Watches appear when they begin and when they end. */
export function readAudit(file: string, { user, since }: AuditQuestion): AuditEvent[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .filter((line) => line.endsWith("}")) // the last one may be half written
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.user.username === user && Date.parse(line.requestReceivedTimestamp) >= since)
    .map(eventOf);
}

function eventOf({ verb, requestURI, objectRef = {}, responseStatus }: Line): AuditEvent {
  const { resource = "", subresource, apiGroup = "", namespace, name } = objectRef;
  return {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    path: requestURI,
    status: responseStatus?.code ?? 0,
  };
}
