/**
 * One size: the bundle as users run it, between an API server and kubelets that are made up, watched from outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createAuthority } from "../../control-plane/certificates.ts";
import { freePorts } from "../../control-plane/ports.ts";
import { getSecurely } from "../../control-plane/secure-get.ts";
import { productEnvironment } from "../../control-plane/product.ts";
import { type Inspector, openInspector } from "../../soak/inspector.ts";
import { startCosting } from "../peers/process-cost.ts";
import { writePlainKubeconfig } from "../plain-kubeconfig.ts";
import { podJson } from "../watch-pod.ts";
import { fleetOf } from "./objects.ts";

type Delay = Readonly<{ p999: number; max: number }>;
export type Figures = Readonly<{
  nodes: number;
  policies: number;
  /** From the start to the first answer of /readyz that is 200. */
  readySeconds: number;
  listPeak: number;
  steady: number;
  /** From being ready to as many decisions as there are policies. */
  passSeconds: number;
  /** In which as many scrapes are done as there are nodes. */
  roundSeconds: number;
  longestGapSeconds: number;
  decisionsPerSecond: number;
  cpu: number;
  delay: Delay;
  churn: Readonly<{ cpu: number; waitingSeconds: number; delay: Delay }>;
}>;

const bundle = fileURLToPath(new URL("../../../dist/plimsoll.mjs", import.meta.url));
const READY_SECONDS = 300;
/** With 5,000 policies and nodes /metrics has 100,000 lines: looking often would be what is measured. */
const LOOK_MILLIS = 5000;
/** A pod's limit for clusters of this size: half of it heap. */
const HEAP_MIB = 1500;

export async function measureScale(pods: number, seconds: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-scale-"));
  const ended: (() => Promise<unknown>)[] = [];
  try {
    const certs = writeKubeletCertificate(folder);
    const kubelets = await startSide("kubelets.ts", [`${pods}`, certs.certificate, certs.key]);
    ended.push(kubelets.end);
    const api = await startSide("api-server.ts", [`${pods}`, kubelets.port]);
    ended.push(api.end);
    const operator = await startOperator(folder, api.port);
    ended.push(operator.end);
    return await measure({ pods, seconds, kubelets, api, operator });
  } finally {
    for (const end of ended.toReversed()) await end();
    rmSync(folder, { recursive: true });
  }
}

type Side = Readonly<{
  port: string;
  ask(line: string): Promise<unknown>;
  tell(line: string): void;
  end(): Promise<unknown>;
}>;
type Operator = Readonly<{
  pid: number;
  healthPort: number;
  securePort: number;
  inspector: Inspector;
  startedAt: number;
  end(): Promise<unknown>;
}>;
type Bed = Readonly<{ pods: number; seconds: number; kubelets: Side; api: Side; operator: Operator }>;

async function measure({ pods, seconds, kubelets, api, operator }: Bed): Promise<Figures> {
  const { workloads, layout } = fleetOf(pods);
  const { listPeak, readySeconds } = await listing(operator);
  const passSeconds = await firstPass(operator, workloads);
  await wait(30_000); // every connection open, rates known
  await kubelets.ask("figures");
  const before = await decisionsOf(operator);
  const began = performance.now();
  await startDelay(operator);
  const stop = startCosting([operator.pid]);
  await wait(seconds * 1000);
  const cost = stop();
  const delay = await readDelay(operator);
  const passed = (performance.now() - began) / 1000;
  const scraped = (await kubelets.ask("figures")) as { answers: number; longestGapSeconds: number };
  const decisions = (await decisionsOf(operator)) - before;
  return {
    nodes: layout.nodes,
    policies: workloads,
    readySeconds,
    listPeak,
    steady: cost.rss,
    passSeconds,
    roundSeconds: (layout.nodes / scraped.answers) * passed,
    longestGapSeconds: scraped.longestGapSeconds,
    decisionsPerSecond: decisions / passed,
    cpu: cost.cpu,
    delay,
    churn: await churn({ api, operator, layout: pods }, seconds),
  };
}

async function churn(
  { api, operator, layout: pods }: Pick<Bed, "api" | "operator"> & { layout: number },
  seconds: number,
) {
  await api.ask("figures");
  api.tell("churn");
  await startDelay(operator);
  const stop = startCosting([operator.pid]);
  await wait((seconds * 1000) / 2);
  const { cpu } = stop();
  const delay = await readDelay(operator);
  const { waitingBytesMost } = (await api.ask("figures")) as { waitingBytesMost: number };
  const line = podJson(0, 1, fleetOf(pods).layout).length;
  return { cpu, delay, waitingSeconds: waitingBytesMost / line / 500 };
}

