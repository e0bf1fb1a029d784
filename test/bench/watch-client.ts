/**
 * The side that is measured, in a process of its own so that its memory is nothing else's: all kinds are
 * followed over the real transport into the caches. Arguments: the port of the server, seconds of churn.
 * It prints its figures as JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createCluster } from "../../src/cluster/cluster.ts";
import { runCluster } from "../../src/cluster/driver.ts";
import { loadConnection } from "../../src/real/apiserver/connection/connection.ts";
import { createTransport } from "../../src/real/apiserver/http-transport.ts";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createClusterSource } from "../../src/real/apiserver/watch/source.ts";
import { createClock } from "../../src/real/clock.ts";
import { createRandom } from "../../src/real/random.ts";
import { type Figures, watchDelay } from "./delay.ts";
import { writePlainKubeconfig } from "./plain-kubeconfig.ts";

const [port = "", churnSeconds = "20"] = process.argv.slice(2);
const quiet = {
  count: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  forget: () => undefined,
};

process.stdout.write(`${JSON.stringify(await measure(await openTransport()))}\n`);

async function measure(transport: ApiTransport): Promise<Figures> {
  const clock = createClock();
  const log = (): void => undefined;
  let changes = 0;
  const cluster = createCluster(() => (changes += 1));
  const source = createClusterSource({ transport, clock, random: createRandom(), log });
  const keptBefore = heapMiB();
  const end = new AbortController();
  const stopListDelay = watchDelay();
  await sleep(50);
  const cpuAtBegin = process.cpuUsage();
  const began = performance.now();
  const running = runCluster({ cluster, source, clock, log, meter: quiet }, end.signal);
  while (!cluster.view.of.pods.synced()) await sleep(5);
  const listMillis = performance.now() - began;
  const { user: listUser, system: listSystem } = process.cpuUsage(cpuAtBegin);
  await sleep(50);
  const listDelay = stopListDelay();
  const listPeakMiB = peakMiB();
  const keptMiB = heapMiB() - keptBefore;

  await fetch(`http://127.0.0.1:${port}/churn`, { method: "POST" });
  await sleep(500);
  changes = 0;
  const stopChurnDelay = watchDelay();
  const cpuBefore = process.cpuUsage();
  await sleep(Number(churnSeconds) * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const churn = {
    changes,
    seconds: Number(churnSeconds),
    delay: stopChurnDelay(),
    cpuMillisPerSecond: (user + system) / 1000 / Number(churnSeconds),
  };
  end.abort();
  await running;
  await transport.close();
  const pods = cluster.view.of.pods.count();
  return {
    pods,
    listMillis,
    listCpuMillis: (listUser + listSystem) / 1000,
    listDelay,
    listPeakMiB,
    keptMiB,
    churn,
    peakMiB: peakMiB(),
  };
}

async function openTransport(): Promise<ApiTransport> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  const kubeconfig = writePlainKubeconfig(folder, port);
  const ports = { clock: createClock(), log: () => undefined };
  const outcome = await loadConnection({ kubeconfig, environment: {}, ports });
  rmSync(folder, { recursive: true });
  if (outcome.kind === "unusable") throw new Error(outcome.message);
  return createTransport(outcome.connection, { userAgent: "plimsoll/bench" });
}

function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}
