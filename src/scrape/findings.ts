/**
 * What scraping finds out, as series and as sentences.
 *
 * Invariant: every request, every sample that was not believed, and every line that was lost is counted
 * once; what a person can mend has a sentence that says how.
 */
import type { NodeName } from "../base/ids.ts";
import type { Meter } from "../base/meter.ts";
import type { EpochMillis, Millis } from "../base/units.ts";
import type { StoredBatch, StoredPoints } from "../store/batch.ts";
import type { Complaint } from "./complaints.ts";
import type { DecodedAnswer } from "./decode.ts";
import { SKEW_FLAGGED } from "./ingestion.ts";
import type { Ingested } from "./ingestion.ts";
import type { NodeReply, ScrapeFailureCause } from "./port.ts";

/** `no-samples`: the kubelet answered without a line that could count. */
export type ScrapeFailure = Readonly<{ cause: ScrapeFailureCause | "no-samples"; message: string }>;

const SECOND = 1000;

export function countRequest(
  meter: Meter,
  node: string,
  { reply, took, at }: Readonly<{ reply: NodeReply; took: Millis; at: EpochMillis }>,
): void {
  meter.observe("metrics_server_kubelet_request_duration_seconds", took / SECOND, { node });
  meter.count("metrics_server_kubelet_request_total", { success: String(reply.kind === "answered") });
  meter.set("metrics_server_kubelet_last_request_time_seconds", at / SECOND, { node });
}

export function countFailure(meter: Meter, cause: ScrapeFailure["cause"]): void {
  meter.count("plimsoll_scrape_failures_total", { cause });
}

export function countAnswer(
  meter: Meter,
  found: Readonly<{ node: NodeName; answer: DecodedAnswer; ingested: Ingested; stored: StoredBatch }>,
): void {
  const { node, answer, ingested, stored } = found;
  const { kept, repeated, restarted, stale, impossible } = stored.fates;
  meter.count("plimsoll_scrape_samples_total", { fate: "stored" }, kept + restarted);
  meter.count("plimsoll_scrape_samples_total", { fate: "repeated" }, repeated);
  for (const [fate, count] of [...ingested.refused, ["stale", stale], ["impossible", impossible]] as const)
    if (count > 0) meter.count("plimsoll_scrape_samples_total", { fate }, count);
  const { malformed, unlabelled } = answer.lines;
  for (const [reason, count] of Object.entries({ malformed, unlabelled }))
    if (count > 0) meter.count("plimsoll_scrape_lines_lost_total", { reason }, count);
  if (ingested.skew !== undefined)
    meter.set("plimsoll_kubelet_clock_skew_seconds", ingested.skew / SECOND, { node });
}

export function countPoints(meter: Meter, { nodes, containers }: StoredPoints): void {
  meter.set("metrics_server_storage_points", nodes, { type: "node" });
  meter.set("metrics_server_storage_points", containers, { type: "container" });
}

/** Nothing is shown of a node that is gone. */
export function forgetNode(meter: Meter, node: NodeName): void {
  for (const series of [
    "metrics_server_kubelet_request_duration_seconds",
    "metrics_server_kubelet_last_request_time_seconds",
    "plimsoll_kubelet_clock_skew_seconds",
  ])
    meter.forget(series, { node });
}

/**
 * A kubelet that cannot read its statistics answers 200 with nothing in it; that is no answer. A node that
 * runs nothing (kwok's then reports 0) is one.
 */
export function isEmpty({ lines }: DecodedAnswer): boolean {
  return lines.read === 0;
}

export function emptyAnswer({ scrapeError, lines }: DecodedAnswer): ScrapeFailure {
  const why = scrapeError
    ? "the kubelet says that it could not read its statistics (resource_scrape_error); look into its log"
    : lines.malformed > 0
      ? `none of its ${lines.malformed} lines could be read: this is not a kubelet's /metrics/resource`
      : "it has no line of a container or of the node; look whether the address and path are a kubelet's";
  return { cause: "no-samples", message: `the kubelet answered without samples: ${why}` };
}

/** What is wrong with an answer that was stored all the same. */
export function complaintsAbout({ lines }: DecodedAnswer, { refused, skew }: Ingested): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const foreign = refused.get("foreign-pod") ?? 0;
  if (lines.malformed > 0)
    complaints.push({
      topic: "malformed-lines",
      message: "a kubelet's answer has lines that cannot be read; the others count",
      fields: { lines: lines.malformed },
    });
  if (foreign > 0)
    complaints.push({
      topic: "foreign-pods",
      message: "a kubelet reports pods that run on another node; what it says of them does not count",
      fields: { containers: foreign },
      toTell: true,
    });
  if (skew !== undefined && Math.abs(skew) > SKEW_FLAGGED)
    complaints.push({
      topic: "clock-skew",
      message: "a kubelet's samples are far from our clock; check the time synchronisation of both machines",
      fields: { skew_seconds: Math.round(skew / SECOND) },
    });
  return complaints;
}
