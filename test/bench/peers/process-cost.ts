/**
 * What processes cost, as the kernel counts it: CPU time of all their threads, and memory.
 */
import { readFileSync } from "node:fs";

/** CPU in milliseconds per second, memory in MiB at the end of the span; of several processes the sum. */
export type Cost = Readonly<{ cpu: number; rss: number; pss: number }>;

/** The kernel's clock tick on every Linux that Node runs on. */
const TICK_MILLIS = 10;

/** From now until the answer is asked for. */
export function startCosting(pids: readonly number[]): () => Cost {
  const before = sum(pids.map(cpuMillisOf));
  const began = performance.now();
  return () => {
    const seconds = (performance.now() - began) / 1000;
    return {
      cpu: (sum(pids.map(cpuMillisOf)) - before) / seconds,
      rss: sum(pids.map((pid) => memoryOf(pid, "Rss"))),
      pss: sum(pids.map((pid) => memoryOf(pid, "Pss"))),
    };
  };
}

export const addCosts = (costs: readonly Cost[]): Cost => ({
  cpu: sum(costs.map(({ cpu }) => cpu)),
  rss: sum(costs.map(({ rss }) => rss)),
  pss: sum(costs.map(({ pss }) => pss)),
});

/** utime and stime, fields 14 and 15; the name in field 2 may hold blanks. */
function cpuMillisOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MILLIS;
}

function memoryOf(pid: number, what: "Rss" | "Pss"): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(text)?.[1]) / 1024;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
