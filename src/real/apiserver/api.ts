/**
 * The API server behind the ports of acting, reporting and leading, over one transport.
 */
import { z } from "zod";
import type { ScalePort } from "../../actuate/port.ts";
import type { ResizePort, TemplatePort } from "../../actuate/request-port.ts";
import type { ReadOutcome } from "../../base/outcome.ts";
import type { ReportPort } from "../../report/port.ts";
import type { LeasePort } from "../../reconcile/port.ts";
import { createEventWriter } from "./events.ts";
import { readOutcome } from "./failure.ts";
import { createLeasePort, type LeaseTools } from "./lease.ts";
import { createResizePort } from "./requests/resize.ts";
import { createTemplatePort } from "./requests/template.ts";
import { createScalePort } from "./scale.ts";
import { createStatusWriter } from "./status.ts";
import type { ApiTransport } from "./transport.ts";

export type ApiOptions = LeaseTools &
  Readonly<{
    /** Who we are, as in the Lease's holder: shown with our events. */
    identity: string;
    leaseName: string;
    leaseNamespace: string;
  }>;

export function createApi(
  transport: ApiTransport,
  { identity, leaseName, leaseNamespace, ...tools }: ApiOptions,
): ScalePort & ResizePort & TemplatePort & ReportPort & LeasePort {
  return {
    ...createScalePort(transport),
    ...createResizePort(transport),
    ...createTemplatePort(transport),
    ...createStatusWriter(transport),
    ...createEventWriter(transport, { instance: identity, random: tools.random }),
    ...createLeasePort(transport, { namespace: leaseNamespace, name: leaseName }, tools),
  };
}

const ServerVersion = z.object({ gitVersion: z.string(), major: z.string(), minor: z.string() });
export type ServerVersion = Readonly<z.infer<typeof ServerVersion>>;

/** `v1.36.3`: answered to anyone who is known to the server, so it also tells whether we are. */
export async function fetchServerVersion(transport: ApiTransport): Promise<ReadOutcome<ServerVersion>> {
  return readOutcome(await transport.send({ method: "GET", path: "/version" }), ServerVersion);
}
