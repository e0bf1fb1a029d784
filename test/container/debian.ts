/**
 * Docker's engine out of Debian's packages, unpacked into the user's cache: nothing is installed, no package's script runs, and apt's
 * own lists stay as they are. A folder in the cache is always complete: it is filled aside and renamed.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { userCache } from "../control-plane/binaries.ts";

const run = promisify(execFile);

export type Unpacked =
  Readonly<{ kind: "unpacked"; folder: string }> | Readonly<{ kind: "missing"; reason: string }>;

/** A package with all that it depends on and that is not installed here, as a folder like `/`. */
export async function unpackedPackage(name: string): Promise<Unpacked> {
  if (!existsSync("/usr/bin/apt-get")) return { kind: "missing", reason: "this is no Debian" };
  const folder = join(userCache(), "packages", `${name}-${releaseName()}-${process.arch}`);
  try {
    if (!existsSync(folder)) await unpackInto(folder, name);
    return { kind: "unpacked", folder };
  } catch (trouble) {
    return { kind: "missing", reason: `apt does not bring ${name}: ${String(trouble)}` };
  }
}

async function unpackInto(folder: string, name: string): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  const at = (path: string): string => join(aside, path);
  try {
    for (const path of ["lists/partial", "archives/partial", "root"])
      mkdirSync(at(path), { recursive: true });
    await download(name, aside);
    const packages = readdirSync(at("archives")).filter((file) => file.endsWith(".deb"));
    if (packages.length === 0) throw new Error("it is installed already, and yet it does not run");
    for (const file of packages) await run("dpkg", ["-x", at(join("archives", file)), at("root")]);
    // whoever was quicker has made the same
    if (!existsSync(folder)) renameSync(at("root"), folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** With the machine's lists of packages, or where those are missing or too old, with lists of our own. */
async function download(name: string, aside: string): Promise<void> {
  const set = (...values: string[]): string[] => values.flatMap((value) => ["-o", value]);
  // nothing is installed, so whoever installs something is not in the way; and the folder is ours, not apt's
  const ours = set(
    `Dir::Cache::Archives=${aside}/archives/`,
    "Debug::NoLocking=true",
    "APT::Sandbox::User=root",
  );
  const install = ["install", "--download-only", "--yes", "--quiet", "--no-install-recommends", name];
  try {
    await run("apt-get", [...ours, ...install]);
  } catch {
    const lists = set(`Dir::State::Lists=${aside}/lists/`);
    await run("apt-get", [...ours, ...lists, "update", "--quiet"]);
    await run("apt-get", [...ours, ...lists, ...install]);
  }
}

/** Such as `bookworm`: libraries of one release are not for another. */
const releaseName = (): string =>
  /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unnamed";
