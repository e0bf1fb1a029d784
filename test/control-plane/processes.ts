/**
 * Programs that end when we do. Each is ended by its own id; a reaper in a process of its own ends them when ours
 * dies without a word, and removes the folder they worked in.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface ProcessGroup {
  /** Starts a program in the group's folder; its output goes to `logs/NAME.log`. */
  start(name: string, file: string, args: readonly string[]): void;
  readonly pids: Readonly<Record<string, number>>;
  /** Rejects when a program ends by itself; the message holds the end of its log. */
  readonly failed: Promise<never>;
  /** Ends all, youngest first, waits until they are gone, and removes the folder unless it shall be kept. */
  readonly stop: (options?: { keepFolder?: boolean }) => Promise<void>;
}

const GRACE_MILLIS = 3000;

export function createProcessGroup(folder: string): ProcessGroup {
  const reaper = startReaper(folder);
  const children = new Map<string, ChildProcess>();
  let stopping = false;
  let fail: (trouble: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined); // told to whoever waits for readiness; nobody else need listen

  const start = (name: string, file: string, args: readonly string[]): void => {
    const child = spawn(file, args, {
      cwd: folder,
      detached: true,
      stdio: ["ignore", ...logOf(folder, name)],
    });
    children.set(name, child);
    child.on("error", (trouble) => fail(new Error(`${name} does not start: ${trouble.message}`)));
    child.on("exit", (code, signal) => {
      reaper.write(`-${child.pid}\n`);
      if (!stopping) fail(new Error(`${name} ended with ${code ?? signal}:\n${endOfLog(folder, name)}`));
    });
    if (child.pid !== undefined) reaper.write(`+${child.pid}\n`);
    child.unref();
  };
  const stop = async ({ keepFolder = false } = {}): Promise<void> => {
    stopping = true;
    for (const child of [...children.values()].toReversed()) await end(child);
    if (!keepFolder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    reaper.end();
  };
  return { start, failed, stop, get pids() { return pidsOf(children); } }; // prettier-ignore
}

const pidsOf = (children: ReadonlyMap<string, ChildProcess>): Record<string, number> =>
  Object.fromEntries([...children].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])));

function logOf(folder: string, name: string): [number, number] {
  mkdirSync(join(folder, "logs"), { recursive: true });
  const file = openSync(join(folder, "logs", `${name}.log`), "a");
  setImmediate(() => closeSync(file)); // the child has its own copy by then
  return [file, file];
}

const endOfLog = (folder: string, name: string): string =>
  readFileSync(join(folder, "logs", `${name}.log`), "utf8")
    .split("\n")
    .slice(-15)
    .join("\n");

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((settle) => child.once("exit", () => settle()));
  child.ref();
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), GRACE_MILLIS);
  await gone;
  clearTimeout(impatient);
}

/** Its stdin is our lifeline: when it closes, we are gone. */
function startReaper(folder: string): { write(line: string): void; end(): void } {
  const script = new URL("./reaper.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined); // a reaper that somebody ended: we still end our children ourselves
  child.unref();
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return { write: (line) => void child.stdin.write(line), end: () => void child.stdin.end() };
}
