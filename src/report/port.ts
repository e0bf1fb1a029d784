/**
 * What reporting needs of the world: a policy's status, and events about it and about nodes.
 */
import type { WriteOutcome } from "../base/outcome.ts";
import type { EpochMillis } from "../base/units.ts";
import type { Meta } from "../cluster/object.ts";
import type { ScalePolicyStatus } from "../policy/status.ts";

/** What an events.k8s.io/v1 Event says. */
type Telling = Readonly<{
  type: "Normal" | "Warning";
  /** CamelCase, from the table of reasons. */
  reason: string;
  /** What was done or tried: `Scale`, `Decide`, `Scrape`. */
  action: string;
  /** A sentence, at most 1,000 characters. */
  note: string;
  at: EpochMillis;
}>;

/** About a ScalePolicy, in its namespace. */
export type PolicyEvent = Telling & Readonly<{ policy: Meta }>;
/** About a node, in the namespace `default`, where those of nodes are. */
export type NodeEvent = Telling & Readonly<{ node: Meta }>;
export type ReportedEvent = PolicyEvent | NodeEvent;

export const subjectOf = (event: ReportedEvent): Meta => ("policy" in event ? event.policy : event.node);

/** `signal` breaks a request off: `unreachable`. */
export interface ReportPort {
  /** Replaces the whole status of this very object (uid) on top of `resourceVersion`. */
  writeStatus(policy: Meta, status: ScalePolicyStatus, signal?: AbortSignal): Promise<WriteOutcome>;
  emit(event: ReportedEvent, signal?: AbortSignal): Promise<WriteOutcome>;
}
