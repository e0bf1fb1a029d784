/**
 * The operator in clusters that double up to 150,000 pods and 5,000 nodes, all made by other processes. Goals at the end:
 * steady RSS ≤ 1.5 GiB, at most 2.5 GiB while listing, a scrape round ≤ 15 s, a pass over all policies ≤ 10 s, less than 5 s
 * of events waiting at 500 a second.
 */
import { measureScale, type Figures } from "./scale/measure.ts";
import type { BenchOptions, Table } from "./bench.ts";

export const name = "up to 150,000 pods";
/** It takes many minutes. */
export const onlyByName = true;

const SIZES = [1500, 3000, 6000, 12_000, 24_000, 48_000, 96_000, 150_000];

export async function run({ pods, seconds = 60 }: BenchOptions): Promise<Table> {
  const rows: Readonly<Record<string, string>>[] = [];
  for (const size of pods === undefined ? SIZES : [pods])
    rows.push(rowOf(size, await measureScale(size, seconds)));
  return rows;
}

function rowOf(pods: number, figures: Figures): Readonly<Record<string, string>> {
  const { delay, churn } = figures;
  return {
    pods: pods.toLocaleString("en"),
    nodes: figures.nodes.toLocaleString("en"),
    policies: figures.policies.toLocaleString("en"),
    "ready, s": figures.readySeconds.toFixed(1),
    "RSS while listing, most, MiB": figures.listPeak.toFixed(0),
    "steady, MiB": figures.steady.toFixed(0),
    "ready → all decided, s": figures.passSeconds.toFixed(1),
    "scrape round, s": figures.roundSeconds.toFixed(1),
    "longest without a scrape, s": figures.longestGapSeconds.toFixed(1),
    "decisions/s": figures.decisionsPerSecond.toFixed(0),
    "CPU, ms/s": figures.cpu.toFixed(0),
    "loop delay p99.9 and most, ms": `${delay.p999.toFixed(0)}, ${delay.max.toFixed(0)}`,
    "at 500 events/s: CPU, ms/s": churn.cpu.toFixed(0),
    "events waiting, most, s": churn.waitingSeconds.toFixed(2),
    "its loop delay, ms": `${churn.delay.p999.toFixed(0)}, ${churn.delay.max.toFixed(0)}`,
  };
}
