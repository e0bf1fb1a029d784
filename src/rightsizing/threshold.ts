/**
 * Whether a report passes: for a pipeline that should stop when a workload is at risk or wastes too much.
 *
 *   risk=high      any workload at `high` or `critical`
 *   waste=500      more than 500 of the currency a month, in all
 *   waste=30%      more than 30 % of what all requests cost
 *
 * Invariant: what is unknown does not fail a report, for it is not the change under review that made it so.
 */
import { compareLevels, LEVELS, type Level } from "./judge/level.ts";
import type { Report } from "./report.ts";

export type Threshold =
  | Readonly<{ kind: "risk"; level: Level }>
  | Readonly<{ kind: "waste"; amount: number }>
  | Readonly<{ kind: "waste-percent"; percent: number }>;

const RISKS: readonly string[] = LEVELS.slice(0, 3);

/** undefined when the text is no threshold. */
export function parseThreshold(text: string): Threshold | undefined {
  const [, what, value = "", sign] = /^(risk|waste)=([a-z]+|\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (what === "risk") {
    const level = LEVELS.find((one) => one === value && RISKS.includes(one));
    return level === undefined || sign === "%" ? undefined : { kind: "risk", level };
  }
  if (what !== "waste" || !/^\d/.test(value)) return undefined;
  return sign === "%"
    ? { kind: "waste-percent", percent: Number(value) }
    : { kind: "waste", amount: Number(value) };
}

/** A sentence for each that is crossed. */
export function crossed(report: Report, thresholds: readonly Threshold[]): readonly string[] {
  return thresholds.flatMap((threshold) => sentenceFor(report, threshold) ?? []);
}

function sentenceFor({ workloads, totals }: Report, threshold: Threshold): string | undefined {
  const { cost, waste } = totals;
  switch (threshold.kind) {
    case "risk": {
      const count = workloads.filter(
        ({ risk }) => risk !== "unknown" && compareLevels(risk, threshold.level) <= 0,
      ).length;
      return count === 0 ? undefined : `${count} at risk ${threshold.level} or worse`;
    }
    case "waste":
      return waste <= threshold.amount * 100
        ? undefined
        : `waste of ${(waste / 100).toFixed(2)} a month is over ${threshold.amount}`;
    case "waste-percent": {
      const percent = cost === 0 ? 0 : (waste / cost) * 100;
      return percent <= threshold.percent
        ? undefined
        : `waste is ${percent.toFixed(1)} % of what is requested, over ${threshold.percent} %`;
    }
  }
}
