/**
 * Listing and watching 50,000 realistic pods made by another process: time, peak memory, and how long the
 * event loop is held. Goal: peak RSS ≤ 1 GiB, event-loop delay p99.9 ≤ 50 ms.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Figures as ClientFigures, watchDelay } from "./delay.ts";
import { podJson } from "./watch-pod.ts";

export const name = "list and watch of 50,000 pods";

type Row = Readonly<{ what: string; figure: string }>;
type Figures = Awaited<ReturnType<typeof measure>>;

const PODS = 50_000;
const CHURN_SECONDS = 20;

export async function run(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const way of ["WatchList", "paged"]) {
    const figures = await measure(way);
    rows.push(...rowsOf(way, figures));
  }
  return rows;
}

function rowsOf(way: string, figures: Figures): readonly Row[] {
  const { pods, listMillis, listDelay, listPeakMiB, keptMiB, churn, peakMiB } = figures;
  const bytes = pods * podJson(0, 1).length;
  const delay = ({ p999, max, ownP999, ownMax }: Figures["listDelay"]): string =>
    `${p999.toFixed(1)} ms, longest ${max.toFixed(1)} ms; own CPU ${ownP999.toFixed(1)} and ${ownMax.toFixed(1)} ms`;
  const rows = [
    [
      "list, time",
      `${(listMillis / 1000).toFixed(1)} s (${Math.round(bytes / 1e3 / listMillis)} MB/s), CPU ${(figures.listCpuMillis / 1000).toFixed(1)} s`,
    ],
    ["list, event-loop delay p99.9", delay(listDelay)],
    ["list, peak RSS", `${Math.round(listPeakMiB)} MiB`],
    ["heap kept per pod", `${Math.round((keptMiB * 1024 * 1024) / pods)} B`],
    [`${Math.round(churn.changes / churn.seconds)} changes/s, event-loop delay p99.9`, delay(churn.delay)],
    ["the same, CPU", `${Math.round(churn.cpuMillisPerSecond)} ms/s`],
    ["for comparison, delay p99.9 of an idle process beside it", delay(figures.idleDelay)],
    ["peak RSS over all", `${Math.round(peakMiB)} MiB`],
  ] as const;
  return rows.map(([what, figure]) => ({ what: `${way}: ${what}`, figure }));
}

async function measure(way: string) {
  const server = start("watch-server.ts", [`${PODS}`, way]);
  try {
    const [port] = (await once(createInterface(server.stdout), "line")) as [string];
    const client = start("watch-client.ts", [port, `${CHURN_SECONDS}`]);
    const stopIdleDelay = watchDelay();
    const figures: unknown = JSON.parse(await text(client.stdout));
    return { ...(figures as ClientFigures), idleDelay: stopIdleDelay() };
  } finally {
    server.kill();
  }
}

function start(file: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, ["--expose-gc", path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}