/** Looked at ten times a second until it is ready. */
async function listing({ pid, healthPort, startedAt }: Operator) {
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  const look = startCosting([pid]);
  for (let listPeak = 0; elapsed() < READY_SECONDS; await wait(100)) {
    listPeak = Math.max(listPeak, look().rss);
    const ready = await get(healthPort, "/readyz?exclude=leader").catch(() => undefined);
    if (ready?.ok === true) return { listPeak, readySeconds: elapsed() };
  }
  throw new Error(`not ready within ${READY_SECONDS} s`);
}

/** Electing a leader included. */
async function firstPass(operator: Operator, policies: number): Promise<number> {
  const began = performance.now();
  for (const end = began + READY_SECONDS * 1000; performance.now() < end;) {
    if ((await decisionsOf(operator)) >= policies) return (performance.now() - began) / 1000;
    await wait(LOOK_MILLIS);
  }
  throw new Error(`fewer than ${policies} decisions within ${READY_SECONDS} s`);
}

const get = (port: number, path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);

async function decisionsOf({ securePort }: Operator): Promise<number> {
  const headers = { authorization: "Bearer bench" };
  const { text } = await getSecurely({ port: securePort, path: "/metrics", headers });
  return [...text.matchAll(/^plimsoll_decisions_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** Node's own measure, begun in the operator from outside. */
async function startDelay({ inspector }: Operator): Promise<void> {
  const make = `globalThis.delays ??= process.getBuiltinModule("node:perf_hooks").monitorEventLoopDelay({ resolution: 1 })`;
  await inspector.call("Runtime.evaluate", { expression: `${make}; delays.enable(); delays.reset(); 0` });
}

async function readDelay({ inspector }: Operator): Promise<Delay> {
  const expression = "[delays.percentile(99.9) / 1e6, delays.max / 1e6]";
  const answer = await inspector.call("Runtime.evaluate", { expression, returnByValue: true });
  const [p999 = Number.NaN, max = Number.NaN] = (answer as { result: { value: number[] } }).result.value;
  return { p999, max };
}

async function startOperator(folder: string, apiPort: string): Promise<Operator> {
  const [healthPort = 0, securePort = 0] = await freePorts(2);
  const kubeconfig = writePlainKubeconfig(folder, apiPort);
  const environment = productEnvironment();
  const nodeOptions = environment["NODE_OPTIONS"]?.replace(
    /--max-old-space-size=\d+/,
    `--max-old-space-size=${HEAP_MIB}`,
  );
  const args = [
    "operator",
    `--kubeconfig=${kubeconfig}`,
    `--health-port=${healthPort}`,
    `--secure-port=${securePort}`,
    "--bind-address=127.0.0.1",
    "--metrics-api=Off",
    "--kubelet-insecure-tls",
    "--log-level=error",
  ];
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", bundle, ...args], {
    env: { PATH: process.env["PATH"], ...environment, NODE_OPTIONS: nodeOptions },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const address = await new Promise<string>((settle, fail) => {
    child.once("exit", () => fail(new Error("the operator ended at once")));
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = /Debugger listening on (ws:\S+)/.exec(line)?.[1];
      if (found !== undefined) settle(found);
    });
  });
  const inspector = await openInspector(address);
  const end = (): Promise<unknown> => {
    inspector.close();
    return endOf(child);
  };
  return { pid: child.pid ?? 0, healthPort, securePort, inspector, startedAt, end };
}

async function startSide(file: string, args: readonly string[]): Promise<Side> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  const [port] = (await once(lines, "line")) as [string];
  return {
    port,
    ask: async (line) => {
      const answer = nextLine(lines);
      child.stdin.write(`${line}\n`);
      return JSON.parse(await answer) as unknown;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    end: () => endOf(child),
  };
}

const nextLine = async (lines: Interface): Promise<string> => ((await once(lines, "line")) as [string])[0];

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function writeKubeletCertificate(folder: string): Readonly<{ certificate: string; key: string }> {
  const made = createAuthority("kubelets").server({ name: "kubelet" }, ["localhost"]);
  const [certificate, key] = [join(folder, "kubelet.crt"), join(folder, "kubelet.key")];
  writeFileSync(certificate, made.certificate);
  writeFileSync(key, made.key, { mode: 0o600 });
  return { certificate, key };
}
