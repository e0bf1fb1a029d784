/**
 * Amounts as KRR prints them.
 *
 *   0.0285 cores  28m      cut off, not rounded
 *   2 cores       2.0      1.001 cores  1.001
 *   10230 MiB     10230Mi  a unit is used from 10 of it upward
 *   13.8 GiB      14Gi     and rounds to whole ones, 10.4 GiB below its real value
 */
import { type KrrValue, roundHalfEven } from "./strategy.ts";

const UNITS = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** So many of a unit make it the one that is printed. */
const FROM = 10;

export function krrAmount(resource: "cpu" | "memory", value: KrrValue): string {
  if (value === "?") return "?";
  if (value === undefined) return "unset";
  return resource === "cpu" ? krrCpu(value) : krrMemory(value);
}

function krrCpu(cores: number): string {
  if (cores === 0) return "0";
  if (cores < 1) return `${Math.trunc(cores * 1000)}m`;
  return Number.isInteger(cores) ? `${cores}.0` : String(cores);
}

function krrMemory(amount: number): string {
  const unit = UNITS.findLastIndex((_, power) => amount >= FROM * 1024 ** power);
  return unit <= 0 ? String(Math.trunc(amount)) : `${roundHalfEven(amount / 1024 ** unit)}${UNITS[unit]}`;
}

/** A cell: `(-300m) 500m -> 200m`, with what changes in front. */
export function krrCell(
  resource: "cpu" | "memory",
  current: number | undefined,
  recommended: KrrValue,
): string {
  const change = `${krrAmount(resource, current)} -> ${krrAmount(resource, recommended)}`;
  const difference = krrDifference(resource, { current, recommended, pods: 1 });
  return difference === "" ? change : `(${difference}) ${change}`;
}

/** Over all pods, with its sign; empty where one side is missing. */
export function krrDifference(
  resource: "cpu" | "memory",
  {
    current,
    recommended,
    pods,
  }: Readonly<{ current: number | undefined; recommended: KrrValue; pods: number }>,
): string {
  if (current === undefined || recommended === undefined || recommended === "?") return "";
  // 3 × 0.1 is 0.3 and not 0.30000000000000004
  const difference = Math.round((recommended - current) * pods * 1e9) / 1e9;
  return `${difference < 0 ? "-" : "+"}${krrAmount(resource, Math.abs(difference))}`;
}
