/**
 * Fills a store of histories with eight days of samples, in a process of its own, and prints what it costs. Run by
 * history.bench.ts with --expose-gc; arguments: `daily` or `wild`, and the pods of each workload.
 */
import { uid } from "../../src/base/ids.ts";
import { bytes, epochMillis, nanoCores } from "../../src/base/units.ts";
import { BUCKET_COUNT, CPU_BUCKETS, endOf, MEMORY_BUCKETS } from "../../src/usage/history/buckets.ts";
import type { UsageSample } from "../../src/usage/history/store.ts";
import { createHistoryStore } from "../../src/usage/history/store.ts";
import { heldBytes } from "./heap.ts";
import type { HistoryFigures } from "./history.bench.ts";

const HISTORIES = 100_000;
/** Samples of each pod's container, spread over the days: fewer than a minute's, with the same range. */
const SAMPLES = { daily: 96, wild: BUCKET_COUNT };
const DAYS = 8;
const BEGIN = Date.UTC(2026, 10, 17);
const DAY = 86_400_000;

const [life = "daily", pods = "1"] = process.argv.slice(2);
const samples = life === "wild" ? SAMPLES.wild : SAMPLES.daily;
const workloads = Array.from({ length: HISTORIES }, (_, i) => uid(`workload-${i}`));
const names = Array.from({ length: Number(pods) }, (_, i) => `pod-${i}`);
const podsOf = workloads.map((workload) => names.map((pod) => uid(`${workload}-${pod}`)));

/** A curve over the day with a little noise that differs from workload to workload. */
function usageAt(i: number, of: number): Pick<UsageSample, "cpu" | "memory"> {
  if (life === "wild")
    return {
      cpu: nanoCores(endOf(CPU_BUCKETS, i) * 1e6 - 1e5),
      memory: bytes(endOf(MEMORY_BUCKETS, i) - 1),
    };
  const wave = 1 + 0.8 * Math.sin((i / SAMPLES.daily) * DAYS * 2 * Math.PI) + ((i * 7919 + of) % 97) / 200;
  return { cpu: nanoCores(Math.round(250e6 * wave)), memory: bytes(Math.round(200e6 * (1 + wave / 10))) };
}

const before = await heldBytes();
let store = createHistoryStore();
let begin = performance.now();
for (let i = 0; i < samples; i += 1) {
  const at = epochMillis(BEGIN + (i / samples) * DAYS * DAY);
  for (const [of, workload] of workloads.entries())
    for (const pod of podsOf[of]!)
      store.addSample({ workload, container: "app", pod, at, ...usageAt(i, of) }, at);
}
const addMicros = ((performance.now() - begin) * 1000) / (samples * HISTORIES * names.length);
const held = (await heldBytes()) - before;

begin = performance.now();
let buckets = 0;
for (const workload of workloads)
  for (const { cpu } of store.snapshots(workload).values()) buckets += cpu.buckets.length;
const snapshotMicros = ((performance.now() - begin) * 1000) / HISTORIES;
if (buckets < HISTORIES) throw new Error("a history is empty");
store = createHistoryStore();

const figures: HistoryFigures = { histories: HISTORIES, bytes: held, addMicros, snapshotMicros };
console.log(JSON.stringify(figures));
