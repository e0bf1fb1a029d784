/**
 * The Lease that leaders hold, on connections of its own. A request never outlives its use: five seconds are
 * half of the renew deadline, as client-go has it.
 *
 * A PUT to a Lease that was deleted makes it anew, whatever version it names (the API server allows that for
 * this kind); of two who do so one still gets a conflict, so there is one holder.
 */
import { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import { microTimeText, parseTime } from "../../base/rfc3339.ts";
import { epochMillis, seconds } from "../../base/units.ts";
import type { Lease, LeasePort, LeaseRecord } from "../../reconcile/port.ts";
import { readOutcome, writeOutcome } from "./failure.ts";
import { MANAGER } from "./naming.ts";
import { watchOne } from "./single/watch-one.ts";
import type { ApiRequest, ApiTransport } from "./transport.ts";

export type LeaseName = Readonly<{ namespace: string; name: string }>;
export type LeaseTools = Readonly<{ clock: Clock; random: Random }>;

const API_VERSION = "coordination.k8s.io/v1";
const ANSWER_WITHIN = seconds(5);

/** Any part may be missing: a released Lease has no holder, one made by hand may have nothing. */
const moment = z
  .string()
  .nullish()
  .transform((text) => parseTime(text) ?? epochMillis(0));
const LeaseObject = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal("Lease"),
    metadata: z.object({ resourceVersion: z.string().min(1) }),
    spec: z
      .object({
        holderIdentity: z.string().nullish(),
        leaseDurationSeconds: z.int().nullish(),
        acquireTime: moment,
        renewTime: moment,
        leaseTransitions: z.int().nullish(),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec }): Lease => ({
    resourceVersion: metadata.resourceVersion,
    record: {
      holder: spec.holderIdentity ?? "",
      duration: seconds(spec.leaseDurationSeconds ?? 0),
      acquiredAt: spec.acquireTime,
      renewedAt: spec.renewTime,
      transitions: spec.leaseTransitions ?? 0,
    },
  }));
const LeaseChange = z.object({ type: z.enum(["ADDED", "MODIFIED"]), object: LeaseObject });

export function createLeasePort(
  transport: ApiTransport,
  { namespace, name }: LeaseName,
  { clock, random }: LeaseTools,
): LeasePort {
  const all = `/apis/${API_VERSION}/namespaces/${namespace}/leases`;
  const send = (request: Omit<ApiRequest, "timeout" | "lane">) =>
    transport.send({ ...request, timeout: ANSWER_WITHIN, lane: "lease" });
  const write = async (
    method: "POST" | "PUT",
    body: Readonly<{ record: LeaseRecord; resourceVersion?: string }>,
    signal: AbortSignal,
  ) => {
    const path = method === "POST" ? all : `${all}/${name}`;
    const metadata = {
      namespace,
      name,
      ...(body.resourceVersion !== undefined && { resourceVersion: body.resourceVersion }),
    };
    const answer = await send({
      method,
      path,
      signal,
      query: { fieldManager: MANAGER },
      body: { apiVersion: API_VERSION, kind: "Lease", metadata, spec: toSpec(body.record) },
    });
    return writeOutcome(answer, "Lease");
  };

  return {
    async readLease(signal) {
      return readOutcome(await send({ method: "GET", path: `${all}/${name}`, signal }), LeaseObject);
    },
    createLease: (record, signal) => write("POST", { record }, signal),
    updateLease: ({ resourceVersion }, record, signal) => write("PUT", { record, resourceVersion }, signal),
    watchLease(changed, signal) {
      const watched = { path: all, name, lane: "lease", clock, random } as const;
      return watchOne(transport, watched, (event) => hearEvent(event, changed), signal);
    },
  };
}

/** What tells of no Lease (a bookmark, a deletion, an error) is left to the retry period's read. */
function hearEvent(event: unknown, changed: (lease: Lease) => void): void {
  const change = LeaseChange.safeParse(event);
  if (change.success) changed(change.data.object);
}

function toSpec({ holder, duration, acquiredAt, renewedAt, transitions }: LeaseRecord): unknown {
  return {
    // An empty holder is refused; nobody is written as no field.
    ...(holder !== "" && { holderIdentity: holder }),
    leaseDurationSeconds: Math.max(1, Math.ceil(duration / 1000)),
    acquireTime: microTimeText(acquiredAt),
    renewTime: microTimeText(renewedAt),
    leaseTransitions: transitions,
  };
}
