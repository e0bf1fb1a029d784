/**
 * The Events of a decision: what was done, and reasons that begin or end. A reason that lasts is told once;
 * the status shows it for as long as it lasts. And what scraping finds that people should see at a node.
 *
 * Invariant: a decision that changes neither the target nor a reason emits nothing, and no note is longer
 * than the API server takes.
 */
import type { EpochMillis } from "../base/units.ts";
import type { Meta } from "../cluster/object.ts";
import type { ScalePolicyStatus } from "../policy/status.ts";
import { type EventReasonName, eventReasonOf } from "./event-reasons.ts";
import type { NodeEvent, PolicyEvent } from "./port.ts";
import { findReason } from "./reasons.ts";
import { asksMetrics, type DecisionRecord } from "./record.ts";

/** The API server refuses notes of more than 1,024 bytes. */
const NOTE_BYTES_MAX = 1000;

export type EventParts = Readonly<{
  record: DecisionRecord;
  /** The object that the Events are about. */
  policy: Meta;
  /** The status before the decision and the one after it (`statusOf`). */
  previous: ScalePolicyStatus | undefined;
  next: ScalePolicyStatus;
}>;

export function eventsOf(parts: EventParts): PolicyEvent[] {
  const { record, policy } = parts;
  const told = [...rescale(record), ...invalidMetrics(parts), ...beginnings(parts), ...endings(parts)];
  // Ready repeats the reason of another condition: one Event tells of both.
  const once = new Map(told.map((event) => [event.reason, event]));
  return [...once.values()].map(({ reason, note }) => {
    const { type, action } = eventReasonOf(reason);
    return { policy, type, reason, action, note: clipped(note), at: record.at };
  });
}

/** A kubelet speaks for pods that run elsewhere; `note` says so in a sentence. */
export function foreignPodsEvent(node: Meta, note: string, at: EpochMillis): NodeEvent {
  const reason = "ForeignPods";
  const { type, action } = eventReasonOf(reason);
  return { node, type, reason, action, note, at };
}

type Told = Readonly<{ reason: EventReasonName; note: string }>;

/** Worded as the HPA's, which tools look for. */
function rescale({ verdict }: DecisionRecord): Told[] {
  if (verdict.kind !== "planned" || verdict.effect.kind !== "scaled") return [];
  const { plan, effect } = verdict;
  if (effect.outcome.kind !== "written") return [];
  return [{ reason: "SuccessfulRescale", note: `New size: ${plan.to}; reason: ${plan.sentence}` }];
}

/** Metrics that had an answer and have none now, or have none at first sight. */
function invalidMetrics({ record: { verdict }, previous }: EventParts): Told[] {
  if (verdict.kind !== "planned" || !asksMetrics(verdict.plan)) return [];
  const before = previous?.horizontal?.currentMetrics;
  return verdict.plan.proposal.metrics.flatMap((metric, index) =>
    metric.kind === "valid" || before?.[index]?.type === ""
      ? []
      : [{ reason: metric.reason, note: metric.message }],
  );
}

function beginnings({ previous, next }: EventParts): Told[] {
  return next.conditions.flatMap((condition) => {
    const event = findReason(condition.reason)?.event;
    if (event === undefined || previous?.conditions.some(({ reason }) => reason === condition.reason))
      return [];
    return [{ reason: event, note: condition.message }];
  });
}

function endings({ previous, next }: EventParts): Told[] {
  const lasting = new Set(next.conditions.map(({ reason }) => reason));
  const ended = (previous?.conditions ?? []).filter(
    ({ reason }) => findReason(reason)?.event !== undefined && !lasting.has(reason),
  );
  if (ended.length === 0) return [];
  const reasons = [...new Set(ended.map(({ reason }) => reason))].join(", ");
  const ready = next.conditions.find(({ type }) => type === "Ready");
  return [{ reason: "Recovered", note: `${reasons} has ended; now ${ready?.reason}: ${ready?.message}` }];
}

/** Cut to what the API server takes, counted in bytes of UTF-8, between characters. */
function clipped(note: string): string {
  const room = new Uint8Array(NOTE_BYTES_MAX);
  const encoder = new TextEncoder();
  if (encoder.encodeInto(note, room).read === note.length) return note;
  const ellipsis = "…";
  const cut = encoder.encodeInto(note, room.subarray(0, NOTE_BYTES_MAX - encoder.encode(ellipsis).length));
  return note.slice(0, cut.read) + ellipsis;
}
