/**
 * A Docker engine: the one that runs here, or else, as root, one of the lane's own out of Debian's packages. That one has a socket,
 * folders, mounts and process ids of its own, makes no bridge and no firewall rule, and takes all that it started with it.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { createProcessGroup } from "../control-plane/processes.ts";
import { unpackedPackage } from "./debian.ts";

const run = promisify(execFile);
const READY_MILLIS = 60_000;
const CGROUP_TRIES = 50;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The environment in which `docker` and testcontainers meet the engine; plain data, for other processes too. */
export type EngineEnvironment = Readonly<Record<string, string>>;
export type Engine = Readonly<{
  /** `29.1.0, found here` or `20.10.24, of the lane's own`. */
  name: string;
  environment: EngineEnvironment;
  /** Ends it, if it is ours; nothing of it is left. */
  stop(): Promise<void>;
}>;

export type FoundEngine =
  | Readonly<{ kind: "running"; version: string }>
  /** Programs from a folder like `/`. */
  | Readonly<{ kind: "startable"; folder: string }>
  | Readonly<{ kind: "missing"; reason: string }>;

/** No reaper: its image is not ours to fetch, and what we start we end. */
const TESTCONTAINERS = { TESTCONTAINERS_RYUK_DISABLED: "true" };

export async function findEngine(): Promise<FoundEngine> {
  if (process.platform !== "linux")
    return { kind: "missing", reason: "containers here share the host's network, which wants Linux" };
  const version = await serverVersion({});
  if (version !== undefined) return { kind: "running", version };
  if (process.getuid?.() !== 0)
    return { kind: "missing", reason: "no Docker answers here, and only root can start one: start it" };
  const unpacked = await unpackedPackage("docker.io");
  if (unpacked.kind === "unpacked") return { kind: "startable", folder: unpacked.folder };
  return { kind: "missing", reason: `no Docker answers here, and ${unpacked.reason}` };
}

export async function startEngine(found: Exclude<FoundEngine, { kind: "missing" }>): Promise<Engine> {
  if (found.kind === "running")
    return {
      name: `${found.version}, found here`,
      environment: { DOCKER_BUILDKIT: "1", ...TESTCONTAINERS },
      stop: () => Promise.resolve(),
    };
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-docker-"));
  const environment = ownEnvironment(found.folder, folder);
  const group = createProcessGroup(folder);
  const stop = async (): Promise<void> => {
    await group.stop();
    await removeControlGroups(basename(folder));
  };
  const given = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const daemon = ["/usr/bin/env", ...given, "dockerd", ...daemonArguments(folder)];
  group.start("dockerd", "unshare", [...APART, "/bin/sh", "-c", writesElsewhere(folder), "sh", ...daemon]);
  try {
    const version = await Promise.race([answers(environment), group.failed]);
    return { name: `${version}, of the lane's own`, environment, stop };
  } catch (trouble) {
    await stop();
    throw trouble;
  }
}

/** When the first process ends, or we do, the kernel ends all others of the namespace and undoes the mounts. */
const APART = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** The daemon sees `/run` and `/opt` as they are, and what it writes there is in our folder; then it is the daemon. */
function writesElsewhere(folder: string): string {
  const overlays = ["run", "opt"].map((name) => {
    const [upper = "", work = ""] = ["upper", "work"].map((part) => join(folder, `${name}-${part}`));
    for (const path of [upper, work]) mkdirSync(path);
    return `mount -t overlay -o lowerdir=/${name},upperdir=${upper},workdir=${work} overlay /${name}`;
  });
  return [...overlays, 'exec "$@"'].join(" && ");
}

/** Resolves to its standard output; what failed says what `docker` said. */
export async function docker(environment: EngineEnvironment, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...environment };
  const { stdout } = await run("docker", args, { env, maxBuffer: OUTPUT_BYTES_MAX });
  return stdout.trimEnd();
}

function daemonArguments(folder: string): string[] {
  return [
    `--host=unix://${folder}/docker.sock`,
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/docker.pid`,
    `--cgroup-parent=/${basename(folder)}`,
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
  ];
}

function ownEnvironment(programs: string, folder: string): EngineEnvironment {
  const triplet = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  const inside = (...paths: string[]): string[] => paths.map((path) => join(programs, path));
  return {
    PATH: [...inside("usr/sbin", "usr/bin", "sbin", "bin"), process.env["PATH"]].join(":"),
    LD_LIBRARY_PATH: inside(`usr/lib/${triplet}`, `lib/${triplet}`).join(":"),
    DOCKER_HOST: `unix://${folder}/docker.sock`,
    DOCKER_CONFIG: join(folder, "client"),
    DOCKER_BUILDKIT: "1",
    ...TESTCONTAINERS,
    // without a bridge there is no address to be found
    TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
  };
}

/** The empty ones that are left, in each hierarchy. */
async function removeControlGroups(name: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  for (const parent of [root, ...foldersIn(root)]) await removeEmpty(join(parent, name));
}

/** One whose last process is still ending is busy for a moment. */
async function removeEmpty(group: string): Promise<void> {
  for (const below of foldersIn(group)) await removeEmpty(below);
  for (let tries = 1; existsSync(group); tries++)
    try {
      rmdirSync(group);
    } catch (trouble) {
      if (tries === CGROUP_TRIES) throw trouble;
      await wait(100);
    }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

const serverVersion = (environment: EngineEnvironment): Promise<string | undefined> =>
  docker(environment, "version", "--format", "{{.Server.Version}}").catch(() => undefined);

async function answers(environment: EngineEnvironment): Promise<string> {
  const deadline = performance.now() + READY_MILLIS;
  while (performance.now() < deadline) {
    const version = await serverVersion(environment);
    if (version !== undefined) return version;
    await wait(100);
  }
  throw new Error(`dockerd did not answer within ${READY_MILLIS / 1000} s`);
}
