/**
 * A Prometheus with a history that a test writes, and nothing to scrape.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "../control-plane/ports.ts";
import { findPrometheus } from "./find.ts";

const run = promisify(execFile);
const READY_WITHIN_MILLIS = 60_000;

/** What cAdvisor would have told of one container of one pod. */
export type Told = Readonly<{
  namespace: string;
  pod: string;
  container: string;
  job?: string;
  /** Seconds since the epoch. */
  from: number;
  to: number;
  /** Seconds between two scrapes. */
  every: number;
  /** Cores in use from this scrape to the next. */
  cores(second: number): number;
  bytes(second: number): number;
}>;

export type Prometheus = Readonly<{ address: string; stop(): Promise<void> }>;

export async function startPrometheus(told: readonly Told[]): Promise<Prometheus> {
  const { prometheus, promtool } = await findPrometheus();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-prometheus-"));
  const [port = 0] = await freePorts(1);
  await writeHistory(join(folder, "history.txt"), told);
  await run(promtool, [
    "tsdb",
    "create-blocks-from",
    "openmetrics",
    join(folder, "history.txt"),
    join(folder, "data"),
  ]);
  writeFileSync(join(folder, "prometheus.yml"), "scrape_configs: []\n");
  const child = spawn(
    prometheus,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--storage.tsdb.retention.time=60d",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const said: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const exited = once(child, "exit");
  const address = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + READY_WITHIN_MILLIS;
  while (!(await isReady(address))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`Prometheus does not come up: ${said.join("").slice(-2000)}`);
    }
    await sleep(100);
  }
  return { address, stop };
}

const isReady = (address: string): Promise<boolean> =>
  fetch(`${address}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** OpenMetrics, series by series; the counter goes on from scrape to scrape. */
async function writeHistory(path: string, told: readonly Told[]): Promise<void> {
  const file = createWriteStream(path);
  const write = async (line: string): Promise<void> => {
    if (!file.write(`${line}\n`)) await once(file, "drain");
  };
  await write("# TYPE container_cpu_usage_seconds counter");
  for (const one of told) {
    let used = 0;
    for (let at = one.from; at <= one.to; at += one.every) {
      await write(`container_cpu_usage_seconds_total${labelsOf(one)} ${used} ${at}`);
      used += one.cores(at) * one.every;
    }
  }
  await write("# TYPE container_memory_working_set_bytes gauge");
  for (const one of told)
    for (let at = one.from; at <= one.to; at += one.every)
      await write(`container_memory_working_set_bytes${labelsOf(one)} ${one.bytes(at)} ${at}`);
  await write("# EOF");
  file.end();
  await once(file, "close");
}

const labelsOf = ({ namespace, pod, container, job = "kubelet" }: Told): string =>
  `{container="${container}",job="${job}",namespace="${namespace}",pod="${pod}"}`;
