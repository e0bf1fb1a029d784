/**
 * The metrics API beside metrics-server's, on the same pods of the same kubelets: all pods and one, directly and through the
 * aggregator. Goal: p50 and p99 no worse.
 */
import { setTimeout as wait } from "node:timers/promises";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import type { BenchOptions, Table } from "./bench.ts";
import { type Bed, openBed } from "./metrics-api/bed.ts";
import { idleCost, measure, type Question, QUESTIONS, type Way } from "./metrics-api/measure.ts";
import { adminOf } from "../cluster/operator-process.ts";
import { getSecurely } from "../control-plane/secure-get.ts";

export const name = "the metrics API beside metrics-server's";
/** It takes many minutes. */
export const onlyByName = true;

const SIZES = [1000, 10_000];
const TIMES = { list: 100, get: 300 };
const READY_MILLIS = 300_000;
const WAYS: readonly Way[] = ["direct", "aggregator"];

export async function run({ pods }: BenchOptions): Promise<readonly Table[]> {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  const tables: Table[] = [];
  for (const size of pods === undefined ? SIZES : [pods]) {
    const plane = await startControlPlane(found.binaries);
    try {
      const bed = await openBed(plane, size);
      await measured(bed, size);
      tables.push(await tableOf(bed, size));
      await bed.stop();
    } finally {
      await plane.stop();
    }
  }
  return tables;
}

async function tableOf(bed: Bed, size: number): Promise<Table> {
  const idle = await Promise.all([bed.ours, bed.theirs].map(idleCost));
  const rows: Readonly<Record<string, string>>[] = [];
  for (const way of WAYS)
    for (const question of QUESTIONS) rows.push(await rowOf(bed, { question, way, size, idle }));
  return rows;
}

type Asked = Readonly<{
  question: Question;
  way: Way;
  size: number;
  idle: readonly number[];
}>;

async function rowOf(
  bed: Bed,
  { question, way, size, idle }: Asked,
): Promise<Readonly<Record<string, string>>> {
  const times = question.path === "/pods" ? TIMES.list : TIMES.get;
  const [ours, theirs] = await measure(bed, question, { way, times, idle });
  if (ours === undefined || theirs === undefined) throw new Error("both sides are measured");
  console.error(
    `${size} pods, ${way}, ${question.what}: p50 ${ours.p50.toFixed(1)} and ${theirs.p50.toFixed(1)} ms`,
  );
  const pair = (our: number, their: number): string =>
    `${our.toFixed(1)} / ${their.toFixed(1)} = ${(our / their).toFixed(2)}`;
  return {
    [`${size.toLocaleString("en")} pods: ours / metrics-server's`]: `${question.what}, ${way}`,
    "p50, ms": pair(ours.p50, theirs.p50),
    "p99, ms": pair(ours.p99, theirs.p99),
    "CPU a request, ms": pair(ours.cpu, theirs.cpu),
    KiB: `${Math.round(ours.bytes / 1024)} / ${Math.round(theirs.bytes / 1024)}`,
  };
}

/** Until both have all of them, and a little longer for compilers. */
async function measured({ plane, ours, theirs }: Bed, size: number): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  const client = adminOf(plane);
  for (;;) {
    const counts = await Promise.all(
      [ours, theirs].map(async ({ port, version }) => {
        const { text } = await getSecurely({ port, path: `/apis/metrics.k8s.io/${version}/pods`, client });
        return (JSON.parse(text) as { items?: unknown[] }).items?.length ?? 0;
      }),
    );
    if (counts.every((count) => count === size)) return;
    if (performance.now() > deadline)
      throw new Error(`of ${size} pods there are figures of ${counts.join(" and ")}`);
    await wait(2000);
  }
}
