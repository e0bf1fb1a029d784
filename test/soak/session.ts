/**
 * One soak: a fleet that is never at rest, a fault a minute, and the operator as its own process, looked at from outside.
 *
 * Invariant: the operator is the bundle as users run it, with nothing in it for us; between two readings there is one
 * fault, mended some time before the reading.
 */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openTransport } from "../cluster/open-api.ts";
import { type OperatorProcess, startOperator } from "../cluster/operator-process.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";
import { productEnvironment } from "../control-plane/product.ts";
import { type Churned, runChurn } from "./churn.ts";
import { type Door, startDoor } from "./door.ts";
import { breakOnce, type Scene } from "./faults.ts";
import { createFleet, type FleetSize, running, serveCrd } from "./fleet.ts";
import { type IdleProcess, startIdleProcess } from "./idle.ts";
import { addressIn, type Inspector, openInspector } from "./inspector.ts";
import { type Ending, judge, type Lag, type Reading, type Verdict } from "./verdict.ts";

export type Soaked = Readonly<{
  verdicts: readonly Verdict[];
  readings: readonly Reading[];
  faults: readonly string[];
  churned: Churned;
}>;
export type SoakOptions = Readonly<{ seconds: number; size: FleetSize; say?: (line: string) => void }>;

export const SIZE: FleetSize = { workloads: 200, pods: 2000 };
const SPAN_SECONDS = 60;
/** A fault begins this long after a reading. */
const CALM_SECONDS = 15;
const READY_MILLIS = 180_000;

/** The plane is the soak's own: its API server and its kubelets are frozen at times. */
export async function runSoak(
  plane: ControlPlane,
  { seconds, size, say = () => undefined }: SoakOptions,
): Promise<Soaked> {
  await serveCrd(plane);
  const transport = await openTransport(plane.kubeconfig);
  const door = await startDoor(plane.ports.apiserver);
  const places = await createFleet(plane, transport, size);
  await running(transport, size.pods);
  const operator = await startOperator(plane, {
    kubeconfig: throughDoor(plane, door),
    env: productEnvironment(),
    nodeArgs: ["--inspect=127.0.0.1:0"],
    args: ["--metric-resolution=5s"],
  });
  const idle = startIdleProcess();
  const end = new AbortController();
  const churning = runChurn(
    { transport, places, replicas: Math.round(size.pods / size.workloads) },
    end.signal,
  );
  try {
    const inspector = await inspectorOf(operator);
    const watched = await watch(
      { plane, transport, door, places },
      { operator, inspector, idle, seconds, say },
    );
    end.abort();
    const churned = await churning;
    inspector.close();
    const ending: Ending = { exitCode: await operator.stop(), crashes: crashesIn(operator) };
    return { ...watched, churned, verdicts: judge(watched.readings, ending) };
  } finally {
    end.abort();
    await churning;
    await operator.stop("SIGKILL");
    idle.stop();
    door.close();
    await transport.close();
  }
}

type Watched = Readonly<{ operator: OperatorProcess; inspector: Inspector; idle: IdleProcess }> &
  Omit<SoakOptions, "size">;

async function watch(scene: Scene, { operator, inspector, idle, seconds, say = () => undefined }: Watched) {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const readings: Reading[] = [];
  const faults: string[] = [];
  let before = await figuresOf(operator);
  for (let span = 1; span * SPAN_SECONDS <= seconds; span++) {
    await wait(CALM_SECONDS * 1000);
    const calm: Lag = {
      lagMillis: (await figuresOf(operator)).lagMillis,
      idleLagMillis: await idle.lagMillis(),
    };
    const fault = await breakOnce(scene, span - 1);
    faults.push(fault);
    await wait(Math.max(0, span * SPAN_SECONDS - elapsed()) * 1000);
    const figures = await figuresOf(operator);
    const rest: Lag = { lagMillis: figures.lagMillis, idleLagMillis: await idle.lagMillis() };
    const heapBytes = await inspector.collectAndMeasure();
    const decisionsPerSecond = (figures.decisions - before.decisions) / ((figures.at - before.at) / 1000);
    const whole = worseOf(calm, rest);
    const reading: Reading = { ...figures, seconds: elapsed(), heapBytes, calm, whole, decisionsPerSecond };
    readings.push(reading);
    say(lineOf(reading, fault));
    before = await figuresOf(operator); // what the collection held up is nobody's delay
    await idle.lagMillis();
  }
  return { readings, faults };
}

const worseOf = (one: Lag, other: Lag): Lag => ({
  lagMillis: Math.max(one.lagMillis, other.lagMillis),
  idleLagMillis: Math.max(one.idleLagMillis, other.idleLagMillis),
});

const lagText = ({ lagMillis, idleLagMillis }: Lag): string =>
  `${lagMillis.toFixed(1)} ms (idle ${idleLagMillis.toFixed(1)})`;

function lineOf(reading: Reading, fault: string): string {
  const { seconds, heapBytes, residentBytes, sockets, calm, whole } = reading;
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const loop = `loop p99 ${lagText(calm)}, with the fault ${lagText(whole)}`;
  const rate = `${reading.decisionsPerSecond.toFixed(1)} decisions/s`;
  const memory = `heap ${mib(heapBytes)} MiB, RSS ${mib(residentBytes)} MiB`;
  return `${(seconds / 60).toFixed(1)} min: ${memory}, ${sockets} sockets, ${loop}, ${rate}; ${fault}`;
}

/** From its own metrics, and from what the kernel says of it. */
async function figuresOf({ get, pid }: OperatorProcess) {
  const { text } = await get("/metrics");
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))].reduce(
      (all, [, value]) => all + Number(value),
      0,
    );
  return {
    at: performance.now(),
    decisions: sum("plimsoll_decisions_total"),
    lagMillis: sum("nodejs_eventloop_lag_p99_seconds") * 1000,
    residentBytes: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024,
    sockets: socketsOf(pid),
  };
}

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => linkOf(join(folder, fd)).startsWith("socket:")).length;
}

/** It may be closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Whatever it said that is no log line, but for the inspector's greeting. */
const crashesIn = ({ lines }: OperatorProcess): readonly string[] =>
  lines
    .filter(({ level }) => level === "fatal")
    .map(({ message }) => message)
    .filter((text) => text !== "" && !/^(Debugger|For help, see)/.test(text));

async function inspectorOf(operator: OperatorProcess): Promise<Inspector> {
  const deadline = performance.now() + READY_MILLIS;
  while (performance.now() < deadline) {
    const address = addressIn(operator.lines);
    const ready = await operator.get("/readyz").catch(() => undefined);
    if (address !== undefined && ready?.status === 200) return openInspector(address);
    await wait(200);
  }
  throw new Error(`the operator was not ready: ${JSON.stringify(operator.lines.slice(-5))}`);
}

function throughDoor({ folder, certs }: ControlPlane, { port }: Door): string {
  const read = (name: string): string => readFileSync(join(folder, "certs", name), "utf8");
  const admin = { certificate: read("admin.crt"), key: read("admin.key") };
  const authority = readFileSync(certs.serverAuthority, "utf8");
  const kubeconfig = join(folder, `door-${port}.kubeconfig`);
  writeFileSync(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, authority, admin), { mode: 0o600 });
  return kubeconfig;
}
