/**
 * containerd, runc and the loopback plugin from the distribution: downloaded and unpacked into the user's cache, nothing is
 * installed. A folder there is always complete: it is filled aside and renamed.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { userCache } from "../../control-plane/binaries.ts";

const run = promisify(execFile);

const PACKAGES = ["containerd", "runc", "containernetworking-plugins"];
/** Where the packages put what we start. */
const PLACES = {
  containerd: "usr/bin/containerd",
  ctr: "usr/bin/ctr",
  runc: "usr/sbin/runc",
  cni: "usr/lib/cni",
};
/** It need not be the user of apt who writes: the folder is ours. */
const AS_US = ["-q", "-o", "APT::Sandbox::User=root"];

/** Paths. `cni` is the folder of the plugins; `search` is what PATH needs so that containerd finds the rest. */
export type Runtime = Readonly<Record<keyof typeof PLACES, string> & { search: string }>;

/** Rejects with apt's own words where the packages cannot be had. */
export async function fetchRuntime(): Promise<Runtime> {
  const folder = join(userCache(), "node-runtime", `${release()}-${process.arch}`);
  if (!existsSync(folder)) await fetchInto(folder);
  const path = (name: keyof typeof PLACES): string => join(folder, PLACES[name]);
  const search = [join(folder, "usr/bin"), join(folder, "usr/sbin")].join(":");
  return { containerd: path("containerd"), ctr: path("ctr"), runc: path("runc"), cni: path("cni"), search };
}

async function fetchInto(folder: string): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  const at = (name: string): string => join(aside, name);
  try {
    for (const name of ["packages", "unpacked", "lists/partial", "archives/partial"])
      mkdirSync(at(name), { recursive: true });
    await download(at("packages"), aside);
    for (const file of readdirSync(at("packages")))
      await run("dpkg", ["-x", join(at("packages"), file), at("unpacked")]);
    for (const place of Object.values(PLACES))
      if (!existsSync(join(at("unpacked"), place))) throw new Error(`the packages hold no ${place}`);
    if (!existsSync(folder)) renameSync(at("unpacked"), folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** With the machine's lists of packages, or where those are missing or too old, with lists of our own. */
async function download(cwd: string, aside: string): Promise<void> {
  const apt = (...args: string[]) => run("apt-get", [...AS_US, ...args], { cwd });
  try {
    await apt("download", ...PACKAGES);
  } catch {
    const own = ["-o", `Dir::State::Lists=${aside}/lists`, "-o", `Dir::Cache=${aside}`];
    await apt(...own, "update");
    await apt(...own, "download", ...PACKAGES);
  }
}

/** Such as `debian-12`. */
function release(): string {
  const text = readFileSync("/etc/os-release", "utf8");
  const field = (name: string): string =>
    new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "unknown";
  return `${field("ID")}-${field("VERSION_ID")}`;
}
