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
import type { ApiRequest, ApiTransport } from "./transport.ts";
import { backOff, CALM } from "./watch/backoff.ts";
import { LineReader } from "./watch/lines.ts";
import { startWatchdog } from "./watch/watchdog.ts";

export type LeaseName = Readonly<{ namespace: string; name: string }>;
export type LeaseTools = Readonly<{ clock: Clock; random: Random }>;

const API_VERSION = "coordination.k8s.io/v1";
const ANSWER_WITHIN = seconds(5);
/** A leader renews every two seconds; without one there is still a bookmark a minute. */
const SILENCE_MAX = seconds(75);
const WATCH_SECONDS_MIN = 300;

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

  /** One watch, from the state that is there to its end; whether it brought anything. */
  const watchOnce = async (changed: (lease: Lease) => void, signal: AbortSignal): Promise<boolean> => {
    const watchdog = startWatchdog(clock, SILENCE_MAX, signal);
    let heard = false;
    try {
      const stream = await transport.stream({
        method: "GET",
        path: all,
        query: watchQuery(name, random),
        signal: watchdog.signal,
        lane: "lease",
      });
      if (stream.kind !== "open") return false;
      const lines = new LineReader();
      for await (const chunk of stream.chunks) {
        watchdog.feed();
        heard = true;
        for (const line of lines.read(chunk)) hearLine(line, changed);
      }
    } catch {
      // A broken watch ends like one that the server closed; `heard` tells whether it was worth anything.
    } finally {
      watchdog.stop();
    }
    return heard;
  };

  return {
    async readLease(signal) {
      return readOutcome(await send({ method: "GET", path: `${all}/${name}`, signal }), LeaseObject);
    },
    createLease: (record, signal) => write("POST", { record }, signal),
    updateLease: ({ resourceVersion }, record, signal) => write("PUT", { record, resourceVersion }, signal),
    async watchLease(changed, signal) {
      let backoff = CALM;
      while (!signal.aborted) {
        if (await watchOnce(changed, signal)) backoff = CALM;
        const next = backOff(backoff, { now: clock.mono(), chance: random.next(), retryAfter: undefined });
        backoff = next.backoff;
        await clock.sleep(next.wait, signal);
      }
    },
  };
}

/** Without a version a watch begins with what is there, so nothing is missed between two of them. */
const watchQuery = (name: string, random: Random): Readonly<Record<string, string>> => ({
  watch: "true",
  fieldSelector: `metadata.name=${name}`,
  allowWatchBookmarks: "true",
  timeoutSeconds: String(Math.round(WATCH_SECONDS_MIN * (1 + random.next()))),
});

/** A line that tells of no Lease (a bookmark, a deletion, an error) is left to the retry period's read. */
function hearLine(line: string, changed: (lease: Lease) => void): void {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return;
  }
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
