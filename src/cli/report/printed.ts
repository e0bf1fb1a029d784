/**
 * What every format of a report prints: the report, and what it rests on.
 */
import type { EpochMillis, Millis } from "../../base/units.ts";
import { formatDuration } from "../../base/duration.ts";
import { timeText } from "../../base/rfc3339.ts";
import type { Span } from "../../rightsizing/evidence/confidence.ts";
import { HOURS_PER_MONTH, type Prices } from "../../rightsizing/judge/money.ts";
import type { Report } from "../../rightsizing/report.ts";

export type Printed = Readonly<{
  now: EpochMillis;
  report: Report;
  prices: Prices;
  history: Readonly<{
    /** `metrics.k8s.io`, or the address of a Prometheus. */
    source: string;
    /** undefined: nothing was measured. */
    span: Span | undefined;
    step: Millis;
  }>;
  problems: readonly string[];
}>;

/** `History: Prometheus at http://…, 8 d 4 h since 2026-11-17T14:00:00Z, a sample every 5m.` */
export function historyLine(printed: Printed): string {
  const count = shownCount(printed);
  const shown = count === 0 ? "" : ` ${count} of the recommendations are the operator's own.`;
  return `${sourceLine(printed.history)}${shown}`;
}

/** Where the operator saw more days than the source. */
const shownCount = ({ report }: Printed): number =>
  report.workloads
    .flatMap(({ rows }) => rows)
    .filter(({ advice }) => advice.kind === "advice" && advice.by === "operator").length;

function sourceLine({ source, span, step }: Printed["history"]): string {
  if (span === undefined) return `History: none; ${source} told nothing of these workloads.`;
  const { from, to, moments } = span;
  if (moments === 1)
    return `History: one look at ${source} at ${timeText(to)}; a report from longer says more.`;
  const since = `${spanText(to - from)} since ${timeText(from)}`;
  return `History: ${source}, ${since}, a sample every ${formatDuration(step)}.`;
}

/** 95 s → `2 min`, 3 h → `3 h`, 8.2 days → `8 d 4 h`. */
export function spanText(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function pricesLine({ prices }: Printed): string {
  const { currency, cpuCoreHour, memoryGiBHour, source, date } = prices;
  const when = date === "" ? "" : `, of ${date}`;
  return (
    `Prices: ${currency} ${cpuCoreHour} a core-hour, ${memoryGiBHour} a GiB-hour (${source}${when}); ` +
    `a month is ${HOURS_PER_MONTH} h.`
  );
}
