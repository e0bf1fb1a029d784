/**
 * The node's view of the machine. `unshare --mount … node mounts.ts FOLDER` runs in a mount namespace of its own, prepares it,
 * writes FOLDER/mounted, and stays: others enter by its id.
 *
 * Invariant: what containerd and the kubelet write outside of FOLDER goes into memory, and the kernel's settings stay as they are.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { MARK } from "./clean.ts";

/** Folders of the system that both write to. */
export const HIDDEN = ["/run", "/var/log", "/var/lib"];
/** The kubelet writes these unless they have its values already; so it finds files that do. */
const SETTINGS: Readonly<Record<string, string>> = {
  "/proc/sys/vm/overcommit_memory": "1",
  "/proc/sys/vm/panic_on_oom": "0",
  "/proc/sys/kernel/panic": "10",
  "/proc/sys/kernel/panic_on_oops": "1",
};

if (import.meta.main) {
  const [folder = ""] = process.argv.slice(2);
  mount("--make-rshared", "/");
  for (const hidden of HIDDEN) mount("-t", "tmpfs", "tmpfs", hidden);
  writeFileSync(MARK, folder);
  const settings = "/run/settings";
  mkdirSync(settings);
  for (const [setting, value] of Object.entries(SETTINGS)) {
    const file = join(settings, basename(setting));
    writeFileSync(file, `${value}\n`);
    mount("--bind", file, setting);
  }
  writeFileSync(join(folder, "mounted"), "");
  setInterval(() => undefined, 2 ** 30);
}

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: ["ignore", "ignore", "inherit"] });
}
