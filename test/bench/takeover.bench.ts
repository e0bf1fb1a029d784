/**
 * How long a cluster is without a leader: two operator processes, one of which is killed (SIGKILL: its Lease has to run out)
 * or told to end (SIGTERM: it lets go). Goals: p95 of 20 kills ≤ 17 s, each of 20 ends ≤ 3 s, no write by a process that
 * holds no Lease.
 */
import { handOver, type Handover, type Pair, startPair } from "../cluster/fault-proxy/handover.ts";
import { openWorld, type World } from "../cluster/fault-proxy/world.ts";
import { writesOf, writesWithoutLease } from "../cluster/fault-proxy/writers.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { serveCrd } from "../soak/fleet.ts";
import type { Table } from "./bench.ts";

export const name = "take-over by the standby";
/** It takes minutes. */
export const onlyByName = true;

const PAIRS = 4;
const EACH = 5;
const SIGNALS = ["SIGKILL", "SIGTERM"] as const;
type Signal = (typeof SIGNALS)[number];
type Measured = Handover & Readonly<{ signal: Signal }>;

export async function run(): Promise<Table> {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  const plane = await startControlPlane(found.binaries);
  const worlds: World[] = [];
  try {
    await serveCrd(plane);
    await plane.addKwokNodes(2);
    for (let nth = 0; nth < PAIRS; nth++) worlds.push(await openWorld(plane, "takeover"));
    const measured = (await Promise.all(worlds.map(measureIn))).flat();
    const log = worlds.flatMap(({ proxy }) => writesOf(proxy.log));
    const without = worlds.flatMap(({ proxy }) => writesWithoutLease(proxy.log));
    console.log(
      `${PAIRS} pairs side by side; ${log.length} writes, ${without.length} by a process that held no Lease\n`,
    );
    return SIGNALS.flatMap((signal) => rowsOf(signal, measured));
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
    await plane.stop();
  }
}

async function measureIn(world: World): Promise<Measured[]> {
  const measured: Measured[] = [];
  let pair: Pair = await startPair(world);
  for (let nth = 0; nth < EACH; nth++)
    for (const signal of SIGNALS) {
      const { handover, next } = await handOver(pair, { signal, name: `web-${signal.toLowerCase()}-${nth}` });
      measured.push({ ...handover, signal });
      pair = next;
    }
  return measured;
}

function rowsOf(signal: Signal, measured: readonly Measured[]): Table {
  const of = measured.filter((each) => each.signal === signal);
  const row = (until: string, pick: (handover: Handover) => number) => {
    const seconds = of.map((each) => pick(each) / 1000).toSorted((a, b) => a - b);
    const at = (share: number): string =>
      `${(seconds[Math.ceil(seconds.length * share) - 1] ?? NaN).toFixed(2)} s`;
    return { ended: `${of.length} × ${signal}`, until, p50: at(0.5), p95: at(0.95), max: at(1) };
  };
  return [
    row("the standby holds the Lease", ({ toLease }) => toLease),
    row("its first write", ({ toDecision }) => toDecision),
  ];
}
