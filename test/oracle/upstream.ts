/**
 * The upstream programs, Kubernetes' own code and the VPA's: each built once into the user's cache under the hash of its sources, so a binary that is there is
 * right; and asked over its stdin, many questions under way at a time, answered in order.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Answers, Case } from "./case.ts";

const run = promisify(execFile);
/** Whose code, the folder of the program that calls it, and the module whose version counts. */
const PROGRAMS = {
  hpa: { folder: "upstream/", module: "k8s.io/kubernetes", name: "Kubernetes" },
  vpa: { folder: "vpa/", module: "k8s.io/autoscaler/vertical-pod-autoscaler", name: "VPA" },
} as const;
export type Whose = keyof typeof PROGRAMS;
const sourceOf = (whose: Whose): string => new URL(PROGRAMS[whose].folder, import.meta.url).pathname;
const GO_MINOR_MIN = 26;

export type Built =
  Readonly<{ kind: "built"; program: string }> | Readonly<{ kind: "missing"; reason: string }>;

/** The program, built when it is not there yet; `missing` says in a sentence what to do. */
export async function buildUpstream(whose: Whose = "hpa"): Promise<Built> {
  const source = sourceOf(whose);
  const program = programPath(whose);
  if (existsSync(program)) return { kind: "built", program };
  const trouble = await troubleWithGo(source);
  if (trouble !== undefined) return { kind: "missing", reason: trouble };
  mkdirSync(dirname(program), { recursive: true });
  const aside = `${program}.${process.pid}`;
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" };
  await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", aside, "."], { cwd: source, env });
  renameSync(aside, program); // two that build at once leave the same program
  return { kind: "built", program };
}

/** The release that answers, such as `Kubernetes v1.36.3`. */
export function upstreamVersion(whose: Whose = "hpa"): string {
  const { module, name } = PROGRAMS[whose];
  const line = readFileSync(join(sourceOf(whose), "go.mod"), "utf8")
    .split("\n")
    .find((one) => one.includes(`${module} v`));
  const version = /v\d\S*$/.exec(line?.trim() ?? "")?.[0];
  if (version === undefined) throw new Error(`go.mod names no version of ${module}`);
  return `${name} ${version}`;
}

function programPath(whose: Whose): string {
  const source = sourceOf(whose);
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const file of readdirSync(source).toSorted())
    hash.update(file).update(readFileSync(join(source, file)));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "plimsoll", "oracle", `${whose}-${hash.digest("hex").slice(0, 12)}`);
}

async function troubleWithGo(source: string): Promise<string | undefined> {
  const need = `Go 1.${GO_MINOR_MIN} or newer builds the oracle`;
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"], { cwd: source });
    const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
    return minor >= GO_MINOR_MIN ? undefined : `${need}, and here is ${stdout.trim()}`;
  } catch {
    return `${need}, and there is none on PATH`;
  }
}

export type Upstream = Readonly<{
  ask<Kind extends Case["kind"]>(kind: Kind, asked: unknown): Promise<Answers[Kind]>;
  close(): void;
}>;

type Waiting = Readonly<{ settle(answer: never): void; fail(trouble: Error): void }>;

export function startUpstream(program: string): Upstream {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting: Waiting[] = [];
  let lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) =>
    waiting.shift()?.settle(JSON.parse(line) as never),
  );
  child.on("close", (code) => {
    for (const { fail } of waiting.splice(0)) fail(new Error(`the upstream program ended with ${code}`));
  });
  child.stdin.on("error", () => undefined); // its end is told by "close"
  const flush = (): void => {
    child.stdin.write(`${lines.join("\n")}\n`);
    lines = [];
  };
  return {
    ask: (kind, asked) =>
      new Promise((settle, fail) => {
        if (lines.length === 0) setImmediate(flush);
        lines.push(JSON.stringify({ [kind]: asked }));
        waiting.push({ settle, fail });
      }),
    close: () => child.stdin.end(),
  };
}
