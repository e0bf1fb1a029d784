/**
 * Events about policies and nodes (events.k8s.io/v1). The same thing happening again raises the count of its
 * event instead of making another, as client-go does. How many may be sent is decided where they are made
 * (report/event-budget.ts).
 *
 * Invariant: what is remembered is bounded, and losing it costs no more than an event told twice.
 */
import type { WriteOutcome } from "../../base/outcome.ts";
import type { Random } from "../../base/random.ts";
import { microTimeText } from "../../base/rfc3339.ts";
import { elapsed, minutes, type EpochMillis } from "../../base/units.ts";
import { type ReportedEvent, type ReportPort, subjectOf } from "../../report/port.ts";
import { writeOutcome } from "./failure.ts";
import { MANAGER, MERGE_PATCH, POLICY_API_VERSION, POLICY_KIND } from "./naming.ts";
import type { ApiTransport } from "./transport.ts";

/** A repeat later than this begins an event of its own. */
const SERIES_ENDS_AFTER = minutes(6);
const REMEMBERED_MAX = 4096;
/** What the API server accepts in a note. */
const NOTE_BYTES_MAX = 1024;
const INSTANCE_LENGTH_MAX = 128;
/** An object's name has at most 253 characters. */
const SUBJECT_NAME_MAX = 200;
/** Where Events about objects without a namespace go. */
const NAMESPACE_OF_NODES = "default";

/** `key` names the series that an event is of. */
type Sending = Readonly<{ key: string; signal: AbortSignal | undefined }>;

/** `instance` tells this process from its replicas. */
export function createEventWriter(
  transport: ApiTransport,
  { instance, random }: Readonly<{ instance: string; random: Random }>,
): Pick<ReportPort, "emit"> {
  const series = new Map<string, Series>();

  const create = async (event: ReportedEvent, { key, signal }: Sending): Promise<WriteOutcome> => {
    const name = nameOf(event, random);
    const answer = await transport.send({
      method: "POST",
      path: pathOf(event),
      query: { fieldManager: MANAGER },
      body: toObject(event, { name, instance }),
      ...(signal !== undefined && { signal }),
    });
    const outcome = writeOutcome(answer, "Event");
    if (outcome.kind === "written") remember(series, key, { name, count: 1, lastAt: event.at });
    return outcome;
  };

  const repeat = async (
    event: ReportedEvent,
    { key, signal }: Sending,
    known: Series,
  ): Promise<WriteOutcome> => {
    const next = { ...known, count: known.count + 1, lastAt: event.at };
    const answer = await transport.send({
      method: "PATCH",
      path: `${pathOf(event)}/${known.name}`,
      query: { fieldManager: MANAGER },
      contentType: MERGE_PATCH,
      body: { series: { count: next.count, lastObservedTime: microTimeText(event.at) } },
      ...(signal !== undefined && { signal }),
    });
    const outcome = writeOutcome(answer, "Event");
    if (outcome.kind === "written") remember(series, key, next);
    return outcome;
  };

  return {
    async emit(event, signal) {
      const { type, reason, action, note } = event;
      const key = [subjectOf(event).uid, type, reason, action, note].join("/");
      const known = series.get(key);
      if (known === undefined || elapsed(known.lastAt, event.at) > SERIES_ENDS_AFTER)
        return create(event, { key, signal });
      const outcome = await repeat(event, { key, signal }, known);
      // Events expire; theirs may have.
      return outcome.kind === "absent" ? create(event, { key, signal }) : outcome;
    },
  };
}

/** An event that is there, and how often it happened. */
type Series = Readonly<{ name: string; count: number; lastAt: EpochMillis }>;

/** The oldest memory makes room for the newest; a series that has ended is no use to anyone. */
function remember(memory: Map<string, Series>, key: string, value: Series): void {
  memory.delete(key);
  memory.set(key, value);
  for (const [oldest, { lastAt }] of memory) {
    if (memory.size <= REMEMBERED_MAX && elapsed(lastAt, value.lastAt) <= SERIES_ENDS_AFTER) return;
    memory.delete(oldest);
  }
}

const namespaceOf = (event: ReportedEvent): string => subjectOf(event).namespace || NAMESPACE_OF_NODES;

const pathOf = (event: ReportedEvent): string =>
  `/apis/events.k8s.io/v1/namespaces/${namespaceOf(event)}/events`;

/** `web.4f1c09a2be7d`: after what it is about, as event names are. */
function nameOf(event: ReportedEvent, random: Random): string {
  const subject = subjectOf(event)
    .name.slice(0, SUBJECT_NAME_MAX)
    .replace(/[^a-z0-9]+$/, "");
  const suffix = Math.floor(random.next() * 2 ** 48).toString(16);
  return `${subject}.${suffix.padStart(12, "0")}`;
}

function toObject(
  event: ReportedEvent,
  { name, instance }: Readonly<{ name: string; instance: string }>,
): unknown {
  const { type, reason, action, note, at } = event;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace: namespaceOf(event), name },
    eventTime: microTimeText(at),
    reportingController: MANAGER,
    reportingInstance: instance.slice(0, INSTANCE_LENGTH_MAX),
    type,
    reason,
    action,
    note: fitNote(note),
    regarding: regarding(event),
  };
}

function regarding(event: ReportedEvent): unknown {
  const { namespace, name, uid, resourceVersion } = subjectOf(event);
  return "policy" in event
    ? { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, namespace, name, uid, resourceVersion }
    : { apiVersion: "v1", kind: "Node", name, uid, resourceVersion };
}

function fitNote(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_BYTES_MAX) return note;
  // A cut inside a character leaves U+FFFD, which is cut off too.
  const start = Buffer.from(note)
    .subarray(0, NOTE_BYTES_MAX - 3)
    .toString();
  return `${start.replace(/\uFFFD+$/, "")}…`;
}
