/**
 * What a node leaves on a machine, and its removal. Everything is found by what it belongs to (the node's view of the machine,
 * its cgroups) and ended by its id; the mounts go with the last process that has them.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** In the node's own `/run` only: it holds the node's folder. */
export const MARK = "/run/plimsoll-node";
const CGROUPS = "/sys/fs/cgroup";
/** The kubelet's own name for the cgroup of all pods. */
const PODS = "kubepods";
/** The most that the kernel takes, by the setting's name in version 1 and 2. */
const MOST_CPU = { "cpu.shares": "262144", "cpu.weight": "10000" };
const TRIES = 50;
const PAUSE_MILLIS = 100;

/** Of the node that has this folder. Resolves to what could not be removed, in words. */
export async function removeNode(folder: string): Promise<string[]> {
  const members = (): number[] => membersOf(folder);
  // A container's shim waits for it, so that none is left as a zombie: it ends last.
  await endAll(() => members().filter((pid) => !nameOf(pid).startsWith("containerd-shim")));
  await endAll(processesInPods);
  await endAll(members);
  const cgroups = await removeCgroups();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const processes = [...members(), ...processesInPods()].map((pid) => `process ${pid} (${nameOf(pid)})`);
  return [...processes, ...cgroups.map((path) => `cgroup ${path}`)];
}

/** Of pods of whichever kubelet; a machine has one. */
export function processesInPods(): number[] {
  const files = podCgroups().map((path) => join(path, "cgroup.procs"));
  return [...new Set(files.flatMap((file) => readQuietly(file).split("\n").filter(Boolean).map(Number)))];
}

/**
 * Pods get the CPU that they ask for also on a busy machine, whose other processes count one by one beside all pods together.
 */
export function preferPods(): void {
  for (const path of podCgroups().filter((each) => each.endsWith(`/${PODS}`)))
    for (const [setting, most] of Object.entries(MOST_CPU)) {
      const file = join(path, setting);
      if (existsSync(file)) writeFileSync(file, most);
    }
}

/** Processes that see the machine as this node does; containers see it as their own, and are in its cgroups. */
function membersOf(folder: string): number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.filter((pid) => readQuietly(`/proc/${pid}/root${MARK}`) === folder);
}

async function endAll(find: () => readonly number[]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = find();
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await wait(PAUSE_MILLIS);
  }
}

async function removeCgroups(): Promise<string[]> {
  for (let tries = 0; tries < TRIES && podCgroups().length > 0; tries++) {
    // a folder's children before itself
    for (const path of podCgroups().toReversed()) removeQuietly(path);
    if (podCgroups().length > 0) await wait(PAUSE_MILLIS);
  }
  return podCgroups();
}

/** With version 1 one tree for each controller, with version 2 one for all; parents before their children. */
function podCgroups(): string[] {
  const roots = existsSync(CGROUPS) ? readdirSync(CGROUPS, { withFileTypes: true }) : [];
  const trees = roots.filter((entry) => entry.isDirectory()).map(({ name }) => join(CGROUPS, name));
  return [CGROUPS, ...trees]
    .map((tree) => join(tree, PODS))
    .filter((path) => existsSync(path))
    .flatMap(withChildren);
}

function withChildren(path: string): string[] {
  const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  return [path, ...folders.flatMap(withChildren)];
}

const nameOf = (pid: number): string => readQuietly(`/proc/${pid}/comm`).trim();

/** Empty when it is gone. */
function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function removeQuietly(cgroup: string): void {
  try {
    rmdirSync(cgroup);
  } catch {
    // busy, or gone: the next try tells
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (trouble) {
    if ((trouble as NodeJS.ErrnoException).code !== "ESRCH") throw trouble;
  }
}
