/**
 * The two bases that the Dockerfile builds upon, for machines that reach no image registry: made of the pinned Node, the machine's
 * own npm and shell, and the libraries that these name. Node is where the published bases have it.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { librariesIn, NODE_PATH, packFolder, writeBase } from "../image/base.ts";
import { docker, type EngineEnvironment } from "./engine.ts";

export type Bases = Readonly<{ base: string; buildBase: string }>;

const LOCAL: Bases = { base: "plimsoll-test/base:1", buildBase: "plimsoll-test/build-base:1" };
/** Where Debian's images have the authorities that npm trusts. */
export const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
const NPM_FOLDER = "/usr/lib/node_modules/npm";

/** Makes both and gives them to the engine. */
export async function importBases(environment: EngineEnvironment): Promise<Bases> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bases-"));
  try {
    for (const [name, write, user] of [
      [LOCAL.base, writeBase, "65532"],
      [LOCAL.buildBase, writeBuildBase, "0"],
    ] as const) {
      const files = join(folder, `of-${user}`);
      write(files);
      packFolder(files, `${files}.tar`);
      await docker(environment, "import", "--change", `USER ${user}`, `${files}.tar`, name);
    }
    return LOCAL;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `npm ci` and `npm run build` need besides Node. */
function writeBuildBase(folder: string): void {
  writeBase(folder);
  for (const program of ["/bin/sh", "/usr/bin/env"]) copyProgram(folder, program);
  cpSync(npmFolder(), join(folder, NPM_FOLDER), { recursive: true, dereference: true });
  symlinkSync(NODE_PATH, join(folder, "usr/bin/node"));
  const npm = `#!/bin/sh\nexec ${NODE_PATH} ${NPM_FOLDER}/bin/npm-cli.js "$@"\n`;
  writeFileSync(join(folder, "usr/bin/npm"), npm, { mode: 0o755 });
  if (existsSync(AUTHORITIES)) copy(folder, AUTHORITIES);
}

function copyProgram(folder: string, program: string): void {
  const libraries = librariesIn(execFileSync("ldd", [program], { encoding: "utf8" }));
  for (const file of [program, ...libraries]) copy(folder, file);
}

/** To the same path; of a link what it leads to. */
function copy(folder: string, file: string): void {
  const target = join(folder, file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(realpathSync(file), target);
}

/** npm is a script in the `bin` folder of its package. */
function npmFolder(): string {
  const script = execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim();
  return dirname(dirname(realpathSync(script)));
}
