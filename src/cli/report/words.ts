/**
 * Cells and sentences of a report, the same in every format that people read.
 *
 * Invariant: what others wrote (names, labels) steers no terminal; unknown is `?`, not set is `-`, and
 * neither is ever 0.
 */
import { type MilliUnits, milliUnits, type ResourceName } from "../../base/units.ts";
import { shortAmount } from "../../report/figures.ts";
import type { Finding } from "../../rightsizing/judge/horizontal.ts";
import type { Cents } from "../../rightsizing/judge/money.ts";
import type { PairAdvice } from "../../rightsizing/judge/pair.ts";
import type { Totals, WorkloadReport } from "../../rightsizing/workload-report.ts";
import type { ResourceRow, Row } from "../../rightsizing/row.ts";
import { countText, printable } from "../view/text.ts";

/** 335 millicores → `335m`; 325058561 bytes → `310Mi`. */
export function amountWords(resource: ResourceName, amount: number): string {
  const milli: MilliUnits = milliUnits(Math.ceil(resource === "cpu" ? amount : amount * 1000));
  return shortAmount(resource, milli);
}

/** `500m→335m`; `500m` where it fits; `-→100m` without a request; `500m→?` while unknown. */
export function changeWords({ resource, request, recommended, direction }: ResourceRow): string {
  const now = request === undefined ? "-" : amountWords(resource, request);
  if (direction === "fits") return now;
  return `${now}→${recommended === undefined ? "?" : amountWords(resource, recommended)}`;
}

/** 2077 → `20.77`, 0 → `-`, 123456 → `1,234.56`. */
export function moneyWords(cents: Cents): string {
  if (cents === 0) return "-";
  const whole = Math.floor(cents / 100);
  return `${countText(whole)}.${String(cents % 100).padStart(2, "0")}`;
}

export const usageWords = ({ resource, usage }: ResourceRow): string =>
  usage === undefined ? "?" : amountWords(resource, resource === "cpu" ? usage.p95 : usage.max);

export const confidenceWords = ({ confidence: { level, days } }: Row): string =>
  level === "none"
    ? "none"
    : `${level} ${days < 1 ? `${Math.round(days * 24 * 10) / 10}h` : `${Math.round(days * 10) / 10}d`}`;

/** Why the risk is what it is, in words, of the worse resource; empty where there is nothing to say. */
export function riskWords({ risk, resources: { cpu, memory } }: Row): string {
  if (risk === "low" || risk === "none") return "";
  const worst = memory.risk.level === risk ? memory : cpu;
  const words = RISK_WORDS[worst.risk.because];
  return OF_BOTH.has(worst.risk.because) ? words : `${worst.resource} ${words}`;
}

/** What is said without the resource. */
const OF_BOTH: ReadonlySet<string> = new Set(["oom-killed", "seen-too-little", "not-measured"]);

const RISK_WORDS: Readonly<Record<ResourceRow["risk"]["because"], string>> = {
  "oom-killed": "killed for memory",
  "median-over-request": "over its request half of the time",
  "near-limit": "at its limit",
  "often-over-request": "often over its request",
  "no-request": "without a request",
  "sometimes-over-request": "sometimes over its request",
  "seen-enough": "",
  "seen-too-little": "seen too little",
  "not-measured": "not measured",
};

export const workloadName = ({ workload: { namespace, kind, name } }: WorkloadReport): string =>
  printable(`${namespace}/${name} (${kind})`);

/** What to do beside the requests: pairs first, since a request alone would undo itself. */
export const adviceLines = ({ pairs, findings }: WorkloadReport): readonly string[] => [
  ...pairs.map(pairLine),
  ...findings.map(findingLine),
];

function pairLine({ scaler, resource, container, target, carry, requests }: PairAdvice): string {
  const of = container === undefined ? resource : `${resource} of ${container}`;
  const asks = requests.map((one) => `${one.container} ${amountWords(resource, one.amount)}`).join(", ");
  return printable(
    `pair: ${scaler.kind} ${scaler.name} follows ${of} at ${target.now} %. ` +
      `Change its target to averageValue ${amountWords(resource, carry)} first, ` +
      `then requests (${asks}), then averageUtilization ${target.after}.`,
  );
}

const findingLine = ({ kind, scaler, message }: Finding): string =>
  printable(`${kind}: ${scaler.kind} ${scaler.name}: ${message}.`);

export function totalsWords({ cost, waste, increase, idleReplicas }: Totals, currency: string): string {
  const part = waste === 0 ? "" : ` (${Math.round((waste / cost) * 100)} %)`;
  return (
    `requests ${moneyWords(cost)} · waste ${moneyWords(waste)}${part} · ` +
    `increases ${moneyWords(increase)} · idle replicas ${moneyWords(idleReplicas)} ` +
    `${printable(currency)} a month`
  );
}
