/**
 * What reporting needs of the world: a policy's status, and events about it.
 */
import type { WriteOutcome } from "../base/outcome.ts";
import type { EpochMillis } from "../base/units.ts";
import type { Meta } from "../cluster/object.ts";
import type { ScalePolicyStatus } from "../policy/status.ts";

/** An events.k8s.io/v1 Event about a ScalePolicy. */
export type PolicyEvent = Readonly<{
  policy: Meta;
  type: "Normal" | "Warning";
  /** CamelCase, from the table of reasons. */
  reason: string;
  /** What was done or tried: `Scale`, `Decide`. */
  action: string;
  /** A sentence, at most 1,000 characters. */
  note: string;
  at: EpochMillis;
}>;

export interface ReportPort {
  /** Replaces the whole status of this very object (uid) on top of `resourceVersion`. */
  writeStatus(policy: Meta, status: ScalePolicyStatus): Promise<WriteOutcome>;
  emit(event: PolicyEvent): Promise<WriteOutcome>;
}
