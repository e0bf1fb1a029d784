/**
 * What a status says after a restart or under a new leader: each part is taken if it is whole, and counts as
 * absent if it is not. Nobody should have written to it but the operator; someone may have.
 *
 * Invariant: what is returned is well-formed; a damaged part never spoils another.
 */
import { z } from "zod";
import { parseTime } from "../base/rfc3339.ts";
import type { HistoryStatus, MetricStatus, ScalePolicyStatus } from "./status.ts";
import {
  act,
  condition,
  display,
  history,
  horizontalStatus,
  installation,
  lastDecision,
  metricStatus,
} from "./status-schema.ts";
import { verticalStatus } from "./vertical/status-schema.ts";

/** The parts of a status, each unknown until it is looked at. */
const parts = z.object({
  observedGeneration: z.int().min(0).catch(0),
  conditions: z.array(z.unknown()).catch([]),
  horizontal: z.record(z.string(), z.unknown()).optional().catch(undefined),
  vertical: verticalStatus.optional().catch(undefined),
  recentActs: z.array(z.unknown()).catch([]),
  display: display.catch({ metrics: "", requests: "" }),
  lastDecision: lastDecision.optional().catch(undefined),
  installation: installation.optional().catch(undefined),
});

const historyPart = z.object({ horizontal: z.object({ history }) });

/** undefined when there is none, as on a policy that nobody has looked at yet. */
export function parseStatus(status: unknown): ScalePolicyStatus | undefined {
  const seen = parts.safeParse(status).data;
  if (seen === undefined) return undefined;
  const horizontal = parseHorizontal(seen.horizontal);
  return {
    observedGeneration: seen.observedGeneration,
    conditions: wholeOf(condition, seen.conditions),
    ...(horizontal === undefined ? {} : { horizontal }),
    ...(seen.vertical === undefined ? {} : { vertical: seen.vertical }),
    recentActs: wholeOf(act, seen.recentActs),
    display: seen.display,
    ...(seen.lastDecision === undefined ? {} : { lastDecision: seen.lastDecision }),
    ...(seen.installation === undefined ? {} : { installation: seen.installation }),
  };
}

const signature = z.object({ installation });

/** Who wrote a status, without a look at the rest of it. */
export const installationOf = (status: unknown): string | undefined =>
  signature.safeParse(status).data?.installation;

/**
 * The windows' memory; undefined when there is none or any part of it is not as it was written: times that
 * are none, spans out of order or of another length, a lowest above its highest.
 */
export function parseHistory(status: unknown): HistoryStatus | undefined {
  const seen = historyPart.safeParse(status).data?.horizontal.history;
  return seen !== undefined && isConsistent(seen) ? seen : undefined;
}

function isConsistent({ completeSince, recordedAt, bucketSeconds, buckets }: HistoryStatus): boolean {
  const [from, to] = [parseTime(completeSince), parseTime(recordedAt)];
  if (from === undefined || to === undefined || from > to) return false;
  // Every decision leaves something: a time without any is not complete, it was emptied.
  if (buckets.length === 0 && from < to) return false;
  return buckets.every(({ start, low, high }, index) => {
    const before = buckets[index - 1];
    return (
      low <= high && start * 1000 <= to && (before === undefined || start >= before.start + bucketSeconds)
    );
  });
}

type HorizontalStatus = NonNullable<ScalePolicyStatus["horizontal"]>;

const replicas = horizontalStatus.pick({ currentReplicas: true, desiredReplicas: true });

function parseHorizontal(seen: Readonly<Record<string, unknown>> | undefined): HorizontalStatus | undefined {
  const counted = replicas.safeParse(seen).data;
  if (seen === undefined || counted === undefined) return undefined;
  const { lastScaleTime, currentMetrics } = seen;
  const kept = parseHistory({ horizontal: seen });
  return {
    ...counted,
    ...(typeof lastScaleTime === "string" && parseTime(lastScaleTime) !== undefined ? { lastScaleTime } : {}),
    currentMetrics: Array.isArray(currentMetrics) ? currentMetrics.map(metricStatusOf) : [],
    ...(kept === undefined ? {} : { history: kept }),
  };
}

/** A damaged metric keeps its place, as one without an answer does. */
function metricStatusOf(seen: unknown): MetricStatus {
  const { type, resource, containerResource } = metricStatus.safeParse(seen).data ?? {};
  if (type === "Resource" && resource !== undefined) return { type, resource };
  if (type === "ContainerResource" && containerResource !== undefined) return { type, containerResource };
  return { type: "" };
}

function wholeOf<Part>(schema: z.ZodType<Part>, seen: readonly unknown[]): readonly Part[] {
  return seen.flatMap((part) => {
    const parsed = schema.safeParse(part);
    return parsed.success ? [parsed.data] : [];
  });
}
