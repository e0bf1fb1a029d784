/**
 * KRR's severity and score. It is absolute, so half a core over looks alike on 64 cores and on 0.6, and over
 * looks like under; kept for compatibility.
 */
import type { KrrAllocation, KrrAnswer, KrrValue } from "./strategy.ts";

export type KrrSeverity = "CRITICAL" | "WARNING" | "OK" | "GOOD" | "UNKNOWN";

const MIB = 2 ** 20;
const STEPS = { cpu: [0.5, 0.25, 0.1], memory: [500 * MIB, 250 * MIB, 100 * MIB] } as const;
const WORDS = ["CRITICAL", "WARNING", "OK"] as const;

/**
 *   current   recommended   severity
 *   none      none          GOOD
 *   1 core    none          WARNING     so every container with a CPU limit has at least that
 *   any       ?             UNKNOWN
 *   1 core    0.5           CRITICAL    a difference of 0.5, 0.25, 0.1 cores
 *   1 GiB     700 MiB       WARNING     of 500, 250, 100 MiB
 */
export function krrSeverity(
  resource: "cpu" | "memory",
  current: number | undefined,
  recommended: KrrValue,
): KrrSeverity {
  if (recommended === "?") return "UNKNOWN";
  if (current === undefined || recommended === undefined) return current === recommended ? "GOOD" : "WARNING";
  const difference = Math.abs(current - recommended);
  const step = STEPS[resource].findIndex((bound) => difference >= bound);
  return WORDS[step] ?? "GOOD";
}

const WORST_FIRST: readonly KrrSeverity[] = ["CRITICAL", "WARNING", "OK", "GOOD", "UNKNOWN"];

/** Of a row: the worst of its cells. */
export function krrRowSeverity(
  current: Readonly<{ requests: KrrAllocation; limits: KrrAllocation }>,
  { requests, limits }: KrrAnswer,
): KrrSeverity {
  const cells = [
    krrSeverity("cpu", current.requests.cpu, requests.cpu),
    krrSeverity("cpu", current.limits.cpu, limits.cpu),
    krrSeverity("memory", current.requests.memory, requests.memory),
    krrSeverity("memory", current.limits.memory, limits.memory),
  ];
  return WORST_FIRST.find((one) => cells.includes(one)) ?? "UNKNOWN";
}

const COST: Readonly<Partial<Record<KrrSeverity, number>>> = { CRITICAL: 1, WARNING: 0.7 };

/**
 * 0 to 100, cut off after floating point's error, and its letter.
 *
 *   3 CRITICAL and 2 WARNING of 10   55 C      exact would be 56
 *   all UNKNOWN                      100 A     what is unknown costs nothing
 */
export function krrScore(rows: readonly KrrSeverity[]): Readonly<{ score: number; letter: string }> {
  if (rows.length === 0) return { score: 0, letter: "F" };
  const cost = rows.reduce((sum, severity) => sum + (COST[severity] ?? 0), 0);
  const score = Math.trunc(((rows.length - cost) / rows.length) * 100);
  const grade = [30, 55, 70, 90].findIndex((bound) => score < bound);
  return { score, letter: ["F", "D", "C", "B"][grade] ?? "A" };
}
