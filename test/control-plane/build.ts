/**
 * Finds the control plane's programs, or builds them. A folder in the cache is always complete: it is built aside and
 * renamed, under a lock, so that two runs never meet. `node test/control-plane/build.ts [name...]` does it by hand.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import {
  cacheFolderOf,
  CONTROL_PLANE_FILES,
  KWOK_STOCK_FILES,
  linkerFlagsOf,
  moduleFolder,
  moduleOf,
  MODULES,
  versionOf,
} from "./binaries.ts";
import type { Binaries, BinaryName, GoModule } from "./binaries.ts";

const run = promisify(execFile);
const GO_MINOR_MIN = 26;
const PROGRESS_SECONDS = 20;

export type Found =
  Readonly<{ kind: "found"; binaries: Binaries }> | Readonly<{ kind: "missing"; reason: string }>;

/**
 * Every program asked for: from PLIMSOLL_CONTROL_PLANE when that is set (then it must hold them all), else from the
 * cache, else built into the cache. `missing` says in a sentence what to do.
 */
export async function findControlPlane(names: readonly BinaryName[] = CONTROL_PLANE_FILES): Promise<Found> {
  const given = process.env["PLIMSOLL_CONTROL_PLANE"];
  if (given !== undefined && given !== "") return fromFolder(given, names);

  const modules = [...new Set(names.map(moduleOf))].toSorted();
  const unbuilt = modules.filter((module) => lacking(module, names).length > 0);
  if (unbuilt.length > 0) {
    const trouble = await troubleWithGo();
    if (trouble !== undefined) return { kind: "missing", reason: trouble };
  }
  for (const module of unbuilt) await buildOnce(module, names);
  return { kind: "found", binaries: pathsOf(names, (name) => join(cacheFolderOf(moduleOf(name)), name)) };
}

function fromFolder(folder: string, names: readonly BinaryName[]): Found {
  const absent = names.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    return { kind: "missing", reason: `PLIMSOLL_CONTROL_PLANE=${folder} holds no ${absent.join(", no ")}` };
  return { kind: "found", binaries: pathsOf(names, (name) => join(folder, name)) };
}

const pathsOf = (names: readonly BinaryName[], pathOf: (name: BinaryName) => string): Binaries =>
  Object.fromEntries(names.map((name) => [name, pathOf(name)])) as Binaries;

const lacking = (module: GoModule, names: readonly BinaryName[]): BinaryName[] =>
  names.filter((name) => moduleOf(name) === module && !existsSync(join(cacheFolderOf(module), name)));

/** What keeps us from building, with the way out; undefined when nothing does. */
async function troubleWithGo(): Promise<string | undefined> {
  const wayOut = "install it, or point PLIMSOLL_CONTROL_PLANE at a folder of binaries";
  const need = `Go 1.${GO_MINOR_MIN} or newer builds the control plane`;
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"], { cwd: moduleFolder("etcd") });
    const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
    return minor >= GO_MINOR_MIN ? undefined : `${need}, and here is ${stdout.trim()}: ${wayOut}`;
  } catch {
    return `${need}, and there is none on PATH: ${wayOut}`;
  }
}

async function buildOnce(module: GoModule, names: readonly BinaryName[]): Promise<void> {
  const release = await lock(`${cacheFolderOf(module)}.lock`);
  try {
    const left = lacking(module, names);
    if (left.length > 0) await build(module, left);
  } finally {
    release();
  }
}

async function build(module: GoModule, names: readonly BinaryName[]): Promise<void> {
  const target = cacheFolderOf(module);
  const aside = `${target}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const started = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  say(
    `building ${module} ${versionOf(module)} (${names.join(", ")}); once per version, some minutes when cold`,
  );
  const ticking = setInterval(() => say(`building ${module}: ${seconds()}`), PROGRESS_SECONDS * 1000);
  try {
    const { packages } = MODULES[module];
    const wanted = names.flatMap((name) => packages[name] ?? []);
    // one package at a time gets its own name (etcd's is called "server"); many get a folder
    if (wanted.length > 0) {
      const output = wanted.length === 1 ? join(aside, programOf(module, names)) : `${aside}/`;
      await go(module, ["build", "-trimpath", "-ldflags", linkerFlagsOf(module), "-o", output, ...wanted]);
    }
    if (names.includes("kwok-stock.yaml")) await gatherKwokStock(join(aside, "kwok-stock.yaml"));
    mkdirSync(target, { recursive: true });
    for (const name of names) renameSync(join(aside, name), join(target, name));
    say(`built ${module} in ${seconds()}`);
  } finally {
    clearInterval(ticking);
    rmSync(aside, { recursive: true, force: true });
  }
}

function programOf(module: GoModule, names: readonly BinaryName[]): string {
  const name = names.find((each) => each in MODULES[module].packages);
  if (name === undefined) throw new Error(`${module} builds none of ${names.join(", ")}`);
  return name;
}

/** The folder with a module's own files, as Go fetched it. */
export async function moduleSource(module: GoModule): Promise<string> {
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", MODULES[module].path], {
    cwd: moduleFolder(module),
  });
  return stdout.trim();
}

async function gatherKwokStock(target: string): Promise<void> {
  const source = await moduleSource("kwok");
  const files = KWOK_STOCK_FILES.map((file) => readFileSync(join(source, "kustomize", file), "utf8"));
  writeFileSync(target, files.join("\n---\n"));
}

/** Runs `go` in a module's folder; its output goes to our stderr. */
async function go(module: GoModule, args: readonly string[]): Promise<void> {
  const child = spawn("go", args, {
    cwd: moduleFolder(module),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise<number | null>((settle, fail) =>
    child.on("error", fail).on("close", settle),
  );
  if (code !== 0) throw new Error(`go ${args[0]} of ${module} ended with ${code}`);
}

/** Waits until the file could be made by us alone; a lock of a process that is gone is taken over. */
async function lock(file: string): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(file, `${process.pid}`, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (trouble) {
      if ((trouble as NodeJS.ErrnoException).code !== "EEXIST") throw trouble;
    }
    const holder = Number(readFileSync(file, { encoding: "utf8", flag: "a+" }));
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
    else if (!told) say(`process ${holder} is building this; waiting for it`);
    await wait(500);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const say = (line: string): void => void process.stderr.write(`control plane: ${line}\n`);

if (import.meta.main) {
  const names = process.argv.slice(2) as BinaryName[];
  const found = await findControlPlane(names.length > 0 ? names : CONTROL_PLANE_FILES);
  if (found.kind === "missing") say(found.reason);
  else for (const [name, path] of Object.entries(found.binaries)) console.log(`${name}\t${path}`);
  process.exitCode = found.kind === "found" ? 0 : 1;
}
