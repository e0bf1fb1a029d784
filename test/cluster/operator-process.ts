/**
 * The operator as its own process, from the bundle that users run, for tests of the `cluster` project.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePorts } from "../control-plane/ports.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import type { ControlPlane } from "./control-plane.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bundle = `${root}dist/plimsoll.mjs`;

export type LogLine = Readonly<{ level: string; message: string } & Record<string, unknown>>;

export type OperatorProcess = Readonly<{
  pid: number;
  /** Everything it has said so far. */
  lines: readonly LogLine[];
  /** Of its health port; `/metrics` of its secure one, as cluster-admin. */
  get(path: string): Promise<{ status: number; text: string }>;
  /** Its exit code, when it has ended by itself. */
  ended(): Promise<number | null>;
  /** Of the metrics API. */
  securePort: number;
  /** Ends it and resolves to its exit code; SIGKILL gives null. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}>;

export type OperatorOptions = Readonly<{
  kubeconfig?: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Node's own, such as `--inspect=127.0.0.1:0`. */
  nodeArgs?: readonly string[];
  /** A session of its own, as peers have: Linux shares the CPU out between sessions first. */
  ownSession?: boolean;
}>;

/** Quick enough for a test: samples every second, so a decision every second. */
const QUICK = ["--metric-resolution=1s"];

/** Only tests of the metrics API announce it: one that nobody answers for holds up the end of namespaces. */
const UNANNOUNCED = ["--metrics-api=Off", "--shutdown-delay-duration=0s"];

export async function startOperator(
  plane: ControlPlane,
  options: OperatorOptions = {},
): Promise<OperatorProcess> {
  if (!existsSync(bundle)) execFileSync("node", ["build.ts"], { cwd: root });
  await plane.request("POST", "/api/v1/namespaces", { body: { metadata: { name: "plimsoll-system" } } });
  const [port = 0, securePort = 0] = await freePorts(2);
  const given = { kubeconfig: plane.kubeconfig, args: [], env: {}, nodeArgs: [], ownSession: false };
  const { kubeconfig, args, env, nodeArgs, ownSession } = { ...given, ...options };
  const command = [...nodeArgs, bundle, "operator", ...QUICK, `--health-port=${port}`];
  command.push(
    `--secure-port=${securePort}`,
    "--bind-address=127.0.0.1",
    ...UNANNOUNCED,
    `--kubeconfig=${kubeconfig}`,
    `--kubelet-certificate-authority=${plane.certs.kubeletAuthority}`,
    ...args,
  );
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: ownSession,
  });
  const lines = collect(child);
  const exited = once(child, "exit");
  return {
    pid: child.pid ?? 0,
    lines,
    securePort,
    async get(path) {
      if (path === "/metrics") return getSecurely({ port: securePort, path, client: adminOf(plane) });
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, text: await answer.text() };
    },
    async ended() {
      await exited;
      return child.exitCode;
    },
    stop: (signal = "SIGTERM") => end(child, signal),
  };
}

/** Resolves to the exit code. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  return child.exitCode;
}

/** Cluster-admin, as a client of servers behind the API server. */
export const adminOf = ({ folder }: ControlPlane) => ({
  certificate: readFileSync(`${folder}/certs/admin.crt`),
  key: readFileSync(`${folder}/certs/admin.key`),
});

/** Log lines as they come; whatever is not JSON (a crash) is kept as a line of its own. */
function collect(child: ChildProcess): LogLine[] {
  const lines: LogLine[] = [];
  const add = (text: string): void => {
    try {
      lines.push(JSON.parse(text) as LogLine);
    } catch {
      lines.push({ level: "fatal", message: text });
    }
  };
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on("line", add);
  return lines;
}
