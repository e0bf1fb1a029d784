/**
 * The histories of 100,000 container names (a workload's container each): bytes of heap for both resources, measured
 * from a process of its own, and the time to add a sample and to read a snapshot. Goal: ≤ 8 KiB.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const name = "100,000 histories of container names";

export type HistoryFigures = Readonly<{
  histories: number;
  bytes: number;
  addMicros: number;
  snapshotMicros: number;
}>;

const PROBE = fileURLToPath(new URL("./history-probe.ts", import.meta.url));
/** What the probe is told, and what a reader is told of it. */
const LIVES = [
  { life: "daily", pods: 1, what: "a day's curve, one pod" },
  { life: "daily", pods: 3, what: "a day's curve, three pods" },
  { life: "wild", pods: 3, what: "a weight in every bucket, three pods" },
] as const;

export async function run(): Promise<readonly { what: string; figure: string }[]> {
  return LIVES.flatMap(({ life, pods, what }) => {
    const output = execFileSync(process.execPath, ["--expose-gc", PROBE, life, `${pods}`], {
      encoding: "utf8",
    });
    const { histories, bytes, addMicros, snapshotMicros } = JSON.parse(output) as HistoryFigures;
    return [
      { what: `${what}: bytes each (goal 8192)`, figure: `${Math.round(bytes / histories)} B` },
      { what: `${what}: adding a sample`, figure: `${addMicros.toFixed(2)} µs` },
      { what: `${what}: reading a snapshot`, figure: `${snapshotMicros.toFixed(2)} µs` },
    ];
  });
}
