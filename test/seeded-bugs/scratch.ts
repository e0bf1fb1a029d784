/**
 * A copy of this project in a folder of its own, in which bugs come and go. The project itself is never touched.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bug } from "./bug.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** All that the trials need to run. */
const COPIED = [
  "src",
  "test",
  "crds",
  "generate",
  "docs",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
];

export type Scratch = Readonly<{
  /** Puts the bug in for as long as `work` lasts; throws when the patch does not fit the source any more. */
  withBug<T>(bug: Bug, work: () => Promise<T>): Promise<T>;
  /** Whether the suite is green, up to its first failure, with its output. */
  run(suite: string): Promise<Readonly<{ green: boolean; output: string }>>;
  remove(): void;
}>;

export function createScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-seeded-bugs-"));
  for (const each of COPIED) cpSync(join(root, each), join(folder, each), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    async withBug({ path }, work) {
      applyPatch(folder, path);
      try {
        return await work();
      } finally {
        applyPatch(folder, path, "--reverse");
      }
    },
    run: (suite) => runSuite(folder, suite),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Also for a mere look (`--check`): whether a patch fits. */
export function applyPatch(folder: string, path: string, ...options: string[]): void {
  execFileSync("git", ["apply", ...options, path], { cwd: folder, stdio: "pipe" });
}

function runSuite(folder: string, suite: string): ReturnType<Scratch["run"]> {
  const vitest = join(folder, "node_modules", ".bin", "vitest");
  const options = ["run", "--project", "trials", "--bail=1", "--maxWorkers=1", "--reporter=dot", suite];
  const child = spawn(vitest, options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const add = (piece: Buffer): void => void (output += piece.toString());
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  return new Promise((settle, fail) =>
    child.on("error", fail).on("close", (code) => settle({ green: code === 0, output })),
  );
}
